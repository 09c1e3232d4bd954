"""Reads form-js JSON into fields. What is not understood is a fault, named in Vietnamese; nothing is guessed."""

import keyword
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from forms.conditions import circle_of
from forms.fields import CHOICES, FROM_CONTEXT, Field, FieldType, Option, answered_fields
from forms.file_types import types_in
from forms.grammar import CONSTANTS
from forms.patterns import MAX_ANSWER, fault_of
from forms.sources import Source

MAX_COMPONENTS = 300
MAX_DEPTH = 5
MAX_OPTIONS = 500
MAX_TEXT = 5_000
MAX_FAULTS = 50

DEFAULT_LENGTH: Mapping[FieldType, int] = {FieldType.TEXTFIELD: 1_000, FieldType.TEXTAREA: 20_000}
MAX_LENGTH = 100_000
DEFAULT_ROWS, MAX_ROWS = 100, 500

# SpiffWorkflow cannot restore data that has "typename" as a key.
RESERVED = frozenset({"typename", "csrf_token", *keyword.kwlist, *CONSTANTS})
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NO_COLUMNS = frozenset({FieldType.LIST, FieldType.GROUP, FieldType.TEXT, FieldType.SEPARATOR})
_NO_VARIABLES = frozenset({FieldType.LIST, FieldType.FILEPICKER})


class Parser:
    """Reads the components of one form and collects what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._count = 0

    def read(self, raw: object) -> tuple[Field, ...]:
        """The form's fields; use them only when there are no faults."""
        components = self._components(raw, "Biểu mẫu", depth=1)
        fields = list(answered_fields(components))
        self._check_unique("Biểu mẫu", fields)
        self._check_circles(components)
        for field in fields:
            self._check_unique(f"“{field.label}”", field.components)
            self._check_circles(field.components)
        return components

    def _components(self, raw: object, where: str, depth: int) -> tuple[Field, ...]:
        if not isinstance(raw, list):
            self.faults.append(f"{where}: thiếu danh sách thành phần (components).")
            return ()
        if depth > MAX_DEPTH:
            self.faults.append(f"{where}: lồng quá {MAX_DEPTH} tầng.")
            return ()
        self._count += len(raw)
        if self._count > MAX_COMPONENTS:
            self.faults.append(f"Biểu mẫu có quá {MAX_COMPONENTS} thành phần.")
            return ()
        read = ((item, self._component(item, f"{where}, thành phần {n}", depth)) for n, item in enumerate(raw, 1))
        kept = [(item, field) for item, field in read if field is not None]
        return _with_widths(kept)

    def _component(self, raw: object, where: str, depth: int) -> Field | None:
        if not isinstance(raw, Mapping):
            self.faults.append(f"{where}: không phải một thành phần.")
            return None
        source = Source(raw, where, self.faults)
        try:
            kind = FieldType(str(raw.get("type")))
        except ValueError:
            source.fault(f"chưa hỗ trợ loại “{str(raw.get('type'))[:40]}”")
            return None
        return self._field(source, kind, depth)

    def _field(self, source: Source, kind: FieldType, depth: int) -> Field:
        field = Field(
            type=kind,
            label=source.label(),
            help=source.properties.text("help") or source.text("description"),
            text=source.text("text", MAX_TEXT) if kind is FieldType.TEXT else "",
            hide=source.conditional.expression("hide", marked=True),
        )
        if kind is FieldType.GROUP:
            source.refuse("path", "nhóm không được có path")
            return replace(field, components=self._components(source.raw.get("components"), source.where, depth + 1))
        return self._answered(source, field, depth) if field.answered else field

    def _answered(self, source: Source, field: Field, depth: int) -> Field:
        for name in ("readonly", "disabled"):
            source.refuse(name, f"chưa hỗ trợ {name}")
        if not field.label:
            source.fault("thiếu nhãn (label)")
        validate, properties = source.validate, source.properties
        field = replace(
            field,
            key=self._key(source, field.type),
            unit_label=properties.text("unit_label"),
            required=validate.flag("required"),
            required_when=validate.expression("requiredWhen") or properties.expression("requiredWhen"),
            message=properties.text("message"),
            limit_message=properties.text("limitMessage"),
            variable=self._variable(source, field.type),
            default=source.default(),
        )
        return self._by_kind(source, field, depth)

    def _key(self, source: Source, kind: FieldType) -> str:
        key = source.raw.get("key") or (source.raw.get("path") if kind is FieldType.LIST else None)
        if not isinstance(key, str) or not _KEY.fullmatch(key) or "__" in key:
            source.fault(f"mã (key) “{str(key or '')[:40]}” phải gồm chữ thường không dấu, số và dấu gạch dưới")
        elif key in RESERVED:
            source.fault(f"không được dùng mã (key) “{key}”")
        return str(key)

    def _variable(self, source: Source, kind: FieldType) -> bool:
        variable = source.properties.flag("variable")
        if variable and kind in _NO_VARIABLES:
            source.fault("bảng và tệp không thể là biến của quy trình")
        return variable

    def _by_kind(self, source: Source, field: Field, depth: int) -> Field:
        if field.type in DEFAULT_LENGTH:
            return _text_limits(source, field)
        if field.type in CHOICES:
            return self._choice(source, field)
        if field.type is FieldType.LIST:
            return self._list(source, field, depth)
        if field.type is FieldType.FILEPICKER:
            return replace(field, multiple=source.flag("multiple"), accept=",".join(types_in(source.text("accept"))))
        return _limits(source, field)

    def _choice(self, source: Source, field: Field) -> Field:
        for name in ("valuesKey", "valuesExpression"):
            source.refuse(name, f"chưa hỗ trợ {name}; hãy dùng properties.options")
        name = source.properties.text("options") or (str(field.type) if field.type in FROM_CONTEXT else "")
        options = () if name else self._options(source)
        return replace(field, options=options, options_name=name, multiple=source.flag("multiple"))

    def _options(self, source: Source) -> tuple[Option, ...]:
        raw = source.raw.get("values")
        if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_OPTIONS:
            source.fault(f"phải có từ 1 đến {MAX_OPTIONS} lựa chọn (values)")
            return ()
        options = [source.option(item) for item in raw]
        twice = [value for value, count in Counter(o.value for o in options if o).items() if count > 1]
        if twice:
            source.fault(f"lựa chọn “{twice[0]}” có hai lần")
        return tuple(option for option in options if option)

    def _list(self, source: Source, field: Field, depth: int) -> Field:
        columns = self._components(source.raw.get("components"), source.where, depth + 1)
        for column in columns:
            if column.type in _NO_COLUMNS:
                source.fault(f"bảng không được có cột loại “{column.type}”")
            if column.variable:
                source.fault(f"cột “{column.label}” không thể là biến của quy trình")
        if not columns:
            source.fault("bảng phải có ít nhất một cột")
        rows = source.properties.whole("maxRows", DEFAULT_ROWS, MAX_ROWS)
        return replace(field, components=columns, max_rows=max(rows, 1))

    def _check_unique(self, where: str, fields: Sequence[Field]) -> None:
        twice = [key for key, count in Counter(field.key for field in fields).items() if count > 1]
        self.faults += [f"{where}: mã (key) “{key}” được dùng hai lần." for key in twice]

    def _check_circles(self, components: tuple[Field, ...]) -> None:
        if self.faults:
            return  # Expressions that do not parse, or doubled keys, would only give more of the same.
        if circle := circle_of(components):
            labels = {field.key: f"“{field.label}”" for field in answered_fields(components)}
            names = ", ".join(labels[key] for key in circle)
            self.faults.append(f"Điều kiện ẩn của {names} phụ thuộc vòng quanh.")


