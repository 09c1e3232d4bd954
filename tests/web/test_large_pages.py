"""What a process has loaded moves into large pages and stays what it was."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import re
from pathlib import Path
from webapp.large_pages import move_into_large_pages

def in_large_pages():
    return int(re.findall(r"AnonHugePages: +(\\d+)", Path("/proc/self/smaps_rollup").read_text())[0])

loaded = [bytes([n % 251]) * 1000 for n in range(30_000)]
before = in_large_pages()
move_into_large_pages()
assert all(text == bytes([n % 251]) * 1000 for n, text in enumerate(loaded))
print(in_large_pages() - before)
"""


def _can_collapse() -> bool:
    """Whether this is Linux from 6.1 on, with large pages."""
    version = re.match(
        r"(\d+)\.(\d+)", Path("/proc/sys/kernel/osrelease").read_text() if sys.platform == "linux" else ""
    )
    there = Path("/sys/kernel/mm/transparent_hugepage").exists() and Path("/proc/self/smaps_rollup").exists()
    return there and version is not None and (int(version[1]), int(version[2])) >= (6, 1)


@pytest.mark.skipif(not _can_collapse(), reason="this kernel has no MADV_COLLAPSE")
def test_what_is_loaded_moves_into_large_pages_unchanged() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 0
