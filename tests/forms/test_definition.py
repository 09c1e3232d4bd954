"""Reading a form: what is taken, and what is refused with its reason."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.definition import FormDefinition, InvalidForm
from forms.fields import FieldType
from tests.forms.samples import ROOT, choices, field, form, source


def faults_of(*components: object, **head: object) -> list[str]:
    with pytest.raises(InvalidForm) as refused:
        form(*components, **head)
    return refused.value.faults


def test_fields_are_read_with_everything_they_carry():
    definition = form(
        {"type": "text", "text": "# Chào"},
        {
            "type": "group",
            "label": "Nhóm",
            "conditional": {"hide": "=done"},
            "components": [
                field(
                    "number",
                    "rate",
                    description="Theo báo cáo.",
                    decimalDigits=1,
                    validate={"required": True, "min": 0, "max": "=limit"},
                    properties={"variable": "true", "unit_label": "%", "message": "Chưa nhập tỷ lệ."},
                )
            ],
        },
        field("checkbox", "done", properties={"variable": "true"}),
        {"type": "separator"},
        title="Thử",
        properties={"submit": "Gửi trưởng đơn vị"},
    )
    rate, done = definition.fields
    assert (definition.id, definition.title, definition.submit) == ("sample", "Thử", "Gửi trưởng đơn vị")
    assert (rate.key, rate.required, rate.minimum, rate.maximum, rate.decimals) == ("rate", True, "0", "=limit", 1)
    assert (rate.help, rate.unit_label, rate.message) == ("Theo báo cáo.", "%", "Chưa nhập tỷ lệ.")
    assert done.type is FieldType.CHECKBOX
    assert definition.process_variables == ("rate", "done")
    assert definition.outside_names == {"limit"}
    assert definition.variables({"rate": 5, "other": 1}) == {"rate": 5, "done": None}


def test_the_same_bytes_are_read_once():
    assert form(field("number", "n")) is form(field("number", "n"))


def test_rows_share_twelve_columns():
    definition = form(
        field("textfield", "a", layout={"row": "r1"}),
        field("textfield", "b", layout={"row": "r1"}),
        field("textfield", "c", layout={"row": "r2", "columns": 4}),
        field("textfield", "d", layout={"row": "r3", "columns": None}),
    )
    assert [each.width for each in definition.components] == [6, 6, 3, 12]


@pytest.mark.parametrize("path", sorted((ROOT / "forms").glob("*.form")), ids=lambda path: path.stem)
def test_shipped_forms_are_good(path):
    assert FormDefinition.parse(path.read_bytes()).id == path.stem


@pytest.mark.parametrize(
    ("components", "fault"),
    [
        ([{"type": "iframe", "key": "x", "label": "X"}], "“X”: chưa hỗ trợ loại “iframe”."),
        ([{"type": "html", "content": "<script>"}], "Biểu mẫu, thành phần 1: chưa hỗ trợ loại “html”."),
        ([{"key": "x"}], "“x”: chưa hỗ trợ loại “None”."),
        (["x"], "Biểu mẫu, thành phần 1: không phải một thành phần."),
        ([field("number", "n"), field("number", "n")], "Biểu mẫu: mã (key) “n” được dùng hai lần."),
        ([field("number", "typename")], "“Typename”: không được dùng mã (key) “typename”."),
        ([field("number", "and")], "“And”: không được dùng mã (key) “and”."),
        ([field("number", "csrf_token")], "“Csrf_token”: không được dùng mã (key) “csrf_token”."),
        ([field("number", "Tên")], "phải gồm chữ thường không dấu"),
        ([field("number", "a-b")], "phải gồm chữ thường không dấu"),
        ([field("number", "a__class__")], "phải gồm chữ thường không dấu"),
        ([{"type": "number", "label": "N"}], "phải gồm chữ thường không dấu"),
        ([{"type": "number", "key": "n"}], "“n”: thiếu nhãn (label)."),
        ([field("number", "n", label=5)], "label phải là chữ"),
        ([field("number", "n", label="x" * 501)], "label dài quá 500 ký tự"),
        ([field("number", "n", label="a\x00b")], "label phải là chữ"),
        ([field("number", "n", validate=[])], "validate phải là một nhóm"),
        ([field("number", "n", validate={"require": True})], "validate không có mục “require”"),
        ([field("number", "n", properties={"requiredwhen": "a"})], "properties không có mục “requiredwhen”"),
        ([field("number", "n", validate={"required": "yes"})], "required phải là true hoặc false"),
        ([field("number", "n", validate={"min": "nhiều"})], "min phải là số hoặc biểu thức"),
        ([field("number", "n", validate={"max": "=2**3"})], "max: Không được dùng lũy thừa."),
        ([field("datetime", "d", validate={"min": "hôm nay"})], "min phải là ngày hoặc biểu thức"),
        ([field("datetime", "d", subtype="datetime")], "chưa hỗ trợ giờ"),
        ([field("textfield", "t", validate={"minLength": -1})], "minLength phải là số từ 0"),
        ([field("textfield", "t", validate={"maxLength": 10**9})], "maxLength phải là số từ 0"),
        ([field("textfield", "t", validate={"pattern": "(a+)+$"})], "không có ngoặc ( ) hay dấu |"),
        ([field("textfield", "t", validate={"pattern": "a*a*a*a*b"})], "quá 3 chỗ lặp"),
        ([field("textfield", "t", validate={"pattern": "[z-a]"})], "mẫu không đúng cú pháp"),
        ([field("textfield", "t", validate={"pattern": "[a--b]"})], "mẫu chỉ được gồm"),
        ([field("textfield", "t", validate={"pattern": "a" * 201})], "mẫu dài quá 200 ký tự"),
        ([field("textfield", "t", validate={"validationType": "url"})], "chưa hỗ trợ kiểu kiểm tra “url”"),
        ([field("select", "s")], "phải có từ 1 đến 500 lựa chọn"),
        ([field("select", "s", values=choices("a", "a"))], "lựa chọn “a” có hai lần"),
        ([field("select", "s", values=[{"value": 5, "label": "x"}])], "value phải là chữ"),
        ([field("select", "s", valuesExpression="=x")], "chưa hỗ trợ valuesExpression"),
        ([field("number", "n", conditional={"hide": "a == 1"})], "hide phải bắt đầu bằng dấu ="),
        ([field("number", "n", conditional={"hide": "=a = 1"})], "hide: Không đọc được biểu thức"),
        ([field("number", "n", conditional={"hide": "=__import__('os')"})], "hide: Tên “__import__” không được dùng"),
        ([field("number", "n", conditional={"hide": "=f(1)"})], "hide: Không có hàm “f”."),
        ([field("number", "n", validate={"requiredWhen": "x" * 1001})], "requiredWhen"),
        ([field("number", "n", conditional={"hide": "=n > 1"})], "Điều kiện ẩn của “N” phụ thuộc vòng quanh."),
        (
            [field("number", "a", conditional={"hide": "=b"}), field("number", "b", conditional={"hide": "=a"})],
            "Điều kiện ẩn của “A”, “B” phụ thuộc vòng quanh.",
        ),
        ([field("number", "n", readonly=True)], "chưa hỗ trợ readonly"),
        ([field("number", "n", defaultValue={"a": 1})], "defaultValue không đúng dạng"),
        ([{"type": "group", "path": "x", "components": []}], "nhóm không được có path"),
        ([{"type": "group"}], "thiếu danh sách thành phần"),
        ([field("dynamiclist", "r", components=[])], "bảng phải có ít nhất một cột"),
        ([field("dynamiclist", "r", components=[field("dynamiclist", "s", components=[field("number", "n")])])], "cột"),
        ([field("dynamiclist", "r", components=[{"type": "text", "text": "x"}])], "không được có cột loại “text”"),
        ([field("dynamiclist", "r", components=[field("number", "n"), field("number", "n")])], "được dùng hai lần"),
        (
            [field("dynamiclist", "r", components=[field("number", "n", conditional={"hide": "=r"})])],
            "Điều kiện ẩn của “R” phụ thuộc vòng quanh.",
        ),
        (
            [field("dynamiclist", "r", components=[field("number", "n", properties={"variable": True})])],
            "không thể là biến",
        ),
        ([field("filepicker", "f", properties={"variable": "true"})], "bảng và tệp không thể là biến"),
        ([field("number", f"n{n}") for n in range(301)], "Biểu mẫu có quá 300 thành phần."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_fault(components, fault):
    faults = faults_of(*components)
    assert any(fault in each for each in faults), faults


def test_every_fault_is_named_at_once():
    assert len(faults_of(field("iframe", "a"), field("number", "B"), field("select", "c"))) == 3


def test_deep_nesting_is_refused():
    component: dict[str, object] = field("number", "n")
    for _ in range(6):
        component = {"type": "group", "components": [component]}
    assert "lồng quá 5 tầng" in faults_of(component)[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"components": {}}',
        b'{"components": NaN}',
        b"\xff\xfe",
        b"PK\x03\x04",
        b"[" * 100_000,
        b" " * 300_000,
        b'{"type": "workflow", "components": []}',
    ],
    ids=lambda content: repr(content[:20]),
)
def test_a_file_that_is_no_form_is_refused(content):
    with pytest.raises(InvalidForm) as refused:
        FormDefinition.parse(content)
    assert all(fault.endswith(".") for fault in refused.value.faults)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(-1e9, 1e9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = ("type", "key", "label", "path", "values", "validate", "properties", "conditional", "components", "layout")
kinds = st.sampled_from([str(kind) for kind in FieldType])
garbled = st.dictionaries(st.sampled_from(NAMES), json_values | kinds, max_size=8)


@given(st.lists(garbled, max_size=4))
def test_garbled_components_are_read_or_refused(components):
    try:
        definition = FormDefinition.parse(source(*components))
    except InvalidForm as refused:
        assert refused.faults
    else:
        assert len(definition.components) == len(components)


@given(st.binary(max_size=200) | json_values.map(orjson.dumps))
def test_any_bytes_are_read_or_refused(content):
    try:
        FormDefinition.parse(content)
    except InvalidForm as refused:
        assert refused.faults
