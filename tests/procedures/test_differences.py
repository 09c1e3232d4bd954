"""What one drawing changes against another."""

import orjson
import pytest

from engine.spiff import read_xml
from webapp.procedures.bundles import SHIPPED, shipped_diagram, shipped_forms
from webapp.procedures.differences import Detail, differences
from webapp.procedures.form_differences import form_differences
from webapp.procedures.sources import describe, rekeyed
from webapp.procedures.words import NO_UNITS, due_in_words

SOURCE = shipped_diagram("difficulty")


def changed(old: str, new: str, times: int = -1) -> bytes:
    text = SOURCE.decode()
    assert old in text
    return text.replace(old, new, times).encode()


def told(new: bytes) -> dict[str, tuple[str, dict[str, tuple[str, str]]]]:
    found = differences(SOURCE, new)
    return {d.element_id: (d.kind, {x.what: (x.old, x.new) for x in d.details}) for d in found}


def test_nothing_changed_is_nothing_told() -> None:
    assert differences(SOURCE, SOURCE) == []
    spaced = (
        SOURCE.replace(b"<bpmn:", b"\n   <bpmn:")
        .replace(b"spiffworkflow:", b"s:")
        .replace(b"xmlns:spiffworkflow", b"xmlns:s")
    )
    assert differences(SOURCE, spaced) == []


def test_properties_are_told_in_words_old_and_new() -> None:
    assert told(changed('value="working_days(3)"', 'value="working_days(5)"', 1)) == {
        "focal_answer": ("changed", {"Hạn": ("3 ngày làm việc sau khi việc đến", "5 ngày làm việc sau khi việc đến")})
    }
    moved = told(changed("focal@focal", "head@focal"))
    assert ("Cán bộ tổng hợp – Đơn vị đầu mối", "Trưởng đơn vị – Đơn vị đầu mối") in [
        pair for _, details in moved.values() for pair in details.values()
    ]


def test_whom_a_step_comes_back_to_is_told_in_words() -> None:
    due = '<spiffworkflow:property name="due" value="working_days(3)"/>'
    found = told(changed(due, f'{due}<spiffworkflow:property name="person" value="last_doer"/>', 1))
    assert found == {"focal_answer": ("changed", {"Giao đích danh": ("", "Người đã làm bước này lần trước")})}


def test_due_times_read_as_people_say_them() -> None:
    assert due_in_words('at(submit_by, -1, "17:00")') == "1 ngày làm việc trước ngày cuối gửi thành phố, lúc 17:00"
    assert due_in_words("end_of(deadline)") == "hạn của nhiệm vụ"
    assert due_in_words("a.b or end_of(deadline)") == "a.b or end_of(deadline)"


def test_a_new_name_changes_the_step_alone_and_not_its_arrows() -> None:
    name = read_xml(SOURCE).find(".//*[@id='focal_answer']").get("name")
    assert told(changed(f'name="{name}"', 'name="Khác"')) == {"focal_answer": ("changed", {"Tên": (name, "Khác")})}


def test_a_condition_and_a_foreign_part_are_told() -> None:
    found = told(changed('focal_answer.decision == "forward"', 'focal_answer.decision == "answer"'))
    assert [details["Điều kiện"] for _, details in found.values()] == [
        ('focal_answer.decision == "forward"', 'focal_answer.decision == "answer"')
    ]
    foreign = changed("<bpmn:extensionElements>", '<bpmn:extensionElements><v:x xmlns:v="urn:v" a="1"/>', 1)
    assert [d.details for d in differences(SOURCE, foreign)] == [
        (Detail("Phần do công cụ khác ghi", "", "có thay đổi"),)
    ]


def test_with_their_forms_conditions_and_steps_are_told_by_name() -> None:
    forms = shipped_forms()
    new = changed(
        'focal_answer.decision == "forward"', 'focal_answer.decision == "answer" and not leader_answer.answer'
    )
    (difference,) = differences(SOURCE, new, NO_UNITS, forms, forms)
    assert difference.details == (
        Detail(
            "Điều kiện", "“Xem xét, trả lời”: Cách giải quyết là “Chuyển cấp trên”",
            "“Xem xét, trả lời”: Cách giải quyết là “Trả lời đơn vị” và "
            "“Quyết định cách giải quyết”: Nội dung trả lời: không",
        ),
    )  # fmt: skip
    other = changed('"form" value="difficulty_answer"', '"form" value="difficulty_forward"', 1)
    assert [d.details for d in differences(SOURCE, other, NO_UNITS, forms, forms)] == [
        (Detail("Biểu mẫu", "Trả lời khó khăn, vướng mắc", "Gửi kiến nghị lên thành phố"),)
    ]


def test_moved_added_and_removed() -> None:
    root = SOURCE.decode()
    start = root.index('bpmnElement="focal_answer"')
    x = root.index('x="', start) + 3
    assert told(f"{root[:x]}9{root[x:]}".encode()) == {"focal_answer": ("moved", {})}
    renamed = changed("forward_city", "forward_ministry")
    kinds = {element_id: kind for element_id, (kind, _) in told(renamed).items()}
    assert (kinds["forward_ministry"], kinds["forward_city"]) == ("added", "removed")


def test_forms_that_came_went_or_changed() -> None:
    found = form_differences({"a": b"1", "b": b"1"}, {"b": b"2", "c": b"1"})
    assert {d.element_id: d.kind for d in found} == {"a": "removed", "b": "changed", "c": "added"}


def test_what_changed_in_a_form_is_told_field_by_field_in_words() -> None:
    before = shipped_forms()["unit_review"]
    form = orjson.loads(before)
    decision, reason = form["components"][:2]
    decision["values"][1]["label"] = "Trả lại"
    reason["label"], reason["validate"]["maxLength"] = "Vì sao trả lại", 500
    del reason["conditional"]
    form["components"].append({"type": "number", "id": "field_days", "key": "days", "label": "Số ngày"})
    (found,) = form_differences({"unit_review": before}, {"unit_review": orjson.dumps(form)})
    assert found.label == "Biểu mẫu “Duyệt báo cáo đơn vị”"
    assert {(d.what, d.old, d.new) for d in found.details} == {
        ("Trường “Quyết định”: lựa chọn", "Gửi báo cáo; Trả lại người viết", "Gửi báo cáo; Trả lại"),
        ("Trường “Vì sao trả lại”: nhãn", "Lý do trả lại", "Vì sao trả lại"),
        ("Trường “Vì sao trả lại”: dài nhất", "4000", "500"),
        ("Trường “Vì sao trả lại”: chỉ hiện khi", "Quyết định là Trả lại người viết", ""),
        ("Trường “Số ngày”", "", "Số"),
    }
    form["components"].reverse()
    (found,) = form_differences({"unit_review": before}, {"unit_review": orjson.dumps(form)})
    assert "Thứ tự" in {detail.what for detail in found.details}


@pytest.mark.parametrize("key", SHIPPED)
def test_a_procedure_under_another_key_is_otherwise_the_same(key: str) -> None:
    copied = rekeyed(shipped_diagram(key), "ban_sao", "Bản sao")
    assert describe(copied).key == "ban_sao"
    kinds = {d.element_id: d.kind for d in differences(shipped_diagram(key), copied)}
    assert {key: "removed", "ban_sao": "added"}.items() <= kinds.items()
    assert set(kinds) <= {key, "ban_sao", f"{key}_pool"}
