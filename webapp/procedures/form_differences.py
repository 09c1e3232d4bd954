"""What the forms of a draft change against those in force: fields added, removed, changed, old and new."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from webapp.form_editing.conditions import read
from webapp.form_editing.shapes import KINDS, LABELS, choices_of, key_of, label_of
from webapp.forms_view import SUBMIT
from webapp.procedures.differences import Detail, Difference, title_of

Facets = Mapping[str, str]
"""What is said of a field, by what it is called."""
SHOWN, HIDDEN, NEEDED = "Chỉ hiện khi", "Ẩn khi", "Bắt buộc khi"
CHOICES = "Lựa chọn"
VALIDATE = {
    "required": "Bắt buộc", "min": "Nhỏ nhất", "max": "Lớn nhất",
    "minLength": "Ngắn nhất", "maxLength": "Dài nhất", "pattern": "Đúng mẫu",
}  # fmt: skip
PROPERTIES = {
    "variable": "Quy trình dùng câu trả lời",
    "message": "Thông báo riêng",
    "limitMessage": "Thông báo khi ngoài giới hạn",
}
PLAIN = {"description": "Giải thích", "defaultValue": "Giá trị ban đầu"}


def form_differences(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[Difference]:
    """Forms that came, went or changed."""
    found = [Difference(id, "added", f"Biểu mẫu “{title_of(new[id], id)}”") for id in sorted(new.keys() - old.keys())]
    found += [
        Difference(id, "removed", f"Biểu mẫu “{title_of(old[id], id)}”") for id in sorted(old.keys() - new.keys())
    ]
    changed = sorted(id for id in old.keys() & new.keys() if old[id] != new[id])
    return found + [
        Difference(id, "changed", f"Biểu mẫu “{title_of(new[id], id)}”", tuple(_details(old[id], new[id])))
        for id in changed
    ]


def _details(old: bytes, new: bytes) -> Iterator[Detail]:
    before, after = _Fields(old), _Fields(new)
    if (was := title_of(old, "")) != (now := title_of(new, "")):
        yield Detail("Tên biểu mẫu", was, now)
    if (was := _submit(old)) != (now := _submit(new)):
        yield Detail("Chữ trên nút gửi", was, now)
    for key in dict.fromkeys((*before.facets, *after.facets)):
        yield from _field_details(key, before, after)
    kept = [key for key in before.facets if key in after.facets]
    if kept != [key for key in after.facets if key in before.facets]:
        yield Detail("Thứ tự", _names(before.facets, before.facets), _names(after.facets, after.facets))


def _field_details(key: str, before: "_Fields", after: "_Fields") -> Iterator[Detail]:
    old, new = before.facets.get(key, {}), after.facets.get(key, {})
    name = f"Trường “{(new or old)['Nhãn']}”"
    if not old or not new:
        yield Detail(name, old.get("Loại", ""), new.get("Loại", ""))
        return
    for what in dict.fromkeys((*old, *new)):
        if old.get(what) != new.get(what):
            yield Detail(
                f"{name}: {what.lower()}", before.said(what, old.get(what, "")), after.said(what, new.get(what, ""))
            )
    if old.get(CHOICES) == new.get(CHOICES) and (was := before.values(key)) != (now := after.values(key)):
        yield Detail(f"{name}: mã của lựa chọn", was, now)


def _names(fields: Mapping[str, Facets], keys: Mapping[str, Any]) -> str:
    return "; ".join(fields[key]["Nhãn"] for key in keys)


def _submit(source: bytes) -> str:
    properties = _read(source).get("properties")
    return str(properties.get("submit") or SUBMIT) if isinstance(properties, dict) else SUBMIT


def _read(source: bytes) -> dict[str, Any]:
    try:
        form = orjson.loads(source)
    except orjson.JSONDecodeError:
        return {}
    return form if isinstance(form, dict) else {}


class _Fields:
    """The fields of a form, those inside of groups and tables behind them, by key or id."""

    def __init__(self, source: bytes) -> None:
        components = {key_of(c) or str(c.get("id")): c for c in _components(_read(source))}
        self.facets: dict[str, Facets] = {key: dict(_facets(component)) for key, component in components.items()}
        self._labels = {key: label_of(component) for key, component in components.items()}
        self._choices = {key: choices_of(component) for key, component in components.items()}

    def values(self, key: str) -> str:
        """What is stored for the choices of a field."""
        return "; ".join(self._choices[key])

    def said(self, what: str, value: str) -> str:
        """A facet as people say it; two forms are compared by what is written."""
        condition = read(value) if what in (SHOWN, NEEDED) else None
        if condition is None:
            return value
        condition = condition.opposite() if what == SHOWN else condition
        return condition.in_words(self._labels, self._choices)


def _components(holder: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in holder.get("components") or ():
        if isinstance(component, dict):
            yield component
            yield from _components(component)


def _facets(component: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = str(component.get("type"))
    label = component.get(LABELS.get(kind, "label")) or component.get("label") or component.get("key")
    yield "Nhãn", str(label or KINDS.get(kind, kind))
    yield "Loại", KINDS.get(kind, kind)
    yield from _condition_facets(component)
    places = ((VALIDATE, "validate"), (PROPERTIES, "properties"))
    for names, place in places:
        inside = component.get(place)
        for name, word in names.items():
            if isinstance(inside, dict) and inside.get(name) not in (None, "", False, "false"):
                yield word, _said(inside[name])
    for name, word in PLAIN.items():
        if component.get(name) not in (None, ""):
            yield word, _said(component[name])
    if isinstance(component.get("values"), list):
        yield CHOICES, "; ".join(str(v.get("label")) for v in component["values"] if isinstance(v, dict))


def _condition_facets(component: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    hide = _expression(component, "conditional", "hide")
    need = _expression(component, "validate", "requiredWhen") or _expression(component, "properties", "requiredWhen")
    if hide:
        yield SHOWN if read(hide) else HIDDEN, hide
    if need:
        yield NEEDED, need


def _expression(component: Mapping[str, Any], section: str, name: str) -> str:
    inside = component.get(section)
    return str(inside.get(name) or "").removeprefix("=") if isinstance(inside, dict) else ""


def _said(value: object) -> str:
    return "có" if value in (True, "true") else "không" if value is False else str(value)
