"""What tests of the diagram editor's modules ask for."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """What the modules make of something, as Node loads them: `ask("reminders", texts)`."""
    script = Path(__file__).with_name("editor.mjs")
    pipe = subprocess.PIPE
    with subprocess.Popen(["node", script], stdin=pipe, stdout=pipe, text=True, encoding="utf-8") as node:

        def answer(what: str, given: object = None) -> Any:
            node.stdin.write(json.dumps([what, given]) + "\n")
            node.stdin.flush()
            return json.loads(node.stdout.readline())

        yield answer
        node.stdin.close()
