"""Rehearsals: the real engine and forms, nothing of it outside; kept ones tell what another version changes."""

import json
import re
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import Calendar
from engine.command import Actor
from engine.commands.deployments import DeployDefinition
from engine.commands.instances import StartInstance
from engine.commands.user_tasks import CompleteUserTask
from engine.errors import Rejected
from engine.models import Event, Job, ProcessDefinition, ProcessInstance, UserTask
from tests.engine.drawings import FORM, WRITE_AND_CHECK
from tests.support.clock import BEGINS
from tests.web.wards import Visitor, Ward, text_of
from webapp.notifications.models import Notification
from webapp.procedures.bundles import deploy_shipped, shipped_diagram, shipped_forms
from webapp.procedures.deploying_files import deploy_file
from webapp.rehearsals.acts import Bundle
from webapp.rehearsals.commands import KeepAnew
from webapp.rehearsals.models import Rehearsal
from webapp.rehearsals.past import ended_cases, replay
from webapp.rehearsals.queries import kept_rehearsals
from webapp.rehearsals.running import Outcome, run_again

KEY = "task_lifecycle"
CALENDAR = Calendar()
DEADLINE = CALENDAR.shift(BEGINS.date(), 15)
DAYS = {
    "date-deadline": f"{DEADLINE:%d/%m/%Y}", "date-report_by": f"{DEADLINE:%d/%m/%Y}",
    "date-submit_by": f"{CALENDAR.shift(DEADLINE, 5):%d/%m/%Y}",
}  # fmt: skip


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    return ward.signed_in("quantri")


def begin(admin: Visitor, ward: Ward, **changes: str) -> str:
    """Begin one and return its address."""
    committee, focal, lead = (str(ward.unit(key)) for key in ("ubnd", "vhxh", "khdt"))
    data = {
        "party-lead": lead, "party-focal": focal, "party-supervisor": focal, "party-committee": committee,
        **DAYS,
        "start": re.findall(r'name="start" value="(\w+)"', admin.get(f"/quy-trinh/{KEY}/dien-tap/moi").text)[0],
    }  # fmt: skip
    answer = admin.post(f"/quy-trinh/{KEY}/dien-tap/moi", {**data, **changes})
    assert answer.status_code == 302, text_of(answer)
    return answer.location


def accept(admin: Visitor, ward: Ward, address: str) -> None:
    form = {
        "element": "accept", "kind": "complete", "actor": str(ward.person("khdt.truong")), "decision": "accept",
        "officer": str(ward.person("khdt.cv1")),
    }  # fmt: skip
    assert admin.post(address, form).status_code == 302


def test_a_step_is_done_in_a_role_and_nothing_of_it_leaves(admin: Visitor, ward: Ward) -> None:
    outside = [ward.rows(sa.select(sa.func.count()).select_from(m)) for m in (ProcessInstance, Notification, Job)]
    address = begin(admin, ward)
    accept(admin, ward, address)
    page = text_of(admin.get(address))
    assert "Thực hiện, báo kết quả" in page
    assert "Chuyên viên KT-HT-ĐT 1 : Việc mới: Thực hiện, báo kết quả" in page
    assert outside == [
        ward.rows(sa.select(sa.func.count()).select_from(m)) for m in (ProcessInstance, Notification, Job)
    ]
    assert not ward.rows(sa.select(Event.type).where(Event.type.like("UserTask%")))


def test_time_passes_and_each_reminder_comes_on_its_own_day(admin: Visitor, ward: Ward) -> None:
    address = begin(admin, ward)
    accept(admin, ward, address)
    assert admin.post(f"{address}/cho", {"until": CALENDAR.at(DEADLINE, 3, "08:05").isoformat()}).status_code == 302
    page = text_of(admin.get(address))
    reminded = f"{CALENDAR.shift(DEADLINE, -2):%d/%m/%Y}"
    assert f"Chuyên viên KT-HT-ĐT 1 : Còn 2 ngày làm việc: Thực hiện, báo kết quả 08:00 {reminded}" in page
    assert "Phó Chủ tịch phụ trách VH-XH : Quá hạn 2 ngày làm việc" in page


