"""Headings of groups of tasks: Roman numerals, letters or numbers, in a column of their own or before the title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from webapp.plans.reading.wording import fold, is_shouted, one_line


class Numbering(StrEnum):
    """How a heading is numbered."""

    LETTER = "letter"
    ROMAN = "roman"
    NUMBER = "number"
    DOTTED = "dotted"  # 1.1, below a number
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's number, as a value and as written, and its title."""

    numbering: Numbering
    value: int
    label: str
    title: str


_VALUES: Final = {"I": 1, "V": 5, "X": 10}
_TENS: Final = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_MISREAD: Final = str.maketrans("l|1İІХ", "IIIIIX")  # what optical reading makes of I and X

_PREFIX = r"(?:(?:Mục|Phần|Nhóm|Nhóm nhiệm vụ)\s+)?"
_LABEL_ONLY = re.compile(rf"^{_PREFIX}\(?([IVXl|1İІХ]{{1,7}}|[A-H]|\d{{1,2}})\s*[.):/]?$")
_WITH_TITLE = re.compile(
    rf"^{_PREFIX}([IVXl|İІХ][IVXl|1İІХ]{{0,6}}|[A-H]|\d{{1,2}})(\s*[.):/]\s*|\s+[-–]\s+|\s+)(.+)$",
    re.DOTALL,
)
_LETTERS: Final = "ABCDEFGH"
_GROUP_WORDING = re.compile(r"(nhom|ve|linh vuc|cong tac|nhiem vu trong tam|cac nhiem vu)\b")


def roman(value: int) -> str:
    """A number of at most 39 in Roman numerals."""
    written = ""
    for size, sign in _TENS:
        written += sign * (value // size)
        value %= size
    return written


def roman_value(text: str) -> int | None:
    """The value of a Roman numeral up to XXXIX, also with l, | or 1 read for I; None for anything else."""
    if not text or text.isdigit():
        return None
    numeral = text.translate(_MISREAD)
    if not set(numeral) <= set(_VALUES):
        return None
    values = [_VALUES[sign] for sign in numeral]
    pairs = zip(values, [*values[1:], 0], strict=True)
    total = sum(-value if value < following else value for value, following in pairs)
    return total if 0 < total < 40 and roman(total) == numeral else None


def heading_from(label: str, title: str) -> Heading | None:
    """The heading of a row that has its number in one cell and its title in another."""
    found = _LABEL_ONLY.match(label)
    return _heading(found[1], title) if found and title else None


def heading_in(text: str) -> Heading | None:
    """The heading written in one piece, "I. TITLE"; one in capitals needs no number."""
    flat = one_line(text)
    if (found := _WITH_TITLE.match(flat)) and (found[2].strip() or _is_bare_numeral(found[1], found[3])):
        heading = _heading(found[1], found[3])
        if heading and any(map(str.isalpha, heading.title)):  # "2.1" is a row's number
            return heading
    return Heading(Numbering.NONE, 0, "", flat) if is_shouted(flat) else None


def _is_bare_numeral(label: str, title: str) -> bool:
    """Whether "IV Về …" is meant, a numeral without its point."""
    return roman_value(label) is not None and title[0].isupper()


def _heading(label: str, title: str) -> Heading | None:
    title = one_line(title).strip()
    if label.isdigit():
        return Heading(Numbering.NUMBER, int(label), label, title)
    if (value := roman_value(label)) is not None:
        return Heading(Numbering.ROMAN, value, roman(value), title)
    position = _LETTERS.find(label) + 1
    return Heading(Numbering.LETTER, position, label, title) if position else None


def same_title(one: str, other: str) -> bool:
    """Whether a heading is only repeated, on the next page, whole or cut off."""
    first, second = (fold(title).removesuffix(" tiep theo").removesuffix(" tiep") for title in (one, other))
    shorter, longer = sorted((first, second), key=len)
    return first == second or (len(shorter) >= 12 and longer.startswith(shorter))


def opens_group_by_wording(title: str) -> bool:
    """Whether a title reads as that of a group: "Nhóm nhiệm vụ …", "Về …", or capitals."""
    return is_shouted(title) or (title[:1].isupper() and bool(_GROUP_WORDING.match(fold(title))))
