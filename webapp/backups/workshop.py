"""A folder beside what is made, for the copies that are needed on the way."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".quytrinh-"


@contextmanager
def workshop(place: Path) -> Iterator[Path]:
    """The folder, gone at the end. What runs that were killed have left at that place goes first."""
    for left in place.glob(f"{PREFIX}*"):
        with suppress(OSError), _held(left):
            if any(left.iterdir()):  # An empty one may be somebody's who has not said so yet.
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(dir=place, prefix=PREFIX) as folder, _held(Path(folder)):
        yield Path(folder)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Until the end, or the death, of whoever holds it. Raises BlockingIOError where somebody else does."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(held)
