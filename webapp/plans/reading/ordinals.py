"""Numbers of tasks: 3, 3.6, 01, a), and what stands before a text."""

from __future__ import annotations

import re
from typing import Final

BULLETS: Final = frozenset("-–+*•")

_ORDINAL = re.compile(r"^\(?\s*((?:\d{1,3}|[IVX]{1,6})(?:\.(?:\d{1,3}|[a-zđ]))*|[ivx]{1,5}|[a-zđ]\d?)\s*[.):/]*$")
_BROKEN = re.compile(r"^(?:[IVX]+(?:\s+[IVX]+)+|\d(?:\s+\d)+|\d+\s*\.\s*\d+)\s*[.)]?$")
_CODE = re.compile(r"^(?=\S{1,12}$)\S*\d")
_BEFORE_TEXT = re.compile(
    r"^(\d{1,3}(?:\.\d{1,3})+(?=\s)|\d{1,3}(?:\.\d{1,3})*(?=.{4}))(?!\.?\d)\s*(?:[.):]\s*|\s)(\S.*)$", re.DOTALL
)
_SURE_BEFORE_TEXT = re.compile(r"^(\d{1,3}(?:\.\d{1,3})+[.)]?|\d{1,3}[.)])\s+(.{4,})$", re.DOTALL)


def marks_row(text: str) -> bool:
    """Whether a cell holds what stands in the column of numbers: a number, a bullet, a code like NV-01."""
    return text in BULLETS or bool(_ORDINAL.match(text) or _CODE.match(text))


def unbroken(text: str) -> str:
    """The number of a column so narrow that it wraps inside numbers: "II I" for III, "1 2" for 12."""
    return "".join(text.split()) if _BROKEN.match(text) else text


def read_ordinal(text: str) -> str:
    """The number in a cell without its point or bracket, "" when the cell holds none."""
    found = _ORDINAL.match(text)
    return found[1] if found else ""


def parted(text: str, *, sure: bool) -> tuple[str, str]:
    """A number and the text after it, in one cell; `sure` asks for a point or a bracket, so "50 hồ sơ" stays whole."""
    found = (_SURE_BEFORE_TEXT if sure else _BEFORE_TEXT).match(text)
    return (found[1].rstrip(".)"), found[2]) if found else ("", text)


def figures(ordinal: str) -> tuple[int, ...]:
    """The numbers of an ordinal: (3, 6) for 3.6; none where it has a letter."""
    parts = ordinal.split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else ()
