"""Several cycles of one plan at once: each report goes to the cycle that waits for it first."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.calendar import Calendar
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_cycle_kinds import opened, supplements
from tests.web.test_documents import send
from tests.web.test_indicators import written
from tests.web.wards import Ward, text_of
from webapp.cycles.commands import ReturnRow
from webapp.cycles.models import CycleEntry, ReportingCycle
from webapp.plans.models import PlanTask, TaskOccurrence

ROWS = [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte", "Hồ sơ sức khỏe", group="II")]


def states(made: CycleWard) -> dict[str, list[str]]:
    """The states of the entries by cycle, in the order of the appendix."""
    found: dict[str, list[str]] = {}
    query = (
        sa.select(ReportingCycle.name, CycleEntry.state)
        .join(CycleEntry, CycleEntry.cycle_id == ReportingCycle.id)
        .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
        .join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)
        .order_by(ReportingCycle.opened_at, PlanTask.position)
    )
    for name, state in made.rows(query):
        found.setdefault(name, []).append(state.value)
    return found


def named(made: CycleWard, name: str) -> UUID:
    return made.rows(sa.select(ReportingCycle.id).where(ReportingCycle.name == name))[0][0]


def signed(made: CycleWard) -> None:
    made.consolidate()
    made.approve()


def test_what_an_ad_hoc_report_told_stays_told_when_the_work_goes_on(ward: Ward) -> None:
    made = issue(ward, ROWS[:1])
    opened(made, "Đột xuất", "ad_hoc")
    made.send("1", "khdt", outcome="in_progress")
    made.take("1")
    signed(made)
    send(made)
    board = made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}").get_data(as_text=True)
    assert f"/ho-so/{made.cycle_id}/gui/city_returned" in board
    made.send_message("city_received", "vanthu", made.cycle_id, received_on=made.today().isoformat(), number="118")
    assert made.open_steps(made.case("1")) == ["execute"]
    assert states(made) == {"Đột xuất": ["taken"]}
    made.send("1", "khdt", outcome="in_progress")
    assert states(made) == {"Đột xuất": ["taken"]}, "What the city has is no longer changed."


def asked_by_two(ward: Ward, rows: Sequence[Row] = ROWS[:1]) -> CycleWard:
    """A snapshot asks for the work, and a week later the year's report does; the snapshot is at hand."""
    made = issue(ward, rows)
    day = made.report_by
    made.report_by = day - timedelta(days=7)
    opened(made, "Đột xuất", "ad_hoc", outline="Nhân lực số\nKinh phí")
    snapshot, made.report_by = made.cycle_id, day
    made.open_cycle("Cả năm")
    made.cycle_id = snapshot
    return made


def test_what_one_cycle_goes_without_is_a_supplement_of_the_other_whichever_was_opened_first(ward: Ward) -> None:
    made = asked_by_two(ward)
    made.cut_off(khdt="Chưa có số liệu")
    assert states(made) == {"Đột xuất": ["missing"], "Cả năm": ["asked"]}
    made.cycle_id = named(made, "Cả năm")
    assert supplements(made, "1") == "Đột xuất"
    own = made.signed_in("khdt.cv1").get("/bao-cao-don-vi", follow_redirects=True)
    assert "Bổ sung cho kỳ Đột xuất" in text_of(own)
    made.send("1", "khdt")
    assert "Bổ sung cho kỳ Đột xuất" in text_of(made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}/kiem-tra"))
    made.take("1")
    assert states(made) == {"Đột xuất": ["missing"], "Cả năm": ["taken"]}
    assert "Bổ sung cho kỳ đột xuất: Đã hoàn thành" in written(made)
    opened(made, "Rà soát", "ad_hoc")
    assert supplements(made, "1") is None, "It was made up for."


def test_a_report_that_is_being_checked_at_the_cut_off_is_on_its_way_to_the_other_cycle(ward: Ward) -> None:
    made = asked_by_two(ward)
    made.send("1", "khdt", outcome="in_progress")
    made.cut_off()
    assert states(made) == {"Đột xuất": ["missing"], "Cả năm": ["sent"]}
    why = sa.select(CycleEntry.missing_reason).where(CycleEntry.id == made.entry("1"))
    assert made.rows(why) == [("Đã gửi, chưa kiểm tra xong",)]
    made.take("1")
    assert states(made) == {"Đột xuất": ["missing"], "Cả năm": ["taken"]}


