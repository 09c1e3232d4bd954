"""Files opened in a process of their own: what they make it use ends with it, whatever is in them."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import PurePath
from typing import Any, BinaryIO, Final

import orjson

from webapp.plans.reading.blocks import Block, Cell, Paragraph, Place, PlanUnreadable, Row, Source
from webapp.plans.reading.files import LARGEST_FILE, Progress, read_file

LARGEST_MEMORY: Final = 1024 * 1024 * 1024  # bytes of address space
LONGEST: Final = 110.0  # seconds: a job's lease is two minutes
OPENED_APART: Final = (".docx", ".xlsx", ".pdf")  # of text, decoding and splitting lines is all there is to it

_TOO_MUCH: Final = (
    "Tệp quá nặng hoặc bị hỏng nên không đọc xong. Hãy chỉ gửi phần kế hoạch và phụ lục, hoặc dùng bản .docx."
)


def read_file_apart(name: str, data: bytes, progress: Progress = lambda done, of: None) -> Source:
    """The blocks of a file, read by a process with bounds on its memory and time; pages are told as they are read.

    Raises PlanUnreadable, as `read_file` does.
    """
    ending = PurePath(name.strip()).suffix.lower()
    if ending not in OPENED_APART or len(data) > LARGEST_FILE or not data:
        return read_file(name, data)
    command = [sys.executable, "-m", "webapp.plans.reading", ending]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()) as child:  # noqa: S603
        timer = threading.Timer(LONGEST, child.kill)
        timer.start()
        try:
            return _answer(child, data, progress)
        finally:
            timer.cancel()
            child.kill()


def _environment() -> dict[str, str]:
    """Nothing of the server's secrets."""
    kept = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONSAFEPATH": ""}


def _answer(child: subprocess.Popen[bytes], data: bytes, progress: Progress) -> Source:
    assert child.stdin is not None and child.stdout is not None
    try:
        child.stdin.write(data)
        child.stdin.close()
    except BrokenPipeError:
        raise PlanUnreadable(_TOO_MUCH) from None
    for line in child.stdout:
        told = orjson.loads(line)
        if "refused" in told:
            raise PlanUnreadable(told["refused"])
        if "kind" in told:
            return _source(told)
        progress(told["done"], told["of"])
    raise PlanUnreadable(_TOO_MUCH)


def _told(source: Source) -> dict[str, Any]:
    blocks = [_of_row(block) if isinstance(block, Row) else _of_paragraph(block) for block in source.blocks]
    return {"kind": source.kind, "blocks": blocks, "warnings": source.warnings, "footnotes": source.footnotes}


def _of_row(row: Row) -> list[Any]:
    cells = [[cell.text, cell.start, cell.end, cell.above] for cell in row.cells]
    return [row.place.to_json(), row.raw, row.adjacent, cells, row.doubt]


def _of_paragraph(paragraph: Paragraph) -> list[Any]:
    return [paragraph.place.to_json(), paragraph.raw, paragraph.adjacent, paragraph.text, False]


def _source(told: dict[str, Any]) -> Source:
    return Source(told["kind"], tuple(map(_block, told["blocks"])), tuple(told["warnings"]), tuple(told["footnotes"]))


def _block(told: list[Any]) -> Block:
    place, raw, adjacent, held, doubt = told
    if isinstance(held, str):
        return Paragraph(held, Place(**place), raw, adjacent)
    return Row(tuple(Cell(*cell) for cell in held), Place(**place), raw, adjacent, doubt)


def serve(name: str, given: BinaryIO, out: BinaryIO) -> None:
    """The child: read the file given to it, tell its pages, then its blocks or why not."""
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(LONGEST), int(LONGEST)))
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))  # Not the core alone on which pages are answered.

    def tell(told: dict[str, Any]) -> None:
        out.write(orjson.dumps(told) + b"\n")
        out.flush()

    try:
        tell(_told(read_file(name, given.read(), lambda done, of: tell({"done": done, "of": of}))))
    except PlanUnreadable as refusal:
        tell({"refused": refusal.message})
    except MemoryError:
        tell({"refused": _TOO_MUCH})
