"""The forms of plans."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import ValidationError

from webapp.organisation.fields import Choice, Day, Form, Identifier, Number, Switch, Text
from webapp.plans.confirming import SignedFileMissing
from webapp.plans.models import PlanTaskState

LONGEST_CONTENT = 8000
LONGEST_CELL = 4000


class TaskForm(Form):
    content = Text("Nhập nội dung nhiệm vụ.", most=LONGEST_CONTENT)
    timing_text = Text(most=LONGEST_CELL)
    due_on = Day()
    is_recurring = Switch()
    until_year = Number()
    is_conditional = Switch()
    blocked_until = Text(most=LONGEST_CELL)
    product_text = Text(most=LONGEST_CELL)
    note = Text(most=LONGEST_CELL)
    second_lead = Identifier()
    seen = Text(most=40)


class NameForm(Form):
    name = Text("Chọn tên.", most=LONGEST_CELL)
    unit_id = Identifier("Chọn đơn vị.")


class NewTaskForm(Form):
    group_id = Identifier()
    group_title = Text(most=500)
    ordinal = Text("Nhập số thứ tự.", most=20)
    content = Text("Nhập nội dung nhiệm vụ.", most=LONGEST_CONTENT)
    timing_text = Text(most=LONGEST_CELL)
    product_text = Text(most=LONGEST_CELL)


class TaskStateForm(Form):
    state = Choice(
        (PlanTaskState.DRAFT, PlanTaskState.DONE_BEFORE, PlanTaskState.CANCELLED), "Chọn lại trạng thái của dòng."
    )
    note = Text(most=500)


class PlaceForm(Form):
    step = Choice((-1, 0, 1), "Chọn lại chỗ của dòng.")
    group_id = Identifier()
    after = Text(most=40)


class PartForm(Form):
    part = Text("Ghi phần tách ra thành dòng mới.", most=LONGEST_CONTENT)


class UndoForm(Form):
    change = Identifier("Không còn thay đổi nào để hoàn tác hoặc làm lại.")


class RepairForm(Form):
    before = Text(most=LONGEST_CELL, strip=False)
    after = Text(most=LONGEST_CELL, strip=False)
    accept = Switch()


class ConfirmForm(Form):
    title = Text("Nhập tên kế hoạch.", most=1000)
    number = Text("Nhập số, ký hiệu của kế hoạch.", most=60)
    issued_on = Day("Nhập ngày ban hành.")
    issuer = Text("Nhập cơ quan ban hành.", most=200)
    focal_unit_id = Identifier("Chọn đơn vị đầu mối.")
    report_by = Day()
    report_by_source = Text(most=500)
    submit_by = Day()
    submit_by_source = Text(most=500)
    accepted = Switch()
    signed_file = Identifier(SignedFileMissing.message)


def units_in(form: Any, name: str) -> tuple[UUID, ...]:
    """The units ticked under a name, in the order of the page. Raises ValidationError."""
    try:
        return tuple(dict.fromkeys(UUID(value) for value in form.getlist(name)))
    except ValueError:
        raise ValidationError("Chọn lại trong danh sách.", name) from None


def revision_of(form: Any) -> dict[str, Any]:
    """What a row's editor sends, as ReviseTask takes it. Raises ValidationError."""
    values: Mapping[str, Any] = TaskForm().load(form)
    year = values["until_year"] or None
    if year is not None and not 2000 <= year <= 2100:
        raise ValidationError("Nhập năm có bốn chữ số, ví dụ 2030.", "until_year")
    return {
        **values, "until_year": year, "blocked_until": values["blocked_until"] or None, "seen": values["seen"] or None,
        "leads": units_in(form, "leads"), "coordinators": units_in(form, "coordinators"),
    }  # fmt: skip