@pytest.mark.parametrize("until", ["", "mai", "2020-01-01T08:00:00+07:00", "2090-01-01T08:00:00+07:00"])
def test_time_that_cannot_pass_is_refused(admin: Visitor, ward: Ward, until: str) -> None:
    answer = admin.post(f"{begin(admin, ward)}/cho", {"until": until})
    assert answer.status_code == 422
    assert "Chọn một mốc thời gian sau lúc này, trong vòng 5 năm." in text_of(answer)


def test_what_was_done_can_be_left_out_again(admin: Visitor, ward: Ward) -> None:
    address = begin(admin, ward)
    accept(admin, ward, address)
    assert admin.post(f"{address}/lui", {"keep": "0"}).status_code == 302
    assert "Chưa làm việc nào." in text_of(admin.get(address))
    accept(admin, ward, address)


def test_a_refused_form_keeps_what_was_typed(admin: Visitor, ward: Ward) -> None:
    address = begin(admin, ward)
    accept(admin, ward, address)
    answer = admin.post(address, {"element": "execute", "kind": "complete", "result": "Đã lắp 6 điểm."})
    assert answer.status_code == 422
    assert "Đã lắp 6 điểm." in answer.text
    assert "Chưa chọn tình trạng." in text_of(answer)


def test_an_act_of_a_page_gone_stale_is_not_added_twice(admin: Visitor, ward: Ward) -> None:
    address = begin(admin, ward)
    accept(admin, ward, address)
    accept(admin, ward, address)
    assert text_of(admin.get(address)).count("Nhận việc · Trưởng phòng KT-HT-ĐT") == 1


def test_a_case_that_cannot_begin_says_why_and_keeps_the_form(admin: Visitor, ward: Ward) -> None:
    page = admin.get(f"/quy-trinh/{KEY}/dien-tap/moi").text
    start = re.findall(r'name="start" value="(\w+)"', page)[0]
    days = DAYS | {"date-deadline": "1"}
    answer = admin.post(f"/quy-trinh/{KEY}/dien-tap/moi", {**days, "start": start})
    assert answer.status_code == 422
    assert "Ghi ngày dạng 04/12/2026." in text_of(answer)
    answer = admin.post(f"/quy-trinh/{KEY}/dien-tap/moi", {**DAYS, "start": start})
    assert answer.status_code == 422
    assert "Chưa xác định đơn vị “lead”" in text_of(answer)


def test_a_test_without_a_name_is_refused_beside_its_name_and_not_in_the_form_of_the_step(
    admin: Visitor, ward: Ward
) -> None:
    answer = admin.post(f"{begin(admin, ward)}/giu", {"name": ""})
    assert answer.status_code == 422
    before, _, after = text_of(answer).partition("Làm với vai của")
    assert "Chưa lưu được. Hãy sửa: Đặt tên cho bài thử" in before
    assert "cần sửa" not in after
    assert "Giữ làm bài thử, tên là Đặt tên cho bài thử" in after


def keep(admin: Visitor, ward: Ward) -> None:
    address = begin(admin, ward)
    accept(admin, ward, address)
    assert admin.post(f"{address}/giu", {"name": "Nhận rồi làm"}).status_code == 302


def run(ward: Ward, source: bytes) -> Outcome:
    """The kept one, on another drawing."""
    tenant_id = ward.demo.tenant_id
    with ward.app.app_context(), ward.runtime.reading() as connection, Session(connection) as read:
        kept = kept_rehearsals(read, tenant_id, KEY)
        return next(iter(run_again(connection, tenant_id, kept, Bundle(source, shipped_forms()))))


def with_another_id() -> bytes:
    """The drawing with another id of the step after the first."""
    renamed = re.sub(rb"\bexecute\b", b"do_it", shipped_diagram(KEY))
    return re.sub(rb'name="(form|stage)" value="do_it"', rb'name="\1" value="execute"', renamed)


def test_a_kept_one_passes_on_the_same_drawing(admin: Visitor, ward: Ward) -> None:
    keep(admin, ward)
    assert run(ward, shipped_diagram(KEY)).passed


def test_a_kept_one_says_where_another_drawing_goes_another_way(admin: Visitor, ward: Ward) -> None:
    keep(admin, ward)
    outcome = run(ward, with_another_id())
    assert not outcome.passed
    assert (outcome.after, set(outcome.expected) - set(outcome.found)) == (1, {"execute"}), outcome


