"""One component's settings: as the page shows them, and as they go back into the form's JSON."""

from collections.abc import Mapping
from typing import Any

from forms.fields import CHOICES, FROM_CONTEXT, FieldType
from forms.notation import read_number
from webapp.form_editing.conditions import TESTS, Choices, Condition, read, value_of
from webapp.form_editing.shapes import LABELS, choices_of, key_from, key_of, label_of

Values = Mapping[str, str]

_TEXTS = frozenset({FieldType.TEXTFIELD, FieldType.TEXTAREA})
_LIMITED = frozenset({FieldType.NUMBER, FieldType.DATE})
_NO_VARIABLE = frozenset({FieldType.LIST, FieldType.FILEPICKER})
WIDTHS = {"16": "Cả dòng", "8": "Nửa dòng", "5": "Một phần ba dòng"}
FORMATS = {"": "Chữ bất kỳ", "email": "Địa chỉ thư điện tử", "phone": "Số điện thoại"}


def parts_of(kind: FieldType) -> frozenset[str]:
    """Which groups of settings a kind has; the page shows only those."""
    if kind is FieldType.SEPARATOR:
        return frozenset({"shown"})
    if kind in (FieldType.TEXT, FieldType.GROUP):
        return frozenset({"label", "shown"})
    parts = {"label", "key", "help", "required", "shown", "width"}
    parts |= {"variable"} if kind not in _NO_VARIABLE else set()
    parts |= {"text"} if kind in _TEXTS else set()
    parts |= {"limits"} if kind in _LIMITED else set()
    parts |= {"options"} if kind in CHOICES - FROM_CONTEXT else set()
    parts |= {kind.value} if kind in (FieldType.NUMBER, FieldType.FILEPICKER, FieldType.LIST) else set()
    return frozenset(parts)


# --- from the form ---


def values_of(raw: dict[str, Any], others: Choices) -> dict[str, str]:
    """What stands in the page's fields; `others` are the fields that its conditions may name."""
    validate, properties = _section(raw, "validate"), _section(raw, "properties")
    values = {
        "label": label_of(raw), "key": key_of(raw),
        "help": _text(properties.get("help")) or _text(raw.get("description")),
        "unit_label": _text(properties.get("unit_label")), "message": _text(properties.get("message")),
        "limit_message": _text(properties.get("limitMessage")),
        "variable": _on(properties.get("variable")), "min_length": _text(validate.get("minLength")),
        "max_length": _text(validate.get("maxLength")), "format": _text(validate.get("validationType")),
        "pattern": _text(validate.get("pattern")), "min": _text(validate.get("min")), "max": _text(validate.get("max")),
        "decimals": _text(raw.get("decimalDigits")), "multiple": _on(raw.get("multiple")),
        "accept": _text(raw.get("accept")), "max_rows": _text(properties.get("maxRows")),
        "options": "\n".join(_option(one) for one in raw.get("values") or []),
        "options_name": _text(properties.get("options")),
        "width": _text(_section(raw, "layout").get("columns")) or "16",
    }  # fmt: skip
    hide = _text(_section(raw, "conditional").get("hide")).removeprefix("=")
    when = _text(validate.get("requiredWhen") or properties.get("requiredWhen")).removeprefix("=")
    values |= _chosen("show", hide, others, opposite=True) | _chosen("need", when, others, opposite=False)
    values["need"] = "always" if _on(validate.get("required")) else "when" if when else "never"
    return values


def _chosen(prefix: str, expression: str, others: Choices, *, opposite: bool) -> dict[str, str]:
    condition = read(expression) if expression else None
    if condition is None or condition.field not in others:
        return {f"{prefix}_expression": expression}
    condition = condition.opposite() if opposite else condition
    value = others[condition.field].get(condition.value, condition.value)
    return {f"{prefix}_field": condition.field, f"{prefix}_test": condition.test, f"{prefix}_value": value}


def _option(raw: dict[str, Any]) -> str:
    value, label = _text(raw.get("value")), _text(raw.get("label"))
    return f"{value} = {label}"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _on(value: object) -> str:
    return "on" if value in (True, "true") else ""


def _section(raw: dict[str, Any], name: str) -> dict[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, dict) else {}


# --- into the form ---


def apply(raw: dict[str, Any], kind: FieldType, typed: Values, others: Choices) -> None:
    """Write what was typed into the component; `others` are the form's other fields. Raises NoSuchChoice."""
    parts = parts_of(kind)
    if "label" in parts:
        raw[LABELS.get(kind, "label")] = typed.get("label", "").strip()
    if "key" in parts:
        key = typed.get("key", "").strip() or key_from(typed.get("label", ""), set(others))
        raw["path" if kind is FieldType.LIST else "key"] = key
    _set(raw, "conditional", "hide", _expression(typed, "show", others, opposite=True, marked=True))
    if "required" in parts:
        _require(raw, typed, others)
    if parts & {"text", "limits"}:
        _set(raw, "properties", "limitMessage", typed.get("limit_message", "").strip() or None)
    for part, write in _WRITERS.items():
        if part in parts:
            write(raw, typed)
    for name in ("validate", "properties", "conditional"):
        if raw.get(name) == {}:
            del raw[name]


