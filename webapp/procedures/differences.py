"""What a drawing changes against another one: shapes and arrows added, removed, moved, and properties old and new."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import orjson
from lxml import etree

from engine.spiff import InvalidDefinition, Naming, capital, properties_of, read_xml
from engine.spiff.naming import NOUNS
from webapp.procedures.condition_words import Asked, asked_by, condition_in_words
from webapp.procedures.sources import MODEL
from webapp.procedures.words import (
    NO_UNITS,
    PEOPLE,
    PROPERTIES,
    Units,
    due_in_words,
    message_in_words,
    property_in_words,
)

Forms = Mapping[str, bytes]
"""By their ids."""
NO_FORMS: Forms = MappingProxyType({})
Kind = Literal["added", "removed", "changed", "moved"]
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"

UNTOLD = frozenset({"definitions", "collaboration", "laneSet", "association", "extensionElements"})
"""Told through what they hold, or of no meaning to a reader."""
PREFIXED = ["{http://www.w3.org/2001/XMLSchema-instance}type"]
"""Its value has a prefix; types differ in their tags or attributes too."""
DERIVED = frozenset({"incoming", "outgoing", "flowNodeRef"})
"""Follow from the arrows and lanes."""
ATTRIBUTES = {
    "name": "Tên", "sourceRef": "Đi từ", "targetRef": "Đi đến", "default": "Nhánh mặc định", "attachedToRef": "Gắn vào",
    "cancelActivity": "Ngắt việc đang làm", "isInterrupting": "Ngắt việc đang làm", "isExecutable": "Chạy được",
    "messageRef": "Thông điệp", "processRef": "Quy trình",
}  # fmt: skip
REFERENCES = frozenset({"sourceRef", "targetRef", "default", "attachedToRef", "messageRef"})
REFERRING = frozenset(ATTRIBUTES[name] for name in REFERENCES)
CONDITION = "Điều kiện"
SAID_BY_LABEL = frozenset({"Loại", "Tên"})


@dataclass(frozen=True, slots=True)
class Detail:
    """One property, as it was and as it is; empty where there was or is none."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What has become of one element."""

    element_id: str
    kind: Kind
    label: str
    details: tuple[Detail, ...] = ()


def differences(
    old: bytes, new: bytes, units: Units = NO_UNITS, old_forms: Forms = NO_FORMS, new_forms: Forms = NO_FORMS
) -> list[Difference]:
    """From one drawing to the other, in the ward's words; empty where one of them cannot be read."""
    try:
        before, after = _Read(old, units, old_forms), _Read(new, units, new_forms)
    except InvalidDefinition:
        return []
    return [*_told(before, after)]


class _Read:
    """A drawing's elements by id, with what can be said of each."""

    def __init__(self, source: bytes, units: Units, forms: Forms) -> None:
        self.units = units
        self.forms = forms
        self.root = read_xml(source)
        self.naming = Naming(self.root)
        self.elements = {e.get("id"): e for e in self.root.iter() if _is_told(e)}
        self.lanes = {
            (reference.text or "").strip(): self.naming.title(lane.get("id", ""))
            for lane in self.root.iter(f"{MODEL}lane")
            for reference in lane.iterfind(f"{MODEL}flowNodeRef")
        }
        self.places = {s.get("bpmnElement"): _place(s) for s in self.root.iter(f"{DI}BPMNShape")}
        self.routes = {s.get("bpmnElement"): _route(s) for s in self.root.iter(f"{DI}BPMNEdge")}

        self.asked = {name: asked for id in self.elements for name, asked in self._asked(id).items()}

    def name_of(self, element_id: str) -> str:
        if _tag(self.elements.get(element_id)) == "message":
            return message_in_words(self.naming.name(element_id), with_code=True)
        return self.naming.title(element_id)

    def _asked(self, element_id: str) -> dict[str, Asked]:
        form = self.forms.get(properties_of(self.elements[element_id]).get("form", ""))
        return asked_by(element_id, self.name_of(element_id), form) if form is not None else {}

    def said(self, element_id: str, what: str, value: str) -> str:
        """A facet as people say it; two drawings are compared by what is written."""
        if what == ATTRIBUTES["name"] and _tag(self.elements.get(element_id)) == "message":
            return message_in_words(value, with_code=True)
        if what in REFERRING:
            return self.name_of(value)
        if what == CONDITION:
            return condition_in_words(value, self.asked)
        if what == PROPERTIES["form"]:
            return title_of(self.forms[value], value) if value in self.forms else value
        if what == PROPERTIES["separate_from"]:
            return ", ".join(map(self.name_of, value.split()))
        if what == PROPERTIES["person"]:
            return self.asked[value].label if value in self.asked else PEOPLE.get(value, value)
        return value

    def label(self, element_id: str) -> str:
        """As the list of changes names it."""
        if _tag(self.elements[element_id]) == "message":
            return f"Thông điệp “{self.name_of(element_id)}”"
        return f"{capital(self.naming.noun(element_id))} {self.naming.label(element_id)}"

    def facets(self, element_id: str) -> dict[str, str]:
        """Everything that is said of an element, in words, by what it is called; what it refers to by id."""
        element = self.elements[element_id]
        facets = {"Loại": capital(NOUNS.get(_tag(element), _tag(element)))}
        for name, value in element.attrib.items():
            if name in ATTRIBUTES:
                facets[ATTRIBUTES[name]] = value if name in REFERENCES else _flag(value)
        for name, value in properties_of(element).items():
            facets[PROPERTIES.get(name, name)] = property_in_words(name, value, self.units)
        for child in element:
            for what, text in self._child(child):
                facets[what] = f"{facets[what]}\n{text}" if what in facets else text
        if element_id in self.lanes:
            facets["Làn"] = self.lanes[element_id]
        return facets

    def _child(self, child: Any) -> Iterator[tuple[str, str]]:
        tag = _tag(child)
        text = "".join(child.itertext()).strip()
        if tag in ("conditionExpression", "script", "documentation", "text"):
            yield {"conditionExpression": CONDITION, "script": "Phép tính"}.get(tag, "Mô tả"), text
        elif tag.endswith("EventDefinition"):
            yield from self._event(child, tag, text)
        elif tag.endswith("LoopCharacteristics"):
            yield "Lặp", " ".join(f"{_tag(part)}: {''.join(part.itertext()).strip()}" for part in child) or tag

    def _event(self, definition: Any, tag: str, text: str) -> Iterator[tuple[str, str]]:
        if definition.get("messageRef"):
            yield "Thông điệp", definition.get("messageRef")
        elif tag == "timerEventDefinition":
            yield "Hẹn giờ", due_in_words(text)
        else:
            yield "Sự kiện", tag.removesuffix("EventDefinition")

    def rest(self, element_id: str) -> list[str]:
        """What the facets don't tell, in one spelling."""
        parts = (
            etree.tostring(child, with_tail=False, encoding="unicode")
            for child in self.elements[element_id]
            if isinstance(child.tag, str) and not child.get("id") and _tag(child) not in DERIVED
        )
        return [
            etree.canonicalize(part, rewrite_prefixes=True, strip_text=True, exclude_attrs=PREFIXED) for part in parts
        ]


