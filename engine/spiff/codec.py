"""Bytes for what is stored: JSON, compressed, with a byte that says how."""

import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
import zstandard

ZSTD_JSON = b"\x01"
LEVEL = 3
MOST_BYTES = 16 * 1024 * 1024
"""Of expanded JSON; a state is some kilobytes."""
TAGS = ("$date", "$datetime", "$decimal")

_local = threading.local()  # zstandard's objects must not be shared between threads


class CodecError(Exception):
    """The bytes were not written by this codec, or hold more than they may."""


def encode(value: object) -> bytes:
    """Dates and decimals keep their type, and mappings the order of their keys. Raises CodecError."""
    try:
        text = orjson.dumps(value, default=_tagged, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except (TypeError, RecursionError) as fault:
        raise CodecError(str(fault)) from fault
    if len(text) > MOST_BYTES:
        raise CodecError("too large")
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=LEVEL)
    return ZSTD_JSON + bytes(_local.compressor.compress(text))


def decode(stored: bytes) -> Any:
    """What `encode` was given. Raises CodecError."""
    if stored[:1] != ZSTD_JSON:
        raise CodecError("unknown codec")
    text = _expand(stored[1:])
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise CodecError(str(fault)) from fault
    return untagged(value) if b'"$' in text else value


def to_text(value: object) -> str:
    """JSON in which dates and decimals keep their type."""
    return orjson.dumps(value, default=_tagged, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def from_text(text: str) -> Any:
    """What `to_text` was given."""
    return untagged(orjson.loads(text))


def _expand(data: bytes) -> bytes:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    try:
        if zstandard.frame_content_size(data) not in range(MOST_BYTES + 1):
            raise CodecError("too large")
        return bytes(_local.decompressor.decompress(data))
    except zstandard.ZstdError as fault:
        raise CodecError(str(fault)) from fault


def _tagged(value: object) -> object:
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} can't be stored")


def untagged(value: Any) -> Any:
    """The value with its dates and decimals restored."""
    if isinstance(value, dict):
        return (
            _restored(value)
            if len(value) == 1 and next(iter(value)) in TAGS
            else {k: untagged(v) for k, v in value.items()}
        )
    return [untagged(item) for item in value] if isinstance(value, list) else value


def _restored(value: dict[str, Any]) -> object:
    ((tag, text),) = value.items()
    restore: dict[str, Callable[[str], object]] = {
        "$date": date.fromisoformat, "$datetime": datetime.fromisoformat, "$decimal": Decimal,
    }  # fmt: skip
    try:
        return restore[tag](text)
    except (ArithmeticError, TypeError, ValueError):
        return value  # Data that only looks like a tag.
