"""Answers: what is stored, and what a person is told who left something out or wrong."""

import pytest

from forms.definition import FormRefused
from forms.fields import FormContext
from tests.forms.samples import CONTEXT, choices, field, form


def errors_of(definition, raw, context=CONTEXT):
    with pytest.raises(FormRefused) as refused:
        definition.load(raw, context)
    return refused.value.errors


def one(kind, **more):
    """A form with one field, named a."""
    return form(field(kind, "a", **{"label": "Kết quả thực hiện:", **more}))


ROWS = [field("textfield", "what", label="Nội dung", validate={"required": True}), field("number", "much", label="Số")]


@pytest.mark.parametrize(
    ("kind", "more", "raw", "stored"),
    [
        ("textfield", {}, "  Đã \r\n xong\t", "Đã xong"),
        ("textfield", {}, "\u200b\x00\x07 ", None),
        ("textfield", {}, "a\x00b\ud800c", "abc"),
        ("textfield", {}, "e\u0302", "ê"),  # Composed, so that it is found again.
        ("textarea", {}, " một\r\nhai\rba \n", "một\nhai\nba"),
        ("textarea", {}, None, None),
        ("number", {}, "1.234,5", 1234.5),
        ("number", {}, " ", None),
        ("number", {}, 12, 12),
        ("number", {}, 12.0, 12),
        ("number", {"properties": {"unit_label": "%"}}, "99,5 %", 99.5),
        ("datetime", {}, "4/12/2026", "2026-12-04"),
        ("datetime", {}, "2026-12-04", "2026-12-04"),
        ("datetime", {}, "", None),
        ("checkbox", {}, "on", True),
        ("checkbox", {}, None, False),
        ("checkbox", {}, True, True),
        ("select", {"values": choices("x", "y")}, "y", "y"),
        ("select", {"values": choices("x", "y")}, "", None),
        ("radio", {"values": choices("x", "y")}, ["x"], "x"),
        ("checklist", {"values": choices("x", "y", "z")}, ["z", "x", "z", ""], ["x", "z"]),
        ("checklist", {"values": choices("x", "y")}, None, []),
        ("person", {}, "p2", "p2"),
        ("unit", {"multiple": True}, ["u3", "u1"], ["u1", "u3"]),
        ("indicator", {}, "i1", "i1"),
        ("select", {"properties": {"options": "desks"}}, "d1", "d1"),
        ("filepicker", {}, ["f1"], ["f1"]),
        ("filepicker", {"multiple": True}, ["f2", "f1", "f2"], ["f2", "f1"]),
        ("filepicker", {}, None, []),
        (
            "dynamiclist",
            {"components": ROWS},
            [{"what": "x", "much": "1,5"}, {"what": " "}],
            [{"what": "x", "much": 1.5}],
        ),
        ("dynamiclist", {"components": ROWS}, None, []),
        ("textfield", {"validate": {"validationType": "email"}}, "a.b@haiphong.gov.vn", "a.b@haiphong.gov.vn"),
        ("textfield", {"validate": {"validationType": "phone"}}, "+84 912 345 678", "+84 912 345 678"),
        ("textfield", {"validate": {"pattern": "[0-9]+/[A-ZĐ-]+"}}, "12/BC-UBND", "12/BC-UBND"),
    ],
)
def test_stored(kind, more, raw, stored):
    answers = one(kind, **more).load({"a": raw, "unknown": 1, "csrf_token": "x"}, CONTEXT)
    assert answers == {"a": stored}
    assert type(answers["a"]) is type(stored)


