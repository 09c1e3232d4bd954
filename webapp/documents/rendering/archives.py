"""Zip files whose bytes depend on their content alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip entry can bear; the real one would make equal content unequal."""


def archive(files: Mapping[str, bytes]) -> bytes:
    """The named files as one zip, in the order given."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, content in files.items():
            target.writestr(_entry(name), content, compresslevel=6)
    return buffer.getvalue()


def rearchived(data: bytes) -> bytes:
    """The same zip without the moment of its making."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        return archive({entry.filename: source.read(entry) for entry in source.infolist()})


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    return entry