def _text_limits(source: Source, field: Field) -> Field:
    validate = source.validate
    pattern, kind = validate.text("pattern"), validate.text("validationType")
    longest = MAX_ANSWER if pattern else MAX_LENGTH
    if pattern and (fault := fault_of(pattern)):
        source.fault(fault)
    if kind not in ("", "custom", "email", "phone"):
        source.fault(f"chưa hỗ trợ kiểu kiểm tra “{kind[:40]}”")
    default = min(DEFAULT_LENGTH[field.type], longest)
    return replace(
        field,
        min_length=validate.whole("minLength", 0, longest),
        max_length=validate.whole("maxLength", default, longest),
        pattern=pattern,
        validation_type=kind if kind in ("email", "phone") else "",
    )


def _limits(source: Source, field: Field) -> Field:
    """Of numbers and dates."""
    if field.type is FieldType.DATE and source.raw.get("subtype") not in (None, "date"):
        source.fault("chưa hỗ trợ giờ; hãy chọn subtype là date")
    if field.type is FieldType.CHECKBOX:
        return field
    minimum, maximum = (source.limit(name, field.type) for name in ("min", "max"))
    decimals = source.whole("decimalDigits", 15, 15) if source.raw.get("decimalDigits") is not None else None
    return replace(field, minimum=minimum, maximum=maximum, decimals=decimals)


def _with_widths(read: Sequence[tuple[Mapping[str, object], Field]]) -> tuple[Field, ...]:
    """Give each field its twelfths: form-js lays rows out in sixteenths, and shares a row evenly by default."""
    layouts = [layout if isinstance(layout := raw.get("layout"), Mapping) else {} for raw, _ in read]
    in_row = Counter(str(layout["row"]) for layout in layouts if layout.get("row"))
    fields = []
    for layout, (_, field) in zip(layouts, read, strict=True):
        columns = layout.get("columns")
        shared = 12 // min(in_row.get(str(layout.get("row")), 1), 4)
        width = round(columns * 12 / 16) if isinstance(columns, int) else shared
        fields.append(replace(field, width=min(max(width, 1), 12)))
    return tuple(fields)