def _require(raw: dict[str, Any], typed: Values, others: Choices) -> None:
    need = typed.get("need", "never")
    _set(raw, "validate", "required", True if need == "always" else None)
    _set(raw, "properties", "requiredWhen", None)
    when = _expression(typed, "need", others, opposite=False) if need == "when" else None
    _set(raw, "validate", "requiredWhen", when)
    _set(raw, "properties", "message", typed.get("message", "").strip() or None)


def _expression(typed: Values, prefix: str, others: Choices, *, opposite: bool, marked: bool = False) -> str | None:
    written = typed.get(f"{prefix}_expression", "").strip().removeprefix("=")
    field, test = typed.get(f"{prefix}_field", ""), typed.get(f"{prefix}_test", "")
    if not written and field and test in TESTS:
        condition = Condition(field, test, value_of(field, typed.get(f"{prefix}_value", "").strip(), others))
        written = (condition.opposite() if opposite else condition).expression()
    return (f"={written}" if marked else written) if written else None


def _help(raw: dict[str, Any], typed: Values) -> None:
    if not _section(raw, "properties").get("help"):
        _put(raw, "description", typed.get("help", "").strip() or None)
    else:
        _set(raw, "properties", "help", typed.get("help", "").strip() or None)


def _width(raw: dict[str, Any], typed: Values) -> None:
    columns = typed.get("width", "16")
    _set(raw, "layout", "columns", int(columns) if columns in WIDTHS and columns != "16" else None)
    if raw.get("layout") == {}:
        del raw["layout"]


def _variable(raw: dict[str, Any], typed: Values) -> None:
    _set(raw, "properties", "variable", "true" if typed.get("variable") else None)


def _texts(raw: dict[str, Any], typed: Values) -> None:
    _set(raw, "validate", "minLength", _whole(typed.get("min_length", "")))
    _set(raw, "validate", "maxLength", _whole(typed.get("max_length", "")))
    _set(raw, "validate", "pattern", typed.get("pattern", "").strip() or None)
    _set(raw, "validate", "validationType", typed.get("format", "") or None)


def _limits(raw: dict[str, Any], typed: Values) -> None:
    for name in ("min", "max"):
        text = typed.get(name, "").strip()
        number = read_number(text) if text and not text.startswith("=") else None
        is_date = raw.get("type") == FieldType.DATE
        _set(raw, "validate", name, None if not text else text if number is None or is_date else number)


def _numbers(raw: dict[str, Any], typed: Values) -> None:
    _put(raw, "decimalDigits", _whole(typed.get("decimals", "")))
    _set(raw, "properties", "unit_label", typed.get("unit_label", "").strip() or None)


def _files(raw: dict[str, Any], typed: Values) -> None:
    _put(raw, "multiple", True if typed.get("multiple") else None)
    _put(raw, "accept", typed.get("accept", "").strip() or None)


def _list(raw: dict[str, Any], typed: Values) -> None:
    _set(raw, "properties", "maxRows", typed.get("max_rows", "").strip() or None)


def _options(raw: dict[str, Any], typed: Values) -> None:
    """One a line: "ma = Nhãn", or the label alone, which keeps the value that it has; a new one's is made of it."""
    if name := typed.get("options_name", "").strip():
        _set(raw, "properties", "options", name)
        raw.pop("values", None)
        return
    _set(raw, "properties", "options", None)
    known = {label: value for value, label in choices_of(raw).items()}
    taken: set[str] = set()
    values = []
    for line in filter(None, (line.strip() for line in typed.get("options", "").splitlines())):
        value, sign, label = (part.strip() for part in line.partition("="))
        if not (sign and label):
            label = line.strip("= ")
            value = known[label] if label in known and known[label] not in taken else key_from(line, taken)
        taken.add(value)
        values.append({"label": label, "value": value})
    raw["values"] = values


_WRITERS = {
    "help": _help, "width": _width, "variable": _variable, "text": _texts, "limits": _limits, "number": _numbers,
    "filepicker": _files, "dynamiclist": _list, "options": _options,
}  # fmt: skip


def _whole(text: str) -> int | str | None:
    """A whole number; what is none stays text, for the form's own check to refuse."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text or None


def _set(raw: dict[str, Any], section: str, name: str, value: object) -> None:
    if value is None:
        _section(raw, section).pop(name, None)
    else:
        raw.setdefault(section, {})[name] = value


def _put(raw: dict[str, Any], name: str, value: object) -> None:
    if value is None:
        raw.pop(name, None)
    else:
        raw[name] = value