def test_a_cycle_of_this_year_that_collects_takes_what_last_years_goes_without(ward: Ward) -> None:
    made = issue(ward, ROWS)
    made.open_cycle("Cả năm")
    last_year, this_year = made.cycle_id, made.year()
    with ward.runtime.writing() as connection:
        cases, cycles, before = TaskOccurrence.__table__, ReportingCycle.__table__, this_year - 1
        of_before = sa.update(cases).where(cases.c.id == made.case("1"))
        connection.execute(of_before.values(year=before, last_year=before))
        connection.execute(sa.update(cycles).where(cycles.c.id == last_year).values(year=before))
    opened(made, "Đột xuất", "ad_hoc")
    assert states(made) == {"Cả năm": ["asked", "asked"], "Đột xuất": ["asked"]}
    newer, made.cycle_id = made.cycle_id, last_year
    made.cut_off(khdt="Chưa xong", yte="Chưa xong")
    assert states(made) == {"Cả năm": ["missing", "missing"], "Đột xuất": ["asked", "asked"]}
    made.cycle_id = newer
    assert (supplements(made, "1"), supplements(made, "2")) == ("Cả năm", "Cả năm")
    made.cut_off(khdt="Chưa xong", yte="Chưa xong")
    drafted = text_of(made.signed_in(FOCAL).get(f"/tong-hop/{newer}"))
    assert "Không báo cáo trong kỳ" in drafted
    assert "Bổ sung cho kỳ" not in drafted, "Nothing has come."
    assert made.failed_jobs() == []


def with_a_snapshot_being_signed(ward: Ward, **report: str) -> CycleWard:
    made = issue(ward, ROWS[:1])
    opened(made, "Đột xuất", "ad_hoc")
    made.send("1", "khdt", **report)
    made.take("1")
    signed(made)
    return made


def stage(made: CycleWard) -> str:
    return made.rows(sa.select(TaskOccurrence.state))[0][0].value


def test_a_report_is_for_the_cycle_whose_day_comes_first(ward: Ward) -> None:
    made = asked_by_two(ward)
    day, ad_hoc = made.report_by, made.cycle_id
    page = text_of(made.signed_in("khdt.cv1").get(f"/viec/{made.step('execute', made.case('1'))}"))
    assert page.index("Kỳ đang chờ báo cáo: Đột xuất.") < page.index("Kỳ đang chờ báo cáo: Cả năm.")
    assert f"Đơn vị gửi chậm nhất hết ngày {day - timedelta(days=7):%d/%m/%Y}. Đề cương: Nhân lực số; Kinh phí" in page
    made.send("1", "khdt", outcome="in_progress")
    assert states(made) == {"Đột xuất": ["sent"], "Cả năm": ["asked"]}
    made.take("1")
    assert states(made) == {"Đột xuất": ["taken"], "Cả năm": ["asked"]}
    made.send("1", "khdt")
    made.take("1")
    assert states(made) == {"Đột xuất": ["taken"], "Cả năm": ["taken"]}
    made.cycle_id = ad_hoc
    signed(made)
    send(made)
    made.send_message("city_received", "vanthu", ad_hoc, received_on=made.today().isoformat(), number="118")
    assert stage(made) == "awaiting_consolidation", "The case goes up with the year's last cycle."


def test_a_units_page_says_which_cycle_is_served_first_and_lists_the_one_due_first_in_front(ward: Ward) -> None:
    made = asked_by_two(ward)
    unit, visitor = ward.unit("khdt"), made.signed_in("khdt.cv1")
    listed = text_of(visitor.get("/bao-cao-don-vi"))
    assert listed.index("Đột xuất") < listed.index("Cả năm")
    other = text_of(visitor.get(f"/bao-cao-don-vi/{named(made, 'Cả năm')}/{unit}"))
    assert "Gửi bây giờ thì tính cho kỳ Đột xuất trước" in other
    own = text_of(visitor.get(f"/bao-cao-don-vi/{made.cycle_id}/{unit}"))
    assert "Cũng được hỏi ở kỳ Cả năm: việc đã hoàn thành thì không phải báo cáo lại." in own


