"""Who is away: entered by whom, stood in for by whom, from when to when."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import LOCAL, local_date
from engine.commands.user_tasks import ClaimUserTask
from engine.errors import NotYourDesk
from engine.ids import uuid7
from tests.web.cycle_wards import FOCAL_HEAD, CycleWard, Row, closed_without_one, issue
from tests.web.test_organisation import person_form
from tests.web.wards import Visitor, Ward, text_of
from webapp.identity import CurrentPerson, find_person
from webapp.organisation.models import Absence, Membership, Role
from webapp.plans.models import TaskOccurrence


def absence_form(ward: Ward, proxy: str, first: int = 0, last: int = 3, **more: str) -> dict[str, str]:
    """What a browser sends; days counted from today."""
    today = local_date(ward.now())
    days = {"from_day": f"{today + timedelta(first):%d/%m/%Y}", "to_day": f"{today + timedelta(last):%d/%m/%Y}"}
    return {**days, "proxy_id": str(ward.person(proxy)), "reason": "Nghỉ phép", **more}


def enter(visitor: Visitor, ward: Ward, proxy: str, first: int = 0, last: int = 3, **more: str):
    return visitor.post("/vang-mat/moi", absence_form(ward, proxy, first, last, **more))


def as_seen(ward: Ward, username: str) -> CurrentPerson:
    """A person as a request at this moment resolves them."""
    with ward.runtime.reading() as connection, Session(connection) as read:
        person = find_person(read, ward.person(username), None, local_date(ward.now()))
    assert person is not None
    return person


def claim(ward: Ward, username: str, step: UUID) -> None:
    ward.runtime.execute(ClaimUserTask(user_task_id=step), actor=as_seen(ward, username).actor())


def start_of_day(ward: Ward, days_from_now: int) -> datetime:
    day = local_date(ward.now()) + timedelta(days_from_now)
    return datetime.combine(day, datetime.min.time(), LOCAL) + timedelta(minutes=1)


def test_open_steps_reach_the_proxy_at_once_and_leave_when_it_ends(ward: Ward) -> None:
    step = ward.open_step("yte")
    with pytest.raises(NotYourDesk):
        claim(ward, "yte.truong", step)
    assert enter(ward.signed_in("yte.cv1"), ward, "yte.truong").status_code == 302
    assert f"staff@{ward.unit('yte')}" in as_seen(ward, "yte.truong").desks
    absence = ward.rows(sa.select(Absence.id).where(Absence.person_id == ward.person("yte.cv1")))[0][0]
    ward.signed_in("yte.cv1").post(f"/vang-mat/{absence}/ket-thuc")
    with pytest.raises(NotYourDesk):
        claim(ward, "yte.truong", step)
    assert [len(ward.facts(name)) for name in ("AbsenceEntered", "AbsenceEnded")] == [2, 1]  # One ships with the ward.


def test_the_proxy_stands_in_from_the_first_day_to_the_last(ward: Ward) -> None:
    enter(ward.signed_in("yte.cv1"), ward, "yte.truong", first=2, last=3)
    desk = f"staff@{ward.unit('yte')}"
    seen = []
    for moment in (None, start_of_day(ward, 2), start_of_day(ward, 3), start_of_day(ward, 4)):
        if moment is not None:
            ward.move_clock(moment)
        seen.append(desk in as_seen(ward, "yte.truong").desks)
    assert seen == [False, True, True, False]


def test_what_was_given_to_the_absent_person_can_be_done_by_the_proxy(ward: Ward) -> None:
    step = ward.open_step("yte")
    claim(ward, "yte.cv1", step)
    enter(ward.signed_in("yte.cv1"), ward, "yte.truong")
    proxy = as_seen(ward, "yte.truong")
    assert ward.person("yte.cv1") in proxy.actor().stands_for


def test_a_proxy_may_do_what_the_leader_may(ward: Ward) -> None:
    assert enter(ward.signed_in("pct.vhxh"), ward, "pct.kt").status_code == 302
    assert as_seen(ward, "pct.kt").may("sign")
    assert "Bạn làm thay Phó Chủ tịch phụ trách VH-XH" in text_of(ward.signed_in("pct.kt").get("/thong-bao"))


@pytest.mark.parametrize("leader", ["chutich", "pct.vhxh"])
@pytest.mark.parametrize("other", ["vanthu", "quantri"])
def test_a_leader_is_stood_in_by_a_leader_only(ward: Ward, leader: str, other: str) -> None:
    """The clerk and the administrators are of the leaders' unit, and sign nothing."""
    offered = ward.signed_in(leader).get("/vang-mat/moi").get_data(as_text=True)
    assert str(ward.person("pct.kt")) in offered and str(ward.person(other)) not in offered
    refused = enter(ward.signed_in(leader), ward, other)
    assert refused.status_code == 422
    assert "thay lãnh đạo UBND thì là lãnh đạo UBND" in text_of(refused)
    assert not as_seen(ward, other).may("sign")