@pytest.mark.parametrize(
    ("kind", "more", "raw", "message"),
    [
        (
            "textfield",
            {"validate": {"maxLength": 3}},
            "bốn chữ",
            "“Kết quả thực hiện” dài quá 3 ký tự; hãy viết ngắn lại.",
        ),
        ("textarea", {}, "x" * 20_001, "“Kết quả thực hiện” dài quá 20.000 ký tự; hãy viết ngắn lại."),
        ("textfield", {"validate": {"minLength": 3}}, "ab", "“Kết quả thực hiện” phải có ít nhất 3 ký tự."),
        ("textfield", {}, 5, "“Kết quả thực hiện” phải là chữ."),
        ("textfield", {}, ["a"], "“Kết quả thực hiện” phải là chữ."),
        ("textfield", {"validate": {"validationType": "email"}}, "a@b", "chưa đúng dạng địa chỉ thư"),
        ("textfield", {"validate": {"validationType": "phone"}}, "12345", "chưa đúng dạng số điện thoại"),
        ("textfield", {"validate": {"pattern": "[0-9]+"}}, "12a", "“Kết quả thực hiện” chưa đúng dạng."),
        ("textfield", {"validate": {"pattern": "[0-9]+"}, "properties": {"message": "Chỉ số."}}, "12a", "Chỉ số."),
        ("number", {}, "nhiều", "“Kết quả thực hiện” phải là số, ví dụ 1234 hoặc 12,5."),
        ("number", {}, True, "phải là số"),
        ("number", {}, float("nan"), "phải là số"),
        ("number", {}, 10**400, "phải là số"),
        ("number", {"decimalDigits": 0}, "1,5", "“Kết quả thực hiện” phải là số nguyên."),
        ("number", {"decimalDigits": 1}, "1,25", "chỉ được có 1 chữ số sau dấu phẩy."),
        ("number", {"validate": {"min": 1}}, "0", "“Kết quả thực hiện” không được nhỏ hơn 1."),
        ("number", {"validate": {"max": 2.5}}, "1.000", "“Kết quả thực hiện” không được lớn hơn 2,5."),
        ("number", {"validate": {"max": 9}, "properties": {"limitMessage": "Từ 1 đến 9."}}, "10", "Từ 1 đến 9."),
        ("number", {"validate": {"min": 1}, "properties": {"limitMessage": "Từ 1 đến 9."}}, "0", "Từ 1 đến 9."),
        ("textfield", {"validate": {"maxLength": 1}, "properties": {"limitMessage": "Một chữ."}}, "ab", "Một chữ."),
        ("datetime", {}, "31/02/2026", "“Kết quả thực hiện” phải là ngày có thật, viết như 04/12/2026."),
        ("datetime", {}, 20261204, "phải là ngày có thật"),
        ("datetime", {"validate": {"max": "=today"}}, "02/12/2026", "không được sau ngày 01/12/2026."),
        ("datetime", {"validate": {"min": "2026-12-05"}}, "04/12/2026", "không được trước ngày 05/12/2026."),
        ("checkbox", {}, "có", "chỉ có thể được đánh dấu hoặc không."),
        ("select", {"values": choices("x")}, "y", "không còn trong danh sách; hãy chọn lại."),
        ("select", {"values": choices("x", "y")}, ["x", "y"], "Chỉ được chọn một"),
        ("person", {}, "p9", "không còn trong danh sách"),
        ("select", {"properties": {"options": "nowhere"}}, "d1", "không còn trong danh sách"),
        ("filepicker", {}, ["f9"], "không còn; hãy tải lên lại."),
        ("filepicker", {}, ["f1", "f2"], "Chỉ được chọn một"),
        ("filepicker", {"accept": "docx,image/*"}, ["f1"], "chỉ nhận DOCX, ảnh, nên không gửi được tệp “tệp f1.pdf”."),
        ("dynamiclist", {"components": ROWS}, "x", "phải gồm các dòng."),
        ("dynamiclist", {"components": ROWS}, ["x"], "phải gồm các dòng."),
        (
            "dynamiclist",
            {"components": ROWS, "properties": {"maxRows": "1"}},
            [{"what": "x"}] * 2,
            "chỉ được có 1 mục.",
        ),
    ],
)
def test_refused_with_what_to_do(kind, more, raw, message):
    (given,) = errors_of(one(kind, **more), {"a": raw})["a"]
    assert message in given


@pytest.mark.parametrize(
    ("kind", "more", "message"),
    [
        ("textarea", {}, "Chưa nhập kết quả thực hiện."),
        ("number", {}, "Chưa nhập kết quả thực hiện."),
        ("datetime", {}, "Chưa nhập kết quả thực hiện."),
        ("person", {}, "Chưa chọn kết quả thực hiện."),
        ("checklist", {"values": choices("x")}, "Chưa chọn kết quả thực hiện."),
        ("checkbox", {}, "Chưa đánh dấu “Kết quả thực hiện”."),
        ("filepicker", {}, "Chưa đính kèm kết quả thực hiện."),
        ("dynamiclist", {"components": ROWS}, "Chưa có dòng nào ở “Kết quả thực hiện”."),
        ("textfield", {"label": "UBND nhận"}, "Chưa nhập UBND nhận."),
        ("textfield", {"properties": {"message": "Chưa nhập lý do trả lại."}}, "Chưa nhập lý do trả lại."),
    ],
)
def test_missing_says_what_is_missing(kind, more, message):
    assert errors_of(one(kind, validate={"required": True}, **more), {}) == {"a": [message]}


