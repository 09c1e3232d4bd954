"""What an administrative document says, apart from how it looks (Nghị định 30/2020/NĐ-CP, Phụ lục I)."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")

BLANK = "\N{NO-BREAK SPACE}" * 7
"""Room left for what the clerk fills in."""

_NOT_PRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BEFORE_PLACE = re.compile(r"\s+(?=(?:PHƯỜNG|XÃ|ĐẶC KHU|THÀNH PHỐ)\s)")
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_ENVELOPE = ("number", "issued", "year")
"""What comes after the leader's signature, and so isn't part of what is countersigned."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading, the number written out: 1 = "I. …", 2 = "1. …", 3 = "a) …"."""

    level: int
    text: str

    def __post_init__(self) -> None:
        if self.level not in (1, 2, 3):
            raise ValueError(f"Heading level {self.level} is not 1, 2 or 3")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; a line break begins another paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class BulletList:
    """Items that each begin with a dash."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table whose header is repeated on each page."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Each row has a cell per header, or a single cell that spans the table (a group's title)."""
    widths: tuple[float, ...]
    """Widths of the columns, relative to each other."""
    centred: tuple[int, ...] = ()
    """Columns whose text stands in the middle, counted from 0."""

    def __post_init__(self) -> None:
        columns = len(self.headers)
        if len(self.widths) != columns or any(len(row) not in (1, columns) for row in self.rows):
            raise ValueError(
                f"A table of {columns} columns needs {columns} widths, and {columns} cells or one in a row"
            )


Block = Heading | Paragraph | BulletList | Table


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, and by what authority."""

    authority: str
    """"TM. ỦY BAN NHÂN DÂN"; a vice chair's second line "KT. CHỦ TỊCH" follows after a line break."""
    title: str
    name: str


@dataclass(frozen=True, slots=True)
class Appendix:
    """Pages of their own after the signature, numbered from 1 again."""

    title: str
    body: tuple[Block, ...]
    landscape: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrativeDocument:
    """A document of a People's Committee, before or after it has its number and date."""

    issuing_agency: str
    """As in running text, "Ủy ban nhân dân phường …"; the head of the page prints it in capitals."""
    code: str
    """What follows the number's stroke: "BC-UBND"; for a letter "UBND-VHXH"."""
    place: str
    subject: str
    signer: Signer
    recipients: tuple[str, ...]
    """The lines of "Nơi nhận", without dashes; the last one is "Lưu: VT, VHXH"."""
    body: tuple[Block, ...]
    type_name: str | None = None
    """"BÁO CÁO"; None for an official letter, whose subject stands under its number."""
    addressees: tuple[str, ...] = ()
    """Who stands after "Kính gửi", on what goes upward or out."""
    appendices: tuple[Appendix, ...] = ()
    number: int | None = None
    issued: date | None = None
    year: int | None = None
    """Printed while the date is blank."""

    @property
    def agency_lines(self) -> tuple[str, ...]:
        """The issuing agency in capitals, the ward on a line of its own."""
        return tuple(_BEFORE_PLACE.split(self.issuing_agency.upper(), maxsplit=1))

    @property
    def number_line(self) -> str:
        """ "Số: 05/BC-UBND"; blank before issue."""
        number = f" {self.number:02d}" if self.number is not None else BLANK
        return f"Số:{number}/{self.code}"

    @property
    def date_phrase(self) -> str:
        """ "ngày 05 tháng 12 năm 2026", days and months as the decree pads them; blank before issue."""
        if self.issued is None:
            return f"ngày{BLANK}tháng{BLANK}năm {self.year or BLANK}"
        return long_date(self.issued)

    @property
    def accompanying(self) -> str:
        """The line under an appendix's title that says which document it belongs to."""
        kind = self.type_name.capitalize() if self.type_name else "Công văn"
        number = self.number_line.removeprefix("Số:").strip(" ")
        return f"(Kèm theo {kind} số {number} {self.date_phrase} của {self.issuing_agency})"


def long_date(day: date) -> str:
    """A date in words; days below 10 and the months 1 and 2 get a zero."""
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def appendix_label(index: int, count: int) -> str:
    """ "Phụ lục", numbered in Roman where there are several."""
    return "Phụ lục" if count == 1 else f"Phụ lục {roman(index + 1)}"


def roman(number: int) -> str:
    """A small number in Roman numerals."""
    text = ""
    for value, sign in _ROMAN:
        text += sign * (number // value)
        number %= value
    return text


def cleaned(value: T) -> T:
    """The same value with all text composed (NFC) and free of characters that no page can show."""
    return _cleaned(value)  # type: ignore[no-any-return]


def _cleaned(value: Any) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        plain = (
            str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        )  # str: text marked as safe HTML is text here
        return _NOT_PRINTABLE.sub("", unicodedata.normalize("NFC", plain))
    if isinstance(value, tuple):
        return tuple(_cleaned(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: _cleaned(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **changed)
    return value


def content_hash(document: AdministrativeDocument) -> str:
    """SHA-256, in hex, of everything that is countersigned: all but number and date."""
    facts = _facts(cleaned(document))
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _facts(value: Any) -> Any:
    """Plain data with the kind of each part; defaults are left out, so that a field added later changes no old hash."""
    if isinstance(value, tuple):
        return [_facts(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    facts: Mapping[str, Any] = {
        field.name: _facts(getattr(value, field.name))
        for field in dataclasses.fields(value)
        if field.name not in _ENVELOPE and getattr(value, field.name) != field.default
    }
    return {"kind": type(value).__name__, **facts}


def lines(text: str) -> list[str]:
    """The lines of a text that hold something, without space around them."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def blocks_of(text: str) -> tuple[Block, ...]:
    """Text as a person types it: lines with a dash are items of a list, the others paragraphs."""
    blocks: list[Block] = []
    for line in lines(text):
        item = re.fullmatch(r"[-–•+]\s+(.+)", line)
        if item is None:
            blocks.append(Paragraph(line))
        elif blocks and isinstance(last := blocks[-1], BulletList):
            blocks[-1] = BulletList((*last.items, item[1]))
        else:
            blocks.append(BulletList((item[1],)))
    return tuple(blocks)
