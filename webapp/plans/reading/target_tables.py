"""Tables of targets: a column that names them, their unit, what was reached, what is to be reached by which year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from webapp.plans.reading.blocks import Row
from webapp.plans.reading.columns import LONGEST_HEADING, is_of_heading_words
from webapp.plans.reading.targets import Indicator
from webapp.plans.reading.units import is_vague
from webapp.plans.reading.wording import fold, one_line

_NAME = re.compile(r"chi tieu|muc tieu")
_UNIT = re.compile(r"don vi tinh|^dvt$|don vi do")
_REACHED = re.compile(r"thuc hien|hien trang|ket qua|uoc|so lieu|nam goc|da dat")
_AIMED = re.compile(r"ke hoach|chi tieu|muc tieu|phan dau|giao|den nam|gia tri|20\d\d|can dat")
_OWNER = re.compile(r"theo doi|chu tri|phu trach|chiu trach nhiem|don vi thuc hien|co quan thuc hien|tong hop")
_DIVIDES = re.compile(r"^(?:(?:thuc hien|uoc|ke hoach|chi tieu|muc tieu|den|nam)\s*)*(?:20\d\d)?$")
_YEAR = re.compile(r"20\d\d")
_VALUE = re.compile(
    r"^(?P<sign>≥|>=|≤|<=|>|<|trên|dưới|tối thiểu|ít nhất|tối đa|không quá|khoảng|từ)?\s*(?:đạt\s*)?"
    r"(?P<value>\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?)\s*(?P<percent>%)?"
    r"(?:\s*(?:-|–|đến)\s*(?P<most>\d+(?:[.,]\d+)?)\s*%?)?(?:\s*trở (?P<way>lên|xuống))?$",
    re.IGNORECASE,
)
_SIGNS: Final = {
    "≥": "at_least", ">=": "at_least", "tối thiểu": "at_least", "ít nhất": "at_least", "từ": "at_least",
    "≤": "at_most", "<=": "at_most", "tối đa": "at_most", "không quá": "at_most", ">": "more_than", "trên": "more_than",
    "<": "less_than", "dưới": "less_than", "khoảng": "about",
}  # fmt: skip


# Nothing but words that headings of targets are made of, beside those of other headings.
_HEADING_WORD = re.compile(
    r"^(?:tinh|dvt|hien|trang|uoc|ke|hoach|phan|dau|den|nam|gia|tri|lieu|goc|can|da|danh|doi|don|doc|20\d\d)$"
)


@dataclass(frozen=True, slots=True)
class TargetColumns:
    """Which column of a table of targets holds what, by position in its grid."""

    name: int
    unit: int
    owner: int | None
    reached: tuple[tuple[int, int | None], ...]  # with the year
    aimed: tuple[tuple[int, int | None], ...]


def target_columns(row: Row, below: Row | None) -> tuple[TargetColumns, int] | None:
    """The columns that a header of targets names, and how many rows it takes; None for any other row."""
    single = _columns(row, {cell.start: fold(cell.text) for cell in row.filled})
    if below is None or not below.filled or not all(_DIVIDES.match(fold(cell.text)) for cell in below.filled):
        return (single, 1) if single else None
    heads = {cell.start: fold(cell.text) for cell in row.filled}
    for cell in below.filled:
        above = [upper.text for upper in row.filled if upper.start < cell.end and cell.start < upper.end]
        heads[cell.start] = fold(" ".join([*above, cell.text]))
    both = _columns(row, heads)
    return (both, 2) if both else None


def _columns(row: Row, heads: dict[int, str]) -> TargetColumns | None:
    if max((len(cell.text) for cell in row.filled), default=LONGEST_HEADING + 1) > LONGEST_HEADING:
        return None
    unit = next((at for at, words in heads.items() if _UNIT.search(words)), None)
    name = next((at for at, words in heads.items() if _NAME.search(words) and not _YEAR.search(words)), None)
    if unit is None or name is None:
        return None
    rest = {at: words for at, words in heads.items() if at not in (unit, name)}
    owner = next((at for at, words in rest.items() if _OWNER.search(words)), None)
    values = {at: words for at, words in rest.items() if at != owner}
    reached = tuple((at, _year(words)) for at, words in values.items() if _REACHED.search(words))
    others = {at: words for at, words in values.items() if at not in dict(reached)}
    aimed = tuple((at, _year(words)) for at, words in others.items() if _AIMED.search(words))
    return TargetColumns(name, unit, owner, reached, aimed) if aimed else None


def is_of_target_words(text: str) -> bool:
    """Whether a text is nothing but words that headings of a table of targets are made of."""
    words = (word for word in fold(text).split() if not _HEADING_WORD.match(word))
    return is_of_heading_words(" ".join(words))


def targets_of(row: Row, columns: TargetColumns) -> Iterator[Indicator]:
    """The targets of a row, one for each year that it gives a value for; one without value where it gives none."""
    told = {cell.start: one_line(cell.text) for cell in row.filled}
    name = told.get(columns.name, "")
    valued = [(told[at], year) for at, year in columns.aimed if at in told]
    if not name or not (valued or told.get(columns.unit)):
        return
    for value, year in valued or [("", columns.aimed[-1][1])]:
        yield _indicator(row, columns, told, value, year)


def _indicator(row: Row, columns: TargetColumns, told: dict[int, str], value: str, year: int | None) -> Indicator:
    base = next(((told[at], since) for at, since in columns.reached if at in told), ("", None))
    found, before = _VALUE.match(value), _VALUE.match(base[0])
    number, baseline = _number(found), _number(before)
    owner = told.get(columns.owner, "") if columns.owner is not None else ""
    return Indicator(
        name=told[columns.name], text=one_line(" | ".join(told.values())), place=row.place,
        operator=_operator(found, number, baseline), value=number,
        value_most=float(found["most"].replace(",", ".")) if found and found["most"] else None,
        unit=told.get(columns.unit, "") or ("%" if found and found["percent"] else ""),
        period="by_year" if year else None, year=year, baseline=baseline, baseline_year=base[1] if baseline else None,
        owner=owner if owner and not is_vague(owner) else None, needs_decision=True,
    )  # fmt: skip


def _year(words: str) -> int | None:
    found = _YEAR.findall(words)
    return int(found[-1]) if found else None


def _number(found: re.Match[str] | None) -> float | None:
    if found is None:
        return None
    text = found["value"]
    return float((text.replace(".", "") if re.search(r"\.\d{3}(?!\d)", text) else text).replace(",", "."))


def _operator(found: re.Match[str] | None, value: float | None, baseline: float | None) -> str | None:
    """By its sign; without one a target below what was reached is not to be exceeded."""
    if found is None or value is None:
        return None
    if found["most"]:
        return "between"
    if found["way"]:
        return "at_least" if found["way"] == "lên" else "at_most"
    if found["sign"]:
        return _SIGNS[found["sign"].lower()]
    return "at_most" if baseline is not None and value < baseline else "at_least"