def test_work_in_progress_reports_to_the_next_cycle_while_the_first_is_signed(ward: Ward) -> None:
    made = with_a_snapshot_being_signed(ward, outcome="in_progress")
    snapshot = made.cycle_id
    made.open_cycle("Cả năm")
    assert states(made) == {"Đột xuất": ["taken"], "Cả năm": ["asked"]}
    assert made.open_steps(made.case("1")) == ["execute"]
    page = text_of(made.signed_in("khdt.cv1").get("/bao-cao-don-vi", follow_redirects=True))
    assert "Cả năm" in page and "Số hóa hồ sơ đất đai" in page and "Cần bổ sung" not in page
    case = text_of(made.signed_in("khdt.cv1").get(f"/ho-so/{made.case('1')}"))
    assert "Kỳ báo cáo Cả năm Chưa gửi" in case
    assert "Kỳ: đang nhận báo cáo. Đột xuất Đã nhận" in case
    assert "Kỳ: đã duyệt, chờ cấp số." in case
    made.send("1", "khdt", result="Đã số hóa 150 hồ sơ.")
    made.take("1")
    assert states(made) == {"Đột xuất": ["taken"], "Cả năm": ["taken"]}
    assert [one.text for one in made.statements()] == ["Đã số hóa 150 hồ sơ."]
    made.cycle_id = snapshot
    assert [one.text for one in made.statements()] == ["Đã xong."]


def test_once_the_work_is_done_its_report_is_on_its_way_to_all_that_ask(ward: Ward) -> None:
    made = asked_by_two(ward)
    made.send("1", "khdt")
    assert states(made) == {"Đột xuất": ["sent"], "Cả năm": ["sent"]}
    made.do("check", FOCAL, made.case("1"), decision="return", reason="Thiếu số liệu", items=[])
    assert states(made) == {"Đột xuất": ["returned"], "Cả năm": ["returned"]}
    made.cut_off(khdt="Chưa bổ sung")
    made.send("1", "khdt", result="Đã số hóa 150 hồ sơ.")
    made.take("1")
    assert states(made) == {"Đột xuất": ["missing"], "Cả năm": ["taken"]}
    made.cycle_id = named(made, "Cả năm")
    assert supplements(made, "1") == "Đột xuất"


def test_what_comes_late_waits_for_the_next_report_though_an_earlier_one_has_gone_up(ward: Ward) -> None:
    made = with_a_snapshot_being_signed(ward, outcome="in_progress")
    made.open_cycle("Cả năm")
    made.cut_off(khdt="Chưa có số liệu")
    made.send("1", "khdt", result="Đã số hóa 150 hồ sơ.")
    made.take("1")
    assert stage(made) == "awaiting_consolidation", "The snapshot told what was before."
    opened(made, "Rà soát", "ad_hoc")
    assert (states(made)["Rà soát"], supplements(made, "1")) == (["taken"], "Cả năm")


def test_the_focal_units_own_report_goes_to_the_first_while_its_work_goes_on(ward: Ward) -> None:
    made = asked_by_two(ward, [Row("vhxh", "Tuyên truyền")])
    made.report("1", "vhxh.cv1", outcome="in_progress")
    assert states(made) == {"Đột xuất": ["sent"], "Cả năm": ["asked"]}


def test_work_that_is_done_need_not_be_reported_again(ward: Ward) -> None:
    made = with_a_snapshot_being_signed(ward, outcome="done")
    made.open_cycle("Cả năm")
    assert states(made) == {"Đột xuất": ["taken"], "Cả năm": ["taken"]}
    assert made.open_steps(made.case("1")) == []