def test_standing_in_is_not_passed_on(ward: Ward) -> None:
    enter(ward.signed_in("chutich"), ward, "pct.vhxh")
    warned = ward.signed_in("pct.vhxh").post("/vang-mat/moi", absence_form(ward, "pct.kt"), follow_redirects=True)
    assert "đang được cử làm thay Chủ tịch UBND" in text_of(warned)
    assert f"chair@{ward.unit('ubnd')}" not in as_seen(ward, "pct.kt").desks


@pytest.mark.parametrize(
    ("proxy", "first", "last", "message"),
    [
        ("vhxh.cv1", 0, 3, "không thể tự làm thay mình"),
        ("chutich", 0, 3, "cùng đơn vị hoặc cùng vai trò"),
        ("vhxh.cv2", 3, 0, "Ngày cuối phải từ ngày đầu trở đi."),
        ("vhxh.cv2", -9, -5, "Thời gian vắng mặt đã qua."),
        ("vhxh.cv2", 0, 500, "nhiều nhất một năm"),
    ],
)
def test_an_absence_that_makes_no_sense_is_refused(ward: Ward, proxy: str, first: int, last: int, message: str) -> None:
    answer = enter(ward.signed_in("vhxh.cv1"), ward, proxy, first, last)
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert 'value="Nghỉ phép"' in answer.get_data(as_text=True)


def test_somebody_with_the_same_role_elsewhere_may_stand_in(ward: Ward) -> None:
    assert enter(ward.signed_in("vhxh.cv1"), ward, "yte.cv1").status_code == 302


def test_two_absences_of_one_person_do_not_overlap(ward: Ward) -> None:
    visitor = ward.signed_in("vhxh.cv1")
    enter(visitor, ward, "vhxh.cv2", 0, 3)
    overlapping = enter(visitor, ward, "vhxh.cv2", 3, 5)
    assert overlapping.status_code == 422
    assert "trùng với một lần vắng mặt đã khai" in text_of(overlapping)
    assert enter(visitor, ward, "vhxh.cv2", 4, 5).status_code == 302


def test_whoever_is_away_stands_in_for_nobody(ward: Ward) -> None:
    enter(ward.signed_in("vhxh.cv2"), ward, "vhxh.truong")
    assert "Người làm thay cũng vắng" in text_of(enter(ward.signed_in("vhxh.cv1"), ward, "vhxh.cv2"))


def test_a_head_enters_absences_for_the_unit_and_nobody_else(ward: Ward) -> None:
    head = ward.signed_in("vhxh.truong")
    mine, other = str(ward.person("vhxh.cv1")), str(ward.person("yte.cv1"))
    assert enter(head, ward, "vhxh.cv2", nguoi=mine).status_code == 302
    assert enter(ward.signed_in("yte.cv1"), ward, "yte.truong").status_code == 302
    page = text_of(head.get("/vang-mat"))
    assert "Chuyên viên VH-XH 1" in page and "Viên chức Trạm Y tế 1" not in page
    assert enter(head, ward, "vhxh.cv2", nguoi=other).status_code == 403
    assert enter(ward.signed_in("vhxh.cv2"), ward, "vhxh.cv1", nguoi=mine).status_code == 403


def test_a_head_may_stand_in_for_their_people_but_an_administrator_takes_nobodys_rights(ward: Ward) -> None:
    assert (
        enter(ward.signed_in("vhxh.truong"), ward, "vhxh.truong", nguoi=str(ward.person("vhxh.cv1"))).status_code == 302
    )
    admin = ward.signed_in("quantri")
    answer = enter(admin, ward, "quantri", nguoi=str(ward.person("vanthu")))
    assert answer.status_code == 422
    assert "không tự chọn mình làm thay" in text_of(answer)
    assert enter(admin, ward, "pct.kt", nguoi=str(ward.person("chutich"))).status_code == 302


def test_a_head_does_not_take_the_rights_that_somebody_holds_elsewhere(ward: Ward) -> None:
    head = ward.signed_in("vanphong")
    desk = ward.rows(sa.select(Membership.id).where(Membership.unit_id == ward.unit("vp"), Membership.role == "head"))
    head.act_as(desk[0][0])
    answer = enter(head, ward, "vanphong", nguoi=str(ward.person("vanthu")))
    assert "không tự chọn mình làm thay" in text_of(answer)


