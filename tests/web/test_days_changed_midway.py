"""What changes while a cycle's days run: a letter, more time, the working days, the name of a unit, another cycle."""

from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.calendar import Calendar, due_day
from engine.models import UserTask
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_cycle_kinds import opened
from tests.web.test_cycle_reminders import half_year, notices, on_the_morning, told
from tests.web.test_days_of_cycles import HEAD, OFFICER, letter, step_due
from tests.web.test_days_that_change import extended
from tests.web.test_notifications import bodies, titles
from tests.web.test_unit_changes import NEW, carried_out, unit_id
from tests.web.test_units_that_moved import part_entered, part_given_away
from tests.web.wards import Ward, text_of

pytestmark = pytest.mark.both_databases


def calendar(ward: Ward) -> Calendar:
    with ward.runtime.reading() as connection:
        return ward.runtime.calendar(ward.demo.tenant_id, connection)


def digest(made: CycleWard) -> str:
    """The officer's last."""
    return bodies(made, OFFICER, "digest")[-1]


# --- several cycles ---


def month_quarter_year(ward: Ward) -> tuple[CycleWard, dict[str, tuple[UUID, date]]]:
    """Three cycles ask for one task; each with its last day, three working days apart."""
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai")])
    year, cycles = made.report_by, {}
    for name, kind, before in (("Tháng 5", "month", -6), ("Quý II", "quarter", -3)):
        made.report_by = calendar(ward).shift(year, before)
        opened(made, name, kind)
        cycles[name] = made.cycle_id, made.report_by
    made.report_by = year
    made.open_cycle("Cả năm")
    return made, cycles | {"Cả năm": (made.cycle_id, year)}


def test_each_of_three_cycles_has_its_row_its_page_and_its_reminders(ward: Ward) -> None:
    made, cycles = month_quarter_year(ward)
    listed = text_of(made.signed_in(HEAD).get("/bao-cao-don-vi"))
    for name, (cycle_id, day) in cycles.items():
        assert f"{name} 45/KH-UBND · Phòng Kinh tế, Hạ tầng và Đô thị 1 0 0 {day:%d/%m/%Y}" in listed
        page = text_of(made.signed_in(OFFICER).get(f"/bao-cao-don-vi/{cycle_id}/{ward.unit('khdt')}"))
        assert f"Gửi chậm nhất hết ngày {day:%d/%m/%Y}" in page
    for name in ("Tháng 5", "Quý II"):
        made.cycle_id, day = cycles[name]
        on_the_morning(ward, day)
        assert told(made, HEAD, day) == [f"Hạn hôm nay: gửi báo cáo kỳ {name}"]
    made.cycle_id, _ = cycles["Tháng 5"]
    assert told(made, HEAD, cycles["Quý II"][1]) == ["Quá hạn 3 ngày làm việc: gửi báo cáo kỳ Tháng 5"]


def test_a_letter_for_one_of_three_cycles_moves_its_day_alone(ward: Ward) -> None:
    made, cycles = month_quarter_year(ward)
    made.cycle_id, month = cycles["Tháng 5"]
    moved = calendar(ward).shift(cycles["Quý II"][1], 1)
    letter(made, moved)
    assert step_due(made) == cycles["Quý II"][1]
    listed = text_of(made.signed_in(HEAD).get("/bao-cao-don-vi"))
    assert listed.index("Quý II") < listed.index("Tháng 5") < listed.index("Cả năm")
    assert f"{month:%d/%m/%Y}" not in listed


# --- a unit's name ---


def test_what_a_unit_heard_under_its_old_name_still_counts_and_the_rest_says_the_new(ward: Ward) -> None:
    made, days = half_year(ward)
    urged, urge = made.today(), {"only": str(ward.unit("khdt"))}
    made.signed_in(FOCAL).post(f"/ky-bao-cao/{made.cycle_id}/don-doc", urge)
    carried_out(made, "khdt", "doi-ten", **NEW)
    on_the_morning(ward, days[5])
    assert notices(made, HEAD, days[5])[0][1].startswith("Kế hoạch 45/KH-UBND, chưa gửi: Phòng Kinh tế (1 nhiệm vụ).")
    board = text_of(made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}"))
    row = board.partition("Phòng Kinh tế 0/1")[2].partition("Trạm Y tế")[0]
    assert f"Đã nhắc: {urged:%d/%m}, {days[5]:%d/%m}" in row
    made.send("2", "yte")
    made.take("2")
    made.send_message("cutoff_requested", FOCAL, made.cycle_id, reason="Đến hạn tổng hợp")
    missing = [{"unit": str(unit_id(made, NEW["name"])), "reason": "Chưa có số liệu"}]
    made.do("confirm_cutoff", FOCAL, made.cycle_id, missing=missing, confirmed=True)
    drafted = text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}"))
    assert "Phòng Kinh tế" in drafted and "Phòng Kinh tế, Hạ tầng và Đô thị" not in drafted