def test_errors_come_in_the_order_of_the_form():
    definition = form(*(field("number", key, validate={"required": True}) for key in ("z", "b", "a")))
    assert list(errors_of(definition, {})) == ["z", "b", "a"]


def test_rows_are_named_by_their_place():
    definition = form(field("dynamiclist", "rows", components=ROWS))
    given = {"rows": [{}, {"much": "x"}, {"what": "y"}]}
    assert errors_of(definition, given) == {
        "rows-1-what": ["Chưa nhập nội dung."],
        "rows-1-much": ["“Số” phải là số, ví dụ 1234 hoặc 12,5."],
    }


REASON = form(
    field("radio", "decision", values=choices("agree", "return")),
    {
        "type": "group",
        "label": "Trả lại",
        "conditional": {"hide": "=decision != 'return'"},
        "components": [
            field("textarea", "reason", label="Lý do", properties={"requiredWhen": "decision == 'return'"}),
            field("textfield", "desk", conditional={"hide": "=not reason"}, validate={"required": True}),
        ],
    },
)


def test_hidden_answers_are_dropped_and_not_required():
    assert REASON.load({"decision": "agree", "reason": "x", "desk": "y"}, CONTEXT) == {"decision": "agree"}


def test_what_a_hidden_group_holds_counts_as_missing_for_others():
    assert errors_of(REASON, {"decision": "return"}) == {"reason": ["Chưa nhập lý do."]}
    assert errors_of(REASON, {"decision": "return", "reason": "x"}) == {"desk": ["Chưa nhập desk."]}


def test_conditions_in_rows_read_the_row_and_the_form():
    columns = [
        field("select", "kind", values=choices("money", "other")),
        field("textfield", "other", conditional={"hide": "=kind != 'other' or short"}, validate={"required": True}),
    ]
    definition = form(field("checkbox", "short"), field("dynamiclist", "rows", components=columns))
    rows = [{"kind": "money", "other": "x"}, {"kind": "other", "other": "y"}, {"other": "hidden, so nothing"}]
    assert definition.load({"rows": rows}, CONTEXT)["rows"] == [{"kind": "money"}, {"kind": "other", "other": "y"}]
    assert definition.load({"rows": rows, "short": True}, CONTEXT)["rows"] == [{"kind": "money"}, {"kind": "other"}]


def test_conditions_read_the_surroundings():
    definition = form(field("number", "n", conditional={"hide": "=not case.conditional"}, validate={"required": True}))
    assert definition.outside_names == {"case.conditional"}
    assert definition.load({}, FormContext()) == {}
    assert "n" in errors_of(definition, {})


def test_a_condition_that_cannot_be_computed_hides_nothing_and_requires_nothing():
    definition = form(
        field("textfield", "t"),
        field(
            "number", "n", conditional={"hide": "=t > 5"}, properties={"requiredWhen": "t / 0"}, validate={"max": "=t"}
        ),
    )
    assert definition.load({"t": "x", "n": 1}, CONTEXT) == {"t": "x", "n": 1}


def test_a_field_may_have_any_name_that_python_or_marshmallow_uses_too():
    names = (
        "order",
        "decide",
        "decision",
        "decided",
        "load",
        "fields",
        "opts",
        "context",
        "parent",
        "meta",
        "surroundings",
    )
    definition = form(*(field("number", name) for name in names))
    assert definition.load(dict.fromkeys(names, "1"), CONTEXT) == dict.fromkeys(names, 1)


@pytest.mark.parametrize("raw", [None, [], "x", 5])
def test_what_is_no_set_of_answers_is_refused(raw):
    assert errors_of(REASON, raw) == {"": ["Dữ liệu gửi lên không đúng dạng; hãy tải lại trang."]}