def test_a_head_gives_nobody_the_rights_that_somebody_holds_elsewhere(ward: Ward) -> None:
    """Whom a head names a head can hand a code: so their own officer would be the clerk, and they the officer."""
    head, clerk = ward.signed_in("vanphong"), str(ward.person("vanthu"))
    desk = ward.rows(sa.select(Membership.id).where(Membership.unit_id == ward.unit("vp"), Membership.role == "head"))
    head.act_as(desk[0][0])
    answer = enter(head, ward, "vp.cv1", nguoi=clerk)
    assert answer.status_code == 422
    assert "giữ vai trò ngoài đơn vị của bạn" in text_of(answer)
    assert ward.signed_in("vp.cv1").get("/phat-hanh").status_code == 403
    assert enter(ward.signed_in("quantri"), ward, "vp.cv1", nguoi=clerk).status_code == 302


def test_nobody_ends_the_absence_of_another(ward: Ward) -> None:
    enter(ward.signed_in("vhxh.cv1"), ward, "vhxh.cv2")
    absence = ward.rows(sa.select(Absence.id).where(Absence.person_id == ward.person("vhxh.cv1")))[0][0]
    assert ward.signed_in("yte.truong").post(f"/vang-mat/{absence}/ket-thuc").status_code == 403
    assert ward.signed_in("vhxh.truong").post(f"/vang-mat/{absence}/ket-thuc").status_code == 302


def test_whoever_leaves_stands_in_no_longer(ward: Ward) -> None:
    enter(ward.signed_in("vhxh.cv1"), ward, "vhxh.cv2")
    ward.signed_in("quantri").post(f"/nguoi-dung/{ward.person('vhxh.cv2')}/ngung")
    assert ward.facts("AbsenceEnded")[-1].proxy_id == ward.person("vhxh.cv2")


def test_who_is_away_hears_that_nobody_stands_in_any_more(ward: Ward) -> None:
    enter(ward.signed_in("yte.cv1"), ward, "khdt.cv1")
    admin, proxy = ward.signed_in("quantri"), f"/nguoi-dung/{ward.person('khdt.cv1')}"
    assert "Đang được cử làm thay Viên chức Trạm Y tế 1 đến hết ngày" in text_of(admin.get(f"{proxy}/ban-giao"))
    assert admin.post(f"{proxy}/ngung").status_code == 302
    for username in ("yte.cv1", "yte.truong"):
        assert "Không còn ai làm thay Viên chức Trạm Y tế 1" in text_of(ward.signed_in(username).get("/thong-bao"))


def test_who_moves_to_other_work_stands_in_no_longer_and_everybody_concerned_hears_it(ward: Ward) -> None:
    enter(ward.signed_in("yte.cv1"), ward, "yte.truong")
    admin, proxy = ward.signed_in("quantri"), ward.person("yte.truong")
    for key, stays in (("yte", True), ("ca", False)):
        form = person_form(ward, (key, "head"), username="yte.truong", name="Trạm trưởng Y tế")
        assert admin.post(f"/nguoi-dung/{proxy}", form).status_code == 302
        assert (f"staff@{ward.unit('yte')}" in as_seen(ward, "yte.truong").desks) is stays
    absent = text_of(ward.signed_in("yte.cv1").get("/thong-bao"))
    assert "Trạm trưởng Y tế nay không cùng đơn vị, không cùng vai trò. Hãy khai người khác làm thay" in absent
    assert "Bạn thôi làm thay Viên chức Trạm Y tế 1" in text_of(ward.signed_in("yte.truong").get("/thong-bao"))


def test_who_stands_in_for_somebody_gets_no_code_for_their_account(ward: Ward) -> None:
    """A stand-in is for some days; a code would open the account, and set a password of one's own."""
    proxy = ward.signed_in("yte.cv1")
    assert enter(ward.signed_in("yte.truong"), ward, "yte.cv1").status_code == 302
    assert "yte.truong" not in text_of(proxy.get("/tai-khoan/ma"))
    assert proxy.post(f"/tai-khoan/ma/{ward.person('yte.truong')}").status_code == 404
    assert ward.facts("OneTimeCodeIssued") == []


def test_who_stands_in_for_an_administrator_gives_them_no_password(ward: Ward) -> None:
    proxy, administrator = ward.signed_in("vanthu"), ward.person("quantri")
    assert enter(ward.signed_in("quantri"), ward, "vanthu").status_code == 302
    assert "Cấp mật khẩu mới" not in text_of(proxy.get(f"/nguoi-dung/{administrator}"))
    refused = proxy.post(f"/nguoi-dung/{administrator}/mat-khau")
    assert refused.status_code == 403 and "Bạn đang làm thay người này" in text_of(refused)
    assert proxy.post(f"/nguoi-dung/{ward.person('yte.cv1')}/mat-khau").status_code == 200
    assert ward.signed_in("quantri").get("/nguoi-dung").status_code == 200


