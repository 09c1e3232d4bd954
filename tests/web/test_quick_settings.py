"""Thiết lập nhanh: reminders, due days, signers, an approver more or less; the drawing stays right and drawn."""

import html
import re

import lxml.html
import pytest
import sqlalchemy as sa

from engine.commands.deployments import check_bundle
from engine.spiff import read_xml
from tests.web.wards import Visitor, Ward, text_of
from webapp.procedures.bundles import SHIPPED, deploy_shipped, shipped_diagram, shipped_forms
from webapp.procedures.models import ProcedureDraft, ProcedureDraftForm
from webapp.quick_settings.drawings import CannotChange, Drawing
from webapp.quick_settings.levels import rows_of, written
from webapp.quick_settings.views import _approval_form

KEY = "task_lifecycle"
BASE = f"/quy-trinh/{KEY}/thiet-lap-nhanh"
STEPS = [(key, step.element_id) for key in SHIPPED for step in Drawing(shipped_diagram(key)).steps()]


def faults(source: bytes, **forms: bytes) -> list[str]:
    found = check_bundle(source, {**shipped_forms(), **forms})
    return [finding.message for finding in found if finding.severity == "error"]


@pytest.mark.parametrize(("key", "element_id"), STEPS)
def test_a_table_of_reminders_that_nobody_changed_stays_what_it_says(key: str, element_id: str) -> None:
    step = Drawing(shipped_diagram(key)).step(element_id)
    rows = rows_of(step.reminders)
    assert rows_of(written(rows)) == rows


@pytest.mark.parametrize("may_return", [True, False], ids=["may return", "only reads"])
@pytest.mark.parametrize(("key", "element_id"), STEPS)
def test_an_approver_more_leaves_the_drawing_deployable_and_drawn(key: str, element_id: str, may_return: bool) -> None:
    drawing = Drawing(shipped_diagram(key))
    try:
        added = drawing.add_after(element_id, "Xem lại", "vice_chair@committee", "extra", may_return=may_return)
    except CannotChange as refusal:
        assert "nhiều hướng đi" in str(refusal)
        return
    source = drawing.to_bytes()
    assert faults(source, extra=_approval_form("Xem lại", may_return=may_return)) == []
    root = read_xml(source)
    drawn = {shape.get("bpmnElement") for shape in root.iter() if shape.get("bpmnElement")}
    assert added in drawn
    flows = {flow.get("id") for flow in root.iter("{*}sequenceFlow")}
    assert flows <= drawn
    drawn_steps = [box(s) for s in root.iter("{*}BPMNShape") if s.get("bpmnElement") in {step for _, step in STEPS}]
    assert all(width == 100 for _, _, width, _ in drawn_steps)
    boxes = [box(shape) for shape in root.iter("{*}BPMNShape") if (shape.get("bpmnElement") or "") == added]
    others = [box(s) for s in root.iter("{*}BPMNShape") if s.get("bpmnElement") in {t for _, t in STEPS}]
    assert not any(overlap(boxes[0], other) for other in others)


def box(shape) -> tuple[float, ...]:
    bounds = shape.find("{*}Bounds")
    return tuple(float(bounds.get(side)) for side in ("x", "y", "width", "height"))


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(one[n] < other[n] + other[n + 2] and other[n] < one[n] + one[n + 2] for n in (0, 1))


def test_an_approver_who_was_added_can_be_taken_out_again() -> None:
    drawing = Drawing(shipped_diagram("contribution"))
    before = [step.element_id for step in drawing.steps()]
    first = next(one for one in before if can_add(one))
    added = drawing.add_after(first, "Xem lại", "head@lead", "extra", may_return=False)
    drawing.remove(added)
    assert [step.element_id for step in drawing.steps()] == before
    assert faults(drawing.to_bytes()) == []


def can_add(element_id: str) -> bool:
    try:
        Drawing(shipped_diagram("contribution")).add_after(element_id, "x", "head@lead", "extra", may_return=False)
    except CannotChange:
        return False
    return True


def test_a_step_whose_answer_a_condition_uses_stays() -> None:
    with pytest.raises(CannotChange, match="còn dùng câu trả lời"):
        Drawing(shipped_diagram(KEY)).remove("unit_review")


def test_a_step_that_something_else_may_end_is_taken_out_in_the_editor() -> None:
    with pytest.raises(CannotChange, match="mốc thời gian hoặc thông điệp gắn vào"):
        Drawing(shipped_diagram("contribution")).remove("contribute")


# --- pages ---


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    visitor = ward.signed_in("quantri")
    assert visitor.post(f"{BASE}/mo").status_code == 302
    return visitor


