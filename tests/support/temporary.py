"""What tests write lies in memory where it has room: it is thousands of small databases, and nothing of them is kept.

`TMPDIR=/tmp pytest …` keeps it on disk, to be looked at afterwards.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ROOM = 6 << 30
"""Far more than the whole run takes."""
MADE = pytest.StashKey[Path]()


def has_room() -> bool:
    return MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM


def pytest_configure(config: pytest.Config) -> None:
    """Before the first folder is made. Processes that this one starts find it named, those of xdist too."""
    if "TMPDIR" in os.environ or not has_room():
        return
    folder = Path(tempfile.mkdtemp(prefix="quytrinh-tests-", dir=MEMORY))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own.
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    config.stash[MADE] = folder


def pytest_unconfigure(config: pytest.Config) -> None:
    """When all is over, by whoever made it."""
    if MADE in config.stash:
        shutil.rmtree(config.stash[MADE], ignore_errors=True)