# --- what a proxy did ---


def test_the_history_says_in_whose_place_a_proxy_acted_also_when_it_is_over(ward: Ward) -> None:
    made = issue(ward, [Row("yte"), Row("yte")])
    enter(ward.signed_in("yte.cv1"), ward, "yte.truong", last=0)
    made.report("1", "yte.truong")
    ward.move_clock(start_of_day(ward, 1))
    made.report("2", "yte.cv1")
    first, second = (
        text_of(ward.signed_in("yte.truong").get(f"/ho-so/{made.case(ordinal)}")) for ordinal in ("1", "2")
    )
    assert "Thực hiện, báo kết quả Trạm trưởng Y tế, làm thay Viên chức Trạm Y tế 1 · " in first
    assert first.count("làm thay") == 1, "What they did as the unit's head is their own."
    assert "làm thay" not in second


def desks_become(ward: Ward, username: str, *held: tuple[str, Role]) -> None:
    """The person sits elsewhere from now on."""
    memberships, person = Membership.__table__, ward.person(username)
    with ward.runtime.writing() as connection:
        connection.execute(sa.delete(memberships).where(memberships.c.person_id == person))
        for unit, role in held:
            row = {"id": uuid7(), "person_id": person, "unit_id": ward.unit(unit), "role": role, "title": ""}
            connection.execute(sa.insert(memberships), row)


@pytest.mark.both_databases
def test_in_whose_place_it_was_stays_when_desks_change_hands(ward: Ward) -> None:
    made = closed_without_one(ward)
    made.consolidate()
    enter(ward.signed_in("chutich"), ward, "pct.vhxh", last=0)
    made.do("countersign_content", FOCAL_HEAD, made.cycle_id, decision="approve")
    made.do("countersign_form", "vanphong", made.cycle_id, role="office", decision="approve")
    made.do("vice_opinion", "pct.kt", made.cycle_id, decision="approve")
    claim(ward, "pct.vhxh", made.step("sign_chair", made.cycle_id))
    made.do("sign_chair", "pct.vhxh", made.cycle_id, decision="approve")
    for held in ((("ubnd", Role.VICE_CHAIR),), (("ubnd", Role.CHAIR),)):
        told = history_of(made, made.cycle_id)
        assert told.count("Phó Chủ tịch phụ trách VH-XH, làm thay Chủ tịch UBND") == 2, "Took it, and approved."
        desks_become(ward, "chutich")
        desks_become(ward, "pct.vhxh", *held)


def test_what_was_ones_own_stays_ones_own_when_one_leaves_the_desk(ward: Ward) -> None:
    made = issue(ward, [Row("vhxh")])
    enter(ward.signed_in("vhxh.cv2"), ward, "vhxh.cv1")
    made.report("1", "vhxh.cv1")
    desks_become(ward, "vhxh.cv1", ("vp", Role.STAFF))
    assert "Chuyên viên VH-XH 1" in history_of(made, made.case("1"))
    assert "làm thay" not in history_of(made, made.case("1"))


def history_of(made: CycleWard, instance_id: UUID) -> str:
    return text_of(made.signed_in(FOCAL_HEAD).get(f"/ho-so/{instance_id}"))


# --- what a proxy typed when the absence ended ---

TYPED = "Trạm đã lập 9.500 hồ sơ"


def stands_in_no_longer(made: CycleWard, absent: str, proxy: str, ended_by_hand: bool) -> Visitor:
    """The proxy's browser, with a page that they opened while it was theirs."""
    ward = made.ward
    assert enter(ward.signed_in(absent), ward, proxy, last=0).status_code == 302
    if ended_by_hand:
        absence = ward.rows(sa.select(Absence.id).where(Absence.person_id == ward.person(absent)))[0][0]
        assert ward.signed_in(absent).post(f"/vang-mat/{absence}/ket-thuc").status_code == 302
    else:
        ward.move_clock(start_of_day(ward, 1))
    return ward.signed_in(proxy)