def test_what_its_second_lead_confirms_is_sent_for_the_next_cycle_too(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai", second_lead="yte")])
    opened(made, "Đột xuất", "ad_hoc")
    made.send("1", "khdt", outcome="in_progress")
    assert made.open_steps(made.case("1")) == ["second_lead_confirm"]
    made.open_cycle("Cả năm")
    assert states(made) == {"Đột xuất": ["sent"], "Cả năm": ["sent"]}


def test_a_report_that_two_cycles_have_goes_back_from_both(ward: Ward) -> None:
    made = issue(ward, ROWS)
    opened(made, "Đột xuất", "ad_hoc")
    made.send("1", "khdt", outcome="in_progress")
    made.take("1")
    made.open_cycle("Cả năm")
    assert states(made) == {"Đột xuất": ["taken", "asked"], "Cả năm": ["taken", "asked"]}
    returned = ReturnRow(entry_id=made.entry("1"), item="Số liệu", reason="Chưa khớp")
    made.execute(returned, FOCAL)
    assert states(made) == {"Đột xuất": ["returned", "asked"], "Cả năm": ["returned", "asked"]}
    made.send("1", "khdt", outcome="in_progress")
    made.take("1")
    assert states(made) == {"Đột xuất": ["taken", "asked"], "Cả năm": ["taken", "asked"]}


def test_the_step_says_why_it_was_returned_last_whichever_cycle_did(ward: Ward) -> None:
    made = issue(ward, ROWS[:1])
    opened(made, "Đột xuất", "ad_hoc")
    snapshot = made.entry("1")
    made.send("1", "khdt", outcome="in_progress")
    made.take("1")
    made.open_cycle("Cả năm")

    def returned(entry: UUID, why: str) -> bool:
        made.execute(ReturnRow(entry_id=entry, item="Số liệu", reason=why), FOCAL)
        page = text_of(made.signed_in("khdt.cv1").get(f"/viec/{made.step('execute', made.case('1'))}"))
        made.send("1", "khdt", outcome="in_progress")
        made.take("1")
        return re.search(f"Trả lại để bổ sung[.] Đơn vị đầu mối, [^“]*“{why}”", page) is not None

    assert returned(made.entry("1"), "Chưa khớp")
    made.consolidate()
    assert returned(snapshot, "Thiếu đơn vị tính")


def test_a_row_returned_after_the_work_went_on_is_mended_with_the_next_report(ward: Ward) -> None:
    made = asked_by_two(ward)
    made.send("1", "khdt", outcome="in_progress")
    made.take("1")
    assert made.open_steps(made.case("1")) == ["execute"]
    made.execute(ReturnRow(entry_id=made.entry("1"), item="Số liệu", reason="Chưa khớp"), FOCAL)
    assert states(made) == {"Đột xuất": ["returned"], "Cả năm": ["asked"]}
    assert "Cần bổ sung báo cáo kỳ Đột xuất" in text_of(made.signed_in("khdt.cv1").get("/thong-bao"))
    made.send("1", "khdt")
    made.take("1")
    assert states(made) == {"Đột xuất": ["taken"], "Cả năm": ["taken"]}


def returned_by_the_city(made: CycleWard, answer_by: date) -> None:
    """Its one row needs the unit's data again."""
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Chưa khớp")
    made.do(
        "classify", FOCAL, made.cycle_id, kind="data", tasks=[str(made.entry("1"))], reason="Chưa khớp",
        answer_by=answer_by.isoformat(),
    )  # fmt: skip


@pytest.mark.parametrize("was_received", [True, False])
def test_what_the_city_returns_is_due_by_the_day_that_was_named(ward: Ward, was_received: bool) -> None:
    """Whether the case has gone on after the report, or still waits for what becomes of it."""
    made = issue(ward, ROWS[:1])
    opened(made, "Đột xuất", "ad_hoc")
    made.send("1", "khdt", outcome="in_progress")
    made.take("1")
    signed(made)
    send(made)
    received = {"received_on": made.today().isoformat(), "number": "118"}
    if was_received:
        made.send_message("city_received", "vanthu", made.cycle_id, **received)
    assert made.open_steps(made.case("1")) == (["execute"] if was_received else [])
    answer_by = Calendar().shift(made.today(), 3)
    returned_by_the_city(made, answer_by)
    officer, until = made.signed_in("khdt.cv1"), f"hết ngày {answer_by:%d/%m/%Y}"
    assert f"Chưa khớp. Gửi lại chậm nhất {until}" in text_of(officer.get("/thong-bao"))
    assert f"Còn 3 ngày làm việc · {answer_by:%d/%m/%Y}" in text_of(officer.get("/hop-viec"))
    page = text_of(officer.get(f"/viec/{made.step('execute', made.case('1'))}"))
    assert f"Kỳ đang chờ báo cáo: Đột xuất. Đơn vị gửi chậm nhất {until}" in page
    made.send("1", "khdt", outcome="in_progress")
    made.take("1")
    assert (states(made), made.failed_jobs()) == ({"Đột xuất": ["taken"]}, [])