def _told(before: _Read, after: _Read) -> Iterator[Difference]:
    for element_id in after.elements:
        if element_id not in before.elements:
            yield Difference(element_id, "added", after.label(element_id), _details(element_id, before, after))
        elif details := _changed(element_id, before, after):
            yield Difference(element_id, "changed", after.label(element_id), details)
        elif _moved(element_id, before, after):
            yield Difference(element_id, "moved", after.label(element_id))
    for element_id in before.elements:
        if element_id not in after.elements:
            yield Difference(element_id, "removed", before.label(element_id))


def _changed(element_id: str, before: _Read, after: _Read) -> tuple[Detail, ...]:
    details = _details(element_id, before, after)
    if not details and before.rest(element_id) != after.rest(element_id):
        return (Detail("Phần do công cụ khác ghi", "", "có thay đổi"),)
    return details


def _details(element_id: str, before: _Read, after: _Read) -> tuple[Detail, ...]:
    old = before.facets(element_id) if element_id in before.elements else {}
    new = after.facets(element_id)
    pairs = ((name, old.get(name, ""), new.get(name, "")) for name in dict.fromkeys([*old, *new]))
    return tuple(
        Detail(name, before.said(element_id, name, was), after.said(element_id, name, now))
        for name, was, now in pairs
        if was != now and (old or name not in SAID_BY_LABEL)
    )


def _moved(element_id: str, before: _Read, after: _Read) -> bool:
    was, now = before.places.get(element_id), after.places.get(element_id)
    return was is not None and now is not None and was != now


def _is_told(element: Any) -> bool:
    return (
        isinstance(element.tag, str)
        and element.tag.startswith(MODEL)
        and bool(element.get("id"))
        and _tag(element) not in UNTOLD
        and not _tag(element).endswith(("EventDefinition", "LoopCharacteristics"))
    )


def _tag(element: Any) -> str:
    known = element is not None and isinstance(element.tag, str)
    return str(etree.QName(element).localname) if known else ""


def title_of(form: bytes, otherwise: str) -> str:
    """What a form is called."""
    try:
        read = orjson.loads(form)
    except orjson.JSONDecodeError:
        return otherwise
    return str(read.get("title") or otherwise) if isinstance(read, dict) else otherwise


def _flag(value: str) -> str:
    return {"true": "có", "false": "không"}.get(value, value)


def _place(shape: Any) -> tuple[float, ...]:
    bounds = shape.find(f"{DC}Bounds")
    return () if bounds is None else tuple(_number(bounds.get(name)) for name in ("x", "y", "width", "height"))


def _route(edge: Any) -> tuple[tuple[float, float], ...]:
    return tuple((_number(point.get("x")), _number(point.get("y"))) for point in edge if point.get("x"))


def _number(text: str | None) -> float:
    try:
        return round(float(text or 0), 1)
    except ValueError:
        return 0.0