def typed(admin: Visitor, element_id: str) -> dict:
    """The step's form as it stands on the page."""
    page = admin.get(f"{BASE}/{element_id}").text.partition('id="them"')[0]
    data: dict = {"amount": [], "time": [], "unit": [], "side": []}
    for name, value in re.findall(r'<input[^>]*name="([\w-]+)" value="([^"]*)"', page):
        if name in data:
            data[name].append(html.unescape(value))
        elif name != "csrf_token" and not name.startswith(("to-", "clock")):
            data[name] = html.unescape(value)
    for name, block in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = (re.findall(r'value="([^"]*)" selected', block) or [""])[0]
        data[name].append(chosen) if name in data else data.update({name: chosen})
    if re.search(r'name="clock" value="on" checked', page):
        data["clock"] = "on"
    for name, value in re.findall(r'type="checkbox" name="(to-\d+)" value="([^"]+)" checked', page):
        data.setdefault(name, []).append(value)
    return data


def test_a_reminder_two_days_earlier_is_in_the_draft(admin: Visitor, ward: Ward) -> None:
    data = typed(admin, "accept")
    before = Drawing(draft(ward)).step("accept")
    data["amount"][0] = str(int(data["amount"][0]) + 2)
    answer = admin.post(f"{BASE}/accept", data)
    assert answer.status_code == 302, text_of(answer)
    after = Drawing(draft(ward)).step("accept")
    assert (after.due, after.form, after.assignee) == (before.due, before.form, before.assignee)
    assert after.reminders != before.reminders
    assert faults(draft(ward)) == []


def test_saving_a_step_without_a_change_changes_nothing_of_it(admin: Visitor, ward: Ward) -> None:
    for element_id in ("execute", "unit_review", "check"):
        before = Drawing(draft(ward)).step(element_id)
        assert admin.post(f"{BASE}/{element_id}", typed(admin, element_id)).status_code == 302
        assert Drawing(draft(ward)).step(element_id) == before


def test_the_table_of_the_whole_procedure_is_changed(admin: Visitor, ward: Ward) -> None:
    data = typed(admin, "bang-nhac")
    data["amount"][0] = "12"
    assert admin.post(f"{BASE}/bang-nhac", data).status_code == 302
    assert Drawing(draft(ward)).reminders.startswith("-12wd")
    assert faults(draft(ward)) == []


def draft(ward: Ward) -> bytes:
    source: bytes = ward.rows(sa.select(ProcedureDraft.source))[0][0]
    return source


def test_a_level_without_a_recipient_is_refused_and_stays_typed(admin: Visitor) -> None:
    data = typed(admin, "accept")
    data["amount"][-1] = "7"
    answer = admin.post(f"{BASE}/accept", data)
    assert answer.status_code == 422
    assert "chọn ít nhất một người được báo" in text_of(answer)
    assert 'value="7"' in answer.text


def test_an_approver_more_comes_with_a_form_of_its_own(admin: Visitor, ward: Ward) -> None:
    seen = typed(admin, "execute")
    data = {
        "draft": seen["draft"],
        "version": seen["version"],
        "name": "Phó Chủ tịch xem",
        "role": "vice_chair",
        "party": "committee",
        "may_return": "on",
    }
    assert admin.post(f"{BASE}/execute/them", data).status_code == 302
    added = next(step for step in Drawing(draft(ward)).steps() if step.name == "Phó Chủ tịch xem")
    own = dict(ward.rows(sa.select(ProcedureDraftForm.form_id, ProcedureDraftForm.source)))
    assert faults(draft(ward), **own) == []
    assert added.form in own


def test_a_page_gone_stale_changes_nothing(admin: Visitor, ward: Ward) -> None:
    data = typed(admin, "execute")
    admin.post(f"{BASE}/execute", {**data, "name": "Làm và báo"})
    answer = admin.post(f"{BASE}/execute", {**data, "name": "Tên khác"})
    assert answer.status_code == 422
    assert "vừa được sửa ở nơi khác" in text_of(answer)
    assert "Tên khác" in answer.text
    assert Drawing(draft(ward)).step("execute").name == "Làm và báo"


@pytest.mark.parametrize(("way", "more"), [("them", {"name": ""}), ("bo", {})])
def test_who_saves_a_step_after_something_else_was_refused_saves_it(
    admin: Visitor, ward: Ward, way: str, more: dict[str, str]
) -> None:
    data = typed(admin, "unit_review")
    refused = admin.post(f"{BASE}/unit_review/{way}", data | more)
    assert refused.status_code == 422
    form = next(lxml.html.fromstring(refused.text).iter("main")).forms[0]
    assert admin.post(form.action or refused.request.path, data | {"name": "Trưởng đơn vị xem"}).status_code == 302
    assert Drawing(draft(ward)).step("unit_review").name == "Trưởng đơn vị xem"


def test_only_administrators_set_up_procedures(admin: Visitor, ward: Ward) -> None:
    assert ward.signed_in("vhxh.tonghop").get(BASE).status_code == 403