def insert_approver(admin: Visitor, ward: Ward) -> str:
    """Keep one, and draw a step into its way; return the procedure's address."""
    keep(admin, ward)
    base = f"/quy-trinh/{KEY}"
    admin.post(f"{base}/thiet-lap-nhanh/mo")
    (draft,) = set(re.findall(r'name="draft" value="(.+?)"', admin.get(f"{base}/thiet-lap-nhanh/accept").text))
    approver = {"draft": draft, "version": "1", "name": "Xem trước khi làm", "role": "vice_chair", "party": "committee"}
    assert admin.post(f"{base}/thiet-lap-nhanh/accept/them", approver).status_code == 302
    return base


def test_a_file_on_which_a_kept_one_goes_another_way_is_deployed_knowingly(
    admin: Visitor, ward: Ward, tmp_path: Path
) -> None:
    keep(admin, ward)
    file = tmp_path / "q.bpmn"
    with ward.app.app_context():
        file.write_bytes(shipped_diagram(KEY))
        assert "Bài thử" not in deploy_file(file, "Như cũ", None)
        file.write_bytes(with_another_id())
        with pytest.raises(Rejected, match=r"Bài thử đi khác trên bản này: “Nhận rồi làm”\. .* --despite-rehearsals"):
            deploy_file(file, "Đổi mã bước", None)
        assert "Bài thử đi khác" in deploy_file(file, "Đổi mã bước", None, despite=True)
    versions = sa.select(ProcessDefinition.version).where(ProcessDefinition.key == KEY)
    assert len(ward.rows(versions)) == 3, "the first, and those that were let through"


def test_a_version_on_which_a_kept_one_goes_another_way_is_deployed_knowingly(admin: Visitor, ward: Ward) -> None:
    base = insert_approver(admin, ward)
    page = text_of(admin.get(f"{base}/dien-tap/bai-thu"))
    assert "Sau “Nhận việc” (việc thứ 1) sẽ chờ ở “Xem trước khi làm” thay vì “Thực hiện, báo kết quả”." in page
    (version,) = re.findall(r'name="version" value="(\d+)"', admin.get(f"{base}/trien-khai").text)
    asked = {"version": version, "reason": "Phó Chủ tịch muốn xem trước"}
    refused = admin.post(f"{base}/trien-khai", asked)
    assert refused.status_code == 422
    assert "Bài thử đi khác trên bản này: “Nhận rồi làm”." in text_of(refused)
    assert "Vẫn triển khai dù có bài thử đi khác" in text_of(refused)
    assert admin.post(f"{base}/trien-khai", {**asked, "despite": "on"}).status_code == 302
    newest = sa.select(ProcessDefinition.id).where(ProcessDefinition.key == KEY)
    ((first,), (second,)) = ward.rows(newest.order_by(ProcessDefinition.version))
    for version, warned in ((first, False), (second, True)):
        back = admin.post(f"/quy-trinh/{version}/dung-lai", {"reason": "Dùng lại"}, follow_redirects=True)
        assert ("Bài thử đi khác trên bản này" in text_of(back)) is warned


def test_a_kept_one_is_kept_as_it_goes_now(admin: Visitor, ward: Ward) -> None:
    base = insert_approver(admin, ward)
    page = admin.get(f"{base}/dien-tap/bai-thu").text
    (address,) = re.findall(r'hx-post="([^"]+)"', page)
    part = admin.post(address, headers={"HX-Request": "true"})
    assert "Từ nay “Nhận rồi làm” phải đi như trên bản này." in text_of(part)
    assert "Nhận rồi làm Như cũ" in text_of(part)
    (version,) = re.findall(r'name="version" value="(\d+)"', admin.get(f"{base}/trien-khai").text)
    assert admin.post(f"{base}/trien-khai", {"version": version, "reason": "Thêm người xem"}).status_code == 302
    versions = sa.select(ProcessDefinition.id).where(ProcessDefinition.key == KEY).order_by(ProcessDefinition.version)
    admin.post(f"/quy-trinh/{ward.rows(versions)[0][0]}/dung-lai", {"reason": "Thôi"})
    page = text_of(admin.get(f"{base}/dien-tap/bai-thu"))
    assert "sẽ chờ ở “Thực hiện, báo kết quả” thay vì “Xem trước khi làm”." in page, (
        "what only the test has, has a name"
    )


