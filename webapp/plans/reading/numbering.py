"""Word's automatic numbers, which stand in no text: a numbered STT column is empty without them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from webapp.plans.reading.headings import roman

Element = etree._Element
DEEPEST: Final = 9  # levels of a list


def local_name(element: Element) -> str:
    """The name without its namespace, which differs between the two editions of the format."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element | None, *names: str) -> Iterator[Element]:
    return (child for child in (() if element is None else element) if local_name(child) in names)


def child(element: Element | None, name: str) -> Element | None:
    return next(children(element, name), None)


def attribute(element: Element | None, name: str = "val") -> str | None:
    """An attribute by its name without namespace."""
    if element is None:
        return None
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), None)


def number_attribute(element: Element | None, name: str = "val", default: int = 0) -> int:
    text = attribute(element, name) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else default


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    form: str  # decimal, upperRoman, bullet, …
    text: str  # "%1.%2"


@dataclass(slots=True)
class ListNumbers:
    """Counts through the numbered paragraphs of a document, in their order."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)  # by abstract list
    lists: dict[str, tuple[str, dict[int, int]]] = field(default_factory=dict)  # abstract list, restarts by level
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)  # list and level by paragraph style
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, numbering: Element | None, styles: Element | None) -> ListNumbers:
        numbers = cls()
        for abstract in children(numbering, "abstractNum"):
            numbers.levels[attribute(abstract, "abstractNumId") or ""] = dict(map(_level, children(abstract, "lvl")))
        for listed in children(numbering, "num"):
            numbers.lists[attribute(listed, "numId") or ""] = _list(listed)
        for style in children(styles, "style"):
            if place := _list_place(child(style, "pPr")):
                numbers.styles[attribute(style, "styleId") or ""] = place
        return numbers

    def next_for(self, paragraph: Element) -> str:
        """The number that Word shows before a paragraph, "" for none; "-" for every bullet."""
        properties = child(paragraph, "pPr")
        place = _list_place(properties) or self.styles.get(attribute(child(properties, "pStyle")) or "")
        if place is None or place[0] not in self.lists:
            return ""
        return self._advance(*place)

    def _advance(self, list_id: str, depth: int) -> str:
        abstract, restarts = self.lists[list_id]
        levels = self.levels.get(abstract, {})
        if depth not in levels:
            return ""
        counts = self.counts.setdefault(abstract, {})
        if list_id not in self.seen:
            self.seen.add(list_id)
            counts.update({level: start - 1 for level, start in restarts.items()})
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        return _written(levels, counts, depth)


def _level(level: Element) -> tuple[int, _Level]:
    form = attribute(child(level, "numFmt")) or "decimal"
    start = number_attribute(child(level, "start"), default=1)
    return number_attribute(level, "ilvl"), _Level(start, form, attribute(child(level, "lvlText")) or "")


def _list(listed: Element) -> tuple[str, dict[int, int]]:
    overrides = [item for item in children(listed, "lvlOverride") if child(item, "startOverride") is not None]
    starts = (number_attribute(child(item, "startOverride"), default=1) for item in overrides)
    levels = (number_attribute(item, "ilvl") for item in overrides)
    return attribute(child(listed, "abstractNumId")) or "", dict(zip(levels, starts, strict=True))


def _list_place(properties: Element | None) -> tuple[str, int] | None:
    numbered = child(properties, "numPr")
    if numbered is None or child(numbered, "numId") is None:
        return None
    return attribute(child(numbered, "numId")) or "", min(number_attribute(child(numbered, "ilvl")), DEEPEST)


def _written(levels: dict[int, _Level], counts: dict[int, int], depth: int) -> str:
    if levels[depth].form == "bullet":
        return "-"
    text = levels[depth].text
    for level in range(depth + 1):
        if level in levels:
            shown = _figure(counts.get(level, levels[level].start), levels[level].form)
            text = text.replace(f"%{level + 1}", shown)
    return text.strip()


def _figure(count: int, form: str) -> str:
    if form in ("upperRoman", "lowerRoman") and 0 < count < 40:
        return roman(count) if form == "upperRoman" else roman(count).lower()
    if form in ("upperLetter", "lowerLetter") and 0 < count <= 26:
        return chr((ord("A") if form == "upperLetter" else ord("a")) + count - 1)
    if form == "decimalZero":
        return f"{count:02d}"
    return "" if form == "none" else str(count)