@pytest.mark.parametrize("ended_by_hand", [False, True])
def test_what_is_sent_after_the_absence_says_when_it_ended_and_who_does_it_now(ward: Ward, ended_by_hand: bool) -> None:
    made = issue(ward, [Row("yte")])
    step, day = made.step("execute", made.case("1")), f"{made.today():%d/%m/%Y}"
    proxy = stands_in_no_longer(made, "yte.cv1", "yte.truong", ended_by_hand)
    why = (
        f"Thời gian bạn làm thay Viên chức Trạm Y tế 1 đã kết thúc ngày {day}. "
        "Việc này nay do Viên chức Trạm Y tế 1 xử lý."
    )
    sent = proxy.post(f"/viec/{step}", {"outcome": "done", "result": TYPED})
    assert sent.status_code == 403
    assert why in text_of(sent)
    assert TYPED in text_of(sent)
    kept = proxy.post(f"/viec/{step}/nhap", {"result": TYPED}, headers={"Accept": "application/json"})
    assert (kept.status_code, kept.get_json()["message"]) == (403, why)


def test_a_leaders_proxy_is_told_too_and_whoever_never_stood_in_is_not(ward: Ward) -> None:
    made = closed_without_one(ward)
    made.consolidate()
    made.do("countersign_content", FOCAL_HEAD, made.cycle_id, decision="approve")
    made.do("countersign_form", "vanphong", made.cycle_id, role="office", decision="approve")
    made.do("vice_opinion", "pct.kt", made.cycle_id, decision="approve")
    card, day = f"/duyet-ky/{made.step('sign_chair', made.cycle_id)}", f"{made.today():%d/%m/%Y}"
    refused = stands_in_no_longer(made, "chutich", "pct.vhxh", False).post(card, {"decision": "approve"})
    assert f"làm thay Chủ tịch UBND đã kết thúc ngày {day}. Việc này nay do" in text_of(refused)
    assert "Thời gian bạn làm thay" not in text_of(ward.signed_in("yte.cv1").get(card))


# --- what a proxy took when the absence ended ---


def at_the_chair(made: CycleWard) -> UUID:
    made.consolidate()
    made.do("countersign_content", FOCAL_HEAD, made.cycle_id, decision="approve")
    made.do("countersign_form", "vanphong", made.cycle_id, role="office", decision="approve")
    made.do("vice_opinion", "pct.kt", made.cycle_id, decision="approve")
    return made.step("sign_chair", made.cycle_id)


def absence_is_over(made: CycleWard, absent: str, *, by_hand: bool) -> None:
    ward = made.ward
    if by_hand:
        absence = ward.rows(sa.select(Absence.id).where(Absence.person_id == ward.person(absent)))[0][0]
        assert ward.signed_in(absent).post(f"/vang-mat/{absence}/ket-thuc").status_code == 302
    else:
        ward.move_clock(start_of_day(ward, 1))
    made.settle()


@pytest.mark.both_databases
@pytest.mark.parametrize("by_hand", [False, True])
def test_what_a_proxy_took_to_sign_goes_back_to_the_chair(ward: Ward, by_hand: bool) -> None:
    made = closed_without_one(ward)
    step = at_the_chair(made)
    enter(ward.signed_in("chutich"), ward, "pct.vhxh", last=0)
    proxy = ward.signed_in("pct.vhxh")
    assert proxy.post("/hop-viec/nhan", {"viec": str(step)}).status_code == 302
    absence_is_over(made, "chutich", by_hand=by_hand)
    assert ward.holder(step) == ward.person("chutich")
    assert proxy.post(f"/duyet-ky/{step}", {"decision": "approve"}).status_code == 403
    assert "Mở xem và quyết định" in text_of(ward.signed_in("chutich").get("/duyet-ky"))
    assert "Hết thời gian làm thay" in text_of(ward.signed_in("chutich").get("/thong-bao"))


def test_a_task_that_a_proxy_took_is_the_officers_again(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    step = made.step("execute", made.case("1"))
    enter(ward.signed_in("yte.cv1"), ward, "khdt.cv1", last=0)
    claim(ward, "khdt.cv1", step)
    absence_is_over(made, "yte.cv1", by_hand=False)
    assert ward.holder(step) == ward.person("yte.cv1")
    officer = sa.select(TaskOccurrence.officer_id).where(TaskOccurrence.id == made.case("1"))
    assert made.rows(officer) == [(ward.person("yte.cv1"),)]


def test_where_the_absent_person_sits_there_no_longer_it_goes_to_the_desk(ward: Ward) -> None:
    made = closed_without_one(ward)
    step = at_the_chair(made)
    enter(ward.signed_in("chutich"), ward, "pct.vhxh", last=0)
    claim(ward, "pct.vhxh", step)
    desks_become(ward, "chutich", ("ubnd", Role.VICE_CHAIR))
    absence_is_over(made, "chutich", by_hand=False)
    assert ward.holder(step) is None
    assert made.failed_jobs() == []