def test_what_can_not_be_done_any_more_is_left_out_of_a_kept_one(admin: Visitor, ward: Ward) -> None:
    keep(admin, ward)
    ((kept, expected),) = ward.rows(sa.select(Rehearsal.id, Rehearsal.expected))
    begun, _ = json.loads(expected)
    shorter = KeepAnew(
        rehearsal_id=kept, bundle=Bundle(shipped_diagram(KEY), shipped_forms()), trail=(tuple(begun),)
    )  # fmt: skip
    assert ward.execute(shorter) == 1
    outcome = run(ward, shipped_diagram(KEY))
    assert (outcome.passed, outcome.after) == (True, 0)


def test_only_administrators_rehearse_and_nobody_of_another_ward_looks_in(admin: Visitor, ward: Ward) -> None:
    address = begin(admin, ward)
    assert ward.signed_in("vhxh.tonghop").get(address).status_code == 403
    assert admin.post(f"{address}/bo").status_code == 302
    assert ward.rows(sa.select(Rehearsal.id)) == []
    assert admin.get(address).status_code == 404


# --- cases that have ended ---


def end_a_case(ward: Ward, decisions: list[str]) -> None:
    """One case of `write_and_check`: written, then checked with these decisions."""
    system, lead = Actor.system(ward.demo.tenant_id), str(ward.unit("khdt"))
    start = StartInstance(
        key="write_and_check", business_key=str(uuid4()), title="Việc đã xong", parties={"lead": lead},
        dates={"deadline": date(2040, 6, 15)},
    )  # fmt: skip
    instance_id = ward.runtime.execute(start, actor=system)
    steps = [step for decision in decisions for step in (("write", "send"), ("check", decision))]
    for element_id, decision in steps:
        waits = sa.select(UserTask.id).where(
            UserTask.instance_id == instance_id, UserTask.element_id == element_id, UserTask.state == "open"
        )
        answers = {"text": "Xong", "decision": decision}
        ward.runtime.execute(CompleteUserTask(user_task_id=ward.rows(waits)[0][0], answers=answers), actor=system)


def test_ended_cases_go_the_same_way_on_the_same_drawing_and_another_way_on_another(ward: Ward) -> None:
    tenant_id = ward.demo.tenant_id
    deploy = DeployDefinition(source=WRITE_AND_CHECK, forms={"note": FORM}, reason="thử")
    ward.runtime.execute(deploy, actor=Actor.system(tenant_id))
    end_a_case(ward, ["send"])
    end_a_case(ward, ["return", "send"])
    straight_on = WRITE_AND_CHECK.replace(
        b"check.decision == 'return'", b"check.decision == 'return' and check.decision == 'send'"
    )
    with ward.app.app_context(), Session(ward.runtime.database) as read:
        cases = ended_cases(read, tenant_id, "write_and_check")
        same = replay(read, tenant_id, cases, Bundle(WRITE_AND_CHECK, {"note": FORM}))
        assert [outcome.passed for outcome in same] == [True, True]
        returned, sent = replay(read, tenant_id, cases, Bundle(straight_on, {"note": FORM}))
    assert sent.passed
    assert (returned.passed, returned.after, returned.expected, returned.found) == (False, 2, ("write",), ("end",))
    assert (returned.act, returned.fault) == ("check", None), "What could not be done after that is no news."


def test_the_page_plays_kept_ones_and_ended_cases_part_by_part(admin: Visitor, ward: Ward) -> None:
    keep(admin, ward)
    page = text_of(admin.get(f"/quy-trinh/{KEY}/dien-tap/chay-lai"))
    assert "Nhận rồi làm Như cũ" in page
    assert "Chưa có hồ sơ nào kết thúc" in page
    deploy = DeployDefinition(source=WRITE_AND_CHECK, forms={"note": FORM}, reason="thử")
    ward.runtime.execute(deploy, actor=Actor.system(ward.demo.tenant_id))
    for _ in range(6):
        end_a_case(ward, ["send"])
    first = admin.get("/quy-trinh/write_and_check/dien-tap/ho-so-cu").text
    assert "Đang xem: 5 trong 6 hồ sơ, 5 đi như cũ…" in first
    rest = re.findall(r'hx-get="([^"]+)"', first)[0].replace("&amp;", "&")
    assert "Trong 6 hồ sơ kết thúc gần nhất, 6 đi như cũ." in text_of(admin.get(rest))