def test_who_takes_a_part_of_a_units_work_was_not_reminded_with_it(ward: Ward) -> None:
    made, _ = half_year(ward)
    made.signed_in(FOCAL).post(f"/ky-bao-cao/{made.cycle_id}/don-doc", {"only": str(ward.unit("khdt"))})
    part_given_away(made, part_entered(made))
    board = text_of(made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}"))
    assert "Phòng Đô thị 0/1" in board
    assert "Đã nhắc" not in board.partition("Phòng Đô thị 0/1")[2].partition("Trạm Y tế")[0]


# --- the working days ---


def test_a_holiday_and_the_saturday_worked_for_it_move_what_is_still_to_be_told(ward: Ward) -> None:
    made, days = half_year(ward)
    monday, saturday = days[3], days[3] - timedelta(days=2)  # The first is two working days before the last.
    on_the_morning(ward, days[0])
    for day, working in ((monday, "free"), (saturday, "working")):
        form = {"day": day.isoformat(), "working": working, "note": "Hoán đổi ngày làm việc"}
        assert made.signed_in("quantri").post("/lich-lam-viec", form).status_code == 302
    made.settle()
    board = text_of(made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}"))
    assert f"Trạm Y tế · 08:00 {saturday:%d/%m/%Y}" in board
    on_the_morning(ward, saturday)
    assert told(made, OFFICER, saturday) == ["Còn 2 ngày làm việc: gửi báo cáo kỳ 6 tháng"]
    on_the_morning(ward, monday)
    assert told(made, OFFICER, monday) == []
    on_the_morning(ward, days[5])
    assert told(made, OFFICER, days[5]) == ["Hạn hôm nay: gửi báo cáo kỳ 6 tháng"]
    assert step_due(made) == days[5]


# --- more time, and a letter ---


def test_the_mornings_digest_goes_by_the_day_on_the_page_after_more_time_and_after_a_letter(ward: Ward) -> None:
    made, days = half_year(ward)
    on_the_morning(ward, days[5], hour=7)
    extended(made, days[6], element="extension_review", by=FOCAL)
    on_the_morning(ward, days[5])
    assert digest(made) == "Bạn đang giữ 1 việc: 1 việc đến hạn trong 3 ngày làm việc tới."
    letter(made, days[7])
    assert f"Báo cáo kỳ: hết {days[7]:%d/%m/%Y}" in text_of(made.signed_in(OFFICER).get("/hop-viec"))
    for day in (days[6], days[7]):
        on_the_morning(ward, day)
    assert digest(made) == "Bạn đang giữ 1 việc: 1 việc đến hạn hôm nay."


def test_who_just_got_more_time_hears_of_no_reminder_that_comes_late(ward: Ward) -> None:
    """By the new day they would have been reminded two hours ago."""
    made, days = half_year(ward)
    on_the_morning(ward, days[3])
    on_the_morning(ward, days[4], hour=10)
    extended(made, days[6], element="extension_review", by=FOCAL)
    on_the_morning(ward, days[4], hour=11)
    assert titles(made, OFFICER, "extension") == [f"Được gia hạn gửi báo cáo kỳ đến hết ngày {days[6]:%d/%m/%Y}"]
    assert told(made, OFFICER, days[4]) == []


def test_a_letter_that_comes_once_the_day_is_over_is_told_and_starts_the_days_anew(ward: Ward) -> None:
    made, days = half_year(ward)
    for hour in (8, 14):
        on_the_morning(ward, days[6], hour=hour)
    moved = calendar(ward).shift(days[6], 2)
    letter(made, moved)
    on_the_morning(ward, days[6], hour=15)
    told_of = bodies(made, HEAD, "asked")[-1]
    assert titles(made, HEAD, "asked")[-1] == titles(made, OFFICER, "asked")[-1] == "Đổi hạn kỳ báo cáo 6 tháng"
    assert told_of == (
        f"Kế hoạch 45/KH-UBND: đơn vị gửi báo cáo chậm nhất hết ngày {moved:%d/%m/%Y}, thay cho {days[5]:%d/%m/%Y}. "
        "Việc có hạn riêng giữ hạn của việc. Căn cứ: Công văn số 88/SKHCN."
    )
    assert told(made, HEAD, days[6]) == ["Quá hạn 1 ngày làm việc: gửi báo cáo kỳ 6 tháng"]  # Before the letter.
    assert "0 quá hạn" in text_of(made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}"))
    assert "Số hóa" not in text_of(made.signed_in(HEAD).get("/hop-viec?ds=cua-don-vi&han=qua-han"))
    on_the_morning(ward, calendar(ward).shift(moved, -1))
    assert titles(made, "pct.vhxh", "escalation") == []


def test_a_cut_off_that_was_due_waits_for_the_day_that_a_letter_gives(ward: Ward) -> None:
    made, days = half_year(ward)
    on_the_morning(ward, days[7], hour=18)
    step = sa.select(UserTask.due_at).where(UserTask.id == made.step("confirm_cutoff", made.cycle_id))
    after = calendar(ward).shift(days[7], 1)
    assert due_day(made.rows(step)[0][0]) == after
    moved = calendar(ward).shift(days[7], 5)
    letter(made, moved)
    assert due_day(made.rows(step)[0][0]) == calendar(ward).shift(moved, 3)
    on_the_morning(ward, calendar(ward).shift(after, 1))
    assert not any("Xác nhận chốt" in title for title in titles(made, "vhxh.truong", "escalation"))
