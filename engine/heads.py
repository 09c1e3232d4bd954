"""The ends of all streams in a file: kept elsewhere, it shows later that nothing was cut off or rewritten since."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast
from uuid import UUID, uuid4

from engine.audit import Head
from engine.errors import Rejected

TITLE = "quytrinh heads"


class HeadsUnreadable(Rejected):
    message = "Tệp đầu chuỗi không đọc được: không phải tệp do “quytrinh audit heads” xuất ra, hoặc không còn nguyên."


class HeadTamperedWith(Rejected):
    message = (
        "Một đầu chuỗi trong cơ sở dữ liệu đã bị sửa nên không xuất được. Chạy “quytrinh audit verify” để biết chỗ."
    )


def export_heads(heads: Iterable[Head], file: Path, at: datetime) -> int:
    """Write the heads, compressed where the name ends in `.gz`; in a file there whole or not at all. Return how many.

    One line for each stream, by id, with its sequence and hash; the last line counts and sums up the others.

    Raises HeadTamperedWith, OSError.
    """
    if file.exists() and not file.is_file():  # A pipe or a device takes them as they come: it is not replaced.
        with _opened(file, "wt", file.suffix) as out:
            return _write(out, heads, at)
    beside = file.with_name(f"{file.name}.{uuid4().hex}")
    try:
        with _opened(beside, "wt", file.suffix) as out:
            count = _write(out, heads, at)
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return count


def _write(out: IO[str], heads: Iterable[Head], at: datetime) -> int:
    digest, count = hashlib.sha256(), 0
    out.write(f"# {TITLE} {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n")
    for head in heads:
        if not isinstance(head.sequence, int) or not isinstance(head.hash, bytes):
            raise HeadTamperedWith  # SQLite lets whoever opens its file write anything anywhere.
        line = f"{head.stream} {head.sequence} {head.hash.hex()}\n"
        digest.update(line.encode())
        count += 1
        out.write(line)
    out.write(f"# {count} {digest.hexdigest()}\n")
    return count


def read_heads(file: Path) -> Iterator[Head]:
    """The heads of a file, one after another. Raises HeadsUnreadable; OSError where it can't be opened."""
    with _opened(file, "rt", file.suffix) as lines:
        try:
            yield from _read(lines)
        except (OSError, EOFError, ValueError, zlib.error) as fault:
            raise HeadsUnreadable from fault


def _read(lines: Iterable[str]) -> Iterator[Head]:
    """Raises ValueError where a line is none of ours, out of order, missing or added."""
    digest, count, last, title = hashlib.sha256(), 0, UUID(int=0), False
    for line in lines:
        if line.startswith("#"):
            if title:
                _require(line == f"# {count} {digest.hexdigest()}\n")
                return
            title = TITLE in line
            continue
        stream, sequence, link = line.split()
        head = Head(UUID(stream), int(sequence), bytes.fromhex(link))
        _require(title and head.stream > last)
        digest.update(line.encode())
        count, last = count + 1, head.stream
        yield head
    raise ValueError("no last line")


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("not as it was written")


def _opened(path: Path, mode: str, suffix: str) -> IO[str]:
    return cast(IO[str], gzip.open(path, mode) if suffix == ".gz" else path.open(mode))


def keep_newest(folder: Path, most: int) -> None:
    """Remove the oldest daily files beyond so many."""
    for old in sorted(folder.glob("*.heads.gz"))[:-most]:
        with suppress(FileNotFoundError):
            old.unlink()
