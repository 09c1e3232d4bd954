"""What the forms of a draft change against those in force: fields added, removed, changed, old and new."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from webapp.form_editing.conditions import Choices, read
from webapp.form_editing.shapes import KINDS, LABELS, choices_of, key_of, label_of
from webapp.forms_view import SUBMIT
from webapp.procedures.differences import Detail, Difference

Labels = Mapping[str, str]
Facets = Mapping[str, str]
"""What is said of a field, by what it is called."""
VALIDATE = {
    "required": "Bắt buộc", "min": "Nhỏ nhất", "max": "Lớn nhất",
    "minLength": "Ngắn nhất", "maxLength": "Dài nhất", "pattern": "Đúng mẫu",
}  # fmt: skip
PROPERTIES = {"variable": "Quy trình dùng câu trả lời", "message": "Thông báo riêng"}
PLAIN = {"description": "Giải thích", "defaultValue": "Giá trị ban đầu"}


def form_differences(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[Difference]:
    """Forms that came, went or changed."""
    found = [Difference(id, "added", f"Biểu mẫu “{_title(new[id], id)}”") for id in sorted(new.keys() - old.keys())]
    found += [Difference(id, "removed", f"Biểu mẫu “{_title(old[id], id)}”") for id in sorted(old.keys() - new.keys())]
    changed = sorted(id for id in old.keys() & new.keys() if old[id] != new[id])
    return found + [
        Difference(id, "changed", f"Biểu mẫu “{_title(new[id], id)}”", tuple(_details(old[id], new[id])))
        for id in changed
    ]


def _details(old: bytes, new: bytes) -> Iterator[Detail]:
    before, after = _fields(old), _fields(new)
    if (was := _title(old, "")) != (now := _title(new, "")):
        yield Detail("Tên biểu mẫu", was, now)
    if (was := _submit(old)) != (now := _submit(new)):
        yield Detail("Chữ trên nút gửi", was, now)
    for key in (*before, *(key for key in after if key not in before)):
        yield from _field_details(before.get(key, {}), after.get(key, {}))
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        yield Detail("Thứ tự", _names(before, before), _names(after, after))


def _field_details(before: Facets, after: Facets) -> Iterator[Detail]:
    name = f"Trường “{(after or before)['Nhãn']}”"
    if not before or not after:
        yield Detail(name, before.get("Loại", ""), after.get("Loại", ""))
        return
    for what in dict.fromkeys((*before, *after)):
        if before.get(what) != after.get(what):
            yield Detail(f"{name}: {what.lower()}", before.get(what, ""), after.get(what, ""))


def _names(fields: Mapping[str, Facets], keys: Mapping[str, Any]) -> str:
    return "; ".join(fields[key]["Nhãn"] for key in keys)


def _title(source: bytes, otherwise: str) -> str:
    return str(_read(source).get("title") or otherwise)


def _submit(source: bytes) -> str:
    properties = _read(source).get("properties")
    return str(properties.get("submit") or SUBMIT) if isinstance(properties, dict) else SUBMIT


def _read(source: bytes) -> dict[str, Any]:
    try:
        form = orjson.loads(source)
    except orjson.JSONDecodeError:
        return {}
    return form if isinstance(form, dict) else {}


def _fields(source: bytes) -> dict[str, Facets]:
    """Of every field, those inside of groups and tables behind them, by key or id."""
    fields = {key_of(c) or str(c.get("id")): c for c in _components(_read(source))}
    labels, choices = {key: label_of(c) for key, c in fields.items()}, {key: choices_of(c) for key, c in fields.items()}
    return {key: dict(_facets(component, labels, choices)) for key, component in fields.items()}


def _components(holder: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in holder.get("components") or ():
        if isinstance(component, dict):
            yield component
            yield from _components(component)


def _facets(component: Mapping[str, Any], labels: Labels, choices: Choices) -> Iterator[tuple[str, str]]:
    kind = str(component.get("type"))
    label = component.get(LABELS.get(kind, "label")) or component.get("label") or component.get("key")
    yield "Nhãn", str(label or KINDS.get(kind, kind))
    yield "Loại", KINDS.get(kind, kind)
    yield from _condition_facets(component, labels, choices)
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
        yield "Lựa chọn", "; ".join(str(v.get("label")) for v in component["values"] if isinstance(v, dict))


def _condition_facets(component: Mapping[str, Any], labels: Labels, choices: Choices) -> Iterator[tuple[str, str]]:
    """When it is shown and when it must be answered, in words where they are such as the form editor makes."""
    hide = _expression(component, "conditional", "hide")
    need = _expression(component, "validate", "requiredWhen") or _expression(component, "properties", "requiredWhen")
    if shown := read(hide):
        yield "Chỉ hiện khi", shown.opposite().in_words(labels, choices)
    elif hide:
        yield "Ẩn khi", hide
    if need:
        known = read(need)
        yield "Bắt buộc khi", known.in_words(labels, choices) if known else need


def _expression(component: Mapping[str, Any], section: str, name: str) -> str:
    inside = component.get(section)
    return str(inside.get(name) or "").removeprefix("=") if isinstance(inside, dict) else ""


def _said(value: object) -> str:
    return "có" if value in (True, "true") else "không" if value is False else str(value)
