"""The city returns the year's last report: a unit whose case was closed with it reports anew in a linked one."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.calendar import Calendar
from tests.web.cycle_wards import DONE, FOCAL, CycleWard, Row, issue
from tests.web.remembering import remembered
from tests.web.test_attachments import PDF, uploaded
from tests.web.test_documents import FROM_REGISTER, issue_number
from tests.web.wards import Ward, text_of
from webapp.cycles.models import ConsolidatedReport, CycleEntry
from webapp.cycles.services import OpenVersion
from webapp.documents.models import Attachment
from webapp.plans.models import Contribution, TaskOccurrence

ROWS = (Row("khdt", "Xây dựng kho dữ liệu dùng chung", coordinator="yte"), Row("yte", "Hồ sơ sức khỏe điện tử"))


def send_up(made: CycleWard) -> None:
    """From the draft to the city."""
    made.consolidate(text=None, summary="Đạt 2/2 nhiệm vụ")
    made.approve()
    issue_number(made, **FROM_REGISTER)
    made.do("send_city", "vanthu", made.cycle_id, outcome="sent", channel="documents")
    made.send_message("city_received", "vanthu", made.cycle_id, received_on=made.today().isoformat(), number="118")


@remembered
def received(ward: Ward) -> CycleWard:
    """The city has the year's last report, which closed its cases."""
    made = issue(ward, ROWS)
    made.open_cycle()
    evidence = uploaded(made.signed_in("khdt.cv1"), made.step("execute", made.case("1")), "bien-ban.pdf")
    made.send("1", "khdt", evidence=[evidence])
    made.send("2", "yte")
    made.take("1", "2")
    send_up(made)
    return made


@remembered
def returned(ward: Ward) -> CycleWard:
    """The city sends it back."""
    made = received(ward)
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Số liệu kho dữ liệu chưa khớp")
    return made


@remembered
def over(ward: Ward) -> CycleWard:
    """The time for the city's answer is over, and with it the cycle."""
    made = received(ward)
    ward.move_clock(ward.now() + timedelta(days=40))
    made.settle()
    return made


def classify(made: CycleWard) -> None:
    """The first row needs its unit's data."""
    made.do(
        "classify", FOCAL, made.cycle_id, kind="data", tasks=[str(made.entry("1"))],
        reason="Số liệu kho dữ liệu chưa khớp.", answer_by=made.today().isoformat(),
    )  # fmt: skip


def rounds(made: CycleWard, ordinal: str) -> list[tuple[int, str]]:
    """The cases of a task, the closed one first."""
    task = sa.select(TaskOccurrence.plan_task_id).where(TaskOccurrence.id == made.case(ordinal)).scalar_subquery()
    query = sa.select(TaskOccurrence.round, TaskOccurrence.state).where(TaskOccurrence.plan_task_id == task)
    return [(number, state.value) for number, state in made.rows(query.order_by(TaskOccurrence.round))]


def test_the_unit_reports_at_once_in_a_linked_case_and_the_next_version_has_it(ward: Ward) -> None:
    made = returned(ward)
    closed = made.case("1")
    classify(made)
    linked = made.case("1")
    assert rounds(made, "1") == [(1, "done"), (2, "needs_rework")]
    assert rounds(made, "2") == [(1, "done")], "Nothing is asked of it."
    assert made.open_steps(linked) == ["execute"]
    assert made.entries() == {"1": "returned", "2": "taken"}
    assert len(made.statements()) == 1, "What is to be mended is no part of the draft."
    drafted = text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}"))
    assert "Thành phố trả lại: Số liệu kho dữ liệu chưa khớp (Văn thư" in drafted

    made.send("1", "khdt", result="Kho dữ liệu có 12 bộ, đã đối chiếu.")
    made.take("1")
    assert [text for _, _, text, _ in made.statements()] == ["Kho dữ liệu có 12 bộ, đã đối chiếu.", DONE["result"]]
    send_up(made)
    versions = sa.select(ConsolidatedReport.version, ConsolidatedReport.document_code)
    assert made.rows(versions.order_by(ConsolidatedReport.version)) == [(1, "01/BC-UBND"), (2, "02/BC-UBND")]
    assert rounds(made, "1") == [(1, "done"), (2, "done")]
    assert closed != linked


def test_who_mends_and_who_signs_read_why_the_city_returned_it(ward: Ward) -> None:
    made = returned(ward)
    assert "Lý do: Số liệu kho dữ liệu chưa khớp. Hạn:" in text_of(made.signed_in(FOCAL).get("/thong-bao"))
    page = text_of(made.signed_in("chutich").get(f"/ky-bao-cao/{made.cycle_id}"))
    assert "Thành phố trả lại: Số liệu kho dữ liệu chưa khớp (Văn thư, " in page
    classify(made)
    told = text_of(made.signed_in("khdt.truong").get("/thong-bao"))
    assert "Số liệu: Số liệu kho dữ liệu chưa khớp. Gửi lại chậm nhất hết ngày" in told
    made.send("1", "khdt", result="Kho dữ liệu có 12 bộ, đã đối chiếu.")
    made.take("1")
    made.consolidate(text=None)
    card = text_of(made.signed_in("vhxh.truong").get("/duyet-ky"))
    assert "Thành phố trả lại (Văn thư, " in card
    assert "“Số liệu kho dữ liệu chưa khớp” Đã sửa từ lần trả lại: Nhiệm vụ I.1" in card


def test_the_officer_starts_from_what_was_reported(ward: Ward) -> None:
    made = returned(ward)
    classify(made)
    officer = made.signed_in("khdt.cv1")
    page = text_of(officer.get(f"/viec/{made.step('execute', made.case('1'))}"))
    assert page.count(DONE["result"]) >= 2, "In the form, and as what was reported."
    assert "Số liệu kho dữ liệu chưa khớp" in page
    told = text_of(made.signed_in("khdt.truong").get("/thong-bao"))
    assert "Cần bổ sung báo cáo kỳ" in told


def test_the_files_of_the_closed_report_go_along(ward: Ward) -> None:
    made = returned(ward)
    closed = made.case("1")
    classify(made)
    linked, officer = made.case("1"), made.signed_in("khdt.cv1")
    (file,) = made.rows(sa.select(Attachment).where(Attachment.instance_id == linked))[0]
    step = made.step("execute", linked)
    assert f'name="evidence" value="{file.id}"' in officer.get(f"/viec/{step}").text
    page = officer.get(f"/bao-cao-don-vi/{made.cycle_id}/{ward.unit('khdt')}").text
    assert f'evidence" value="{file.id}"' in page
    answers = {"outcome": "done", "result": "Đã đối chiếu", "completed_on": f"{made.today():%d/%m/%Y}"}
    assert officer.post(f"/viec/{step}", {**answers, "evidence": str(file.id)}).status_code == 302
    head = made.signed_in("khdt.truong")
    for case in (closed, linked):
        assert "bien-ban.pdf" in head.get(f"/ho-so/{case}").text
    with head.get(f"/tep/{file.id}") as download:
        assert download.data == PDF


def test_each_of_both_says_which_the_other_is_and_the_task_counts_once(ward: Ward) -> None:
    made = returned(ward)
    closed = made.case("1")
    classify(made)
    linked = made.case("1")
    head = made.signed_in("khdt.truong")
    assert f'href="/ho-so/{linked}"' in head.get(f"/ho-so/{closed}").get_data(as_text=True)
    page = head.get(f"/ho-so/{linked}")
    assert f'href="/ho-so/{closed}"' in page.get_data(as_text=True)
    assert f"gửi lại chậm nhất hết ngày {made.today():%d/%m/%Y}" in text_of(page)
    listed = made.signed_in(FOCAL).get(f"/ke-hoach/{made.plan_id}").get_data(as_text=True)
    assert f'href="/ho-so/{linked}"' in listed
    assert f'href="/ho-so/{closed}"' not in listed
    assert made.rows(sa.select(Contribution.occurrence_id)) == [(linked,)], "Nobody is asked for it again."
    made.open_cycle("Báo cáo đột xuất")
    asked = sa.select(CycleEntry.occurrence_id).where(CycleEntry.cycle_id == made.cycle_id)
    assert sorted(made.rows(asked)) == sorted([(linked,), (made.case("2"),)])


def test_nothing_is_doubled_when_it_is_asked_twice(ward: Ward) -> None:
    made = returned(ward)
    entry = made.entry("1")
    classify(made)
    again = OpenVersion(cycle_id=made.cycle_id, entries=(entry,), reason="Số liệu", answer_by=made.today())
    assert made.ward.execute(again) == 2
    assert rounds(made, "1") == [(1, "done"), (2, "needs_rework")]
    assert made.failed_jobs() == []


def test_a_row_that_the_drafter_returns_is_mended_in_a_linked_case_as_well(ward: Ward) -> None:
    made = received(ward)
    made.open_cycle("Báo cáo đột xuất")
    closed, entry, visitor = made.case("1"), made.entry("1"), made.signed_in(FOCAL)
    page = f"/tong-hop/{made.cycle_id}"
    assert "Việc này đã kết thúc ở kỳ trước" in text_of(visitor.get(page))
    reason = {"item": "Chỉ tiêu", "reason": "Số bộ dữ liệu chưa khớp"}
    assert "Đã trả lại nội dung này" in text_of(visitor.post(f"{page}/tra-lai/{entry}", reason, follow_redirects=True))
    made.settle()
    linked = made.case("1")
    assert (rounds(made, "1"), linked != closed) == ([(1, "done"), (2, "needs_rework")], True)
    assert made.entries() == {"1": "returned", "2": "taken"}
    answer_by = Calendar().shift(made.today(), 2)
    assert f"gửi lại chậm nhất hết ngày {answer_by:%d/%m/%Y}" in text_of(visitor.get(f"/ho-so/{linked}"))
    asked = text_of(made.signed_in("khdt.cv1").get("/bao-cao-don-vi", follow_redirects=True))
    assert f"Hạn: hết ngày {answer_by:%d/%m/%Y}" in asked, "Not the task's own day."
    made.send("1", "khdt", result="Kho dữ liệu có 14 bộ.")
    made.take("1")
    assert [text for _, _, text, _ in made.statements()] == ["Kho dữ liệu có 14 bộ.", DONE["result"]]
    assert made.failed_jobs() == []


@pytest.mark.parametrize("event", ["city_returned", "correction_requested"])
def test_a_cycle_that_is_over_may_still_be_returned_or_corrected(ward: Ward, event: str) -> None:
    made = over(ward)
    board = f"/ky-bao-cao/{made.cycle_id}"
    page = made.signed_in(FOCAL).get(board)
    assert made.cycle_state() == "closed"
    assert f"/ho-so/{made.cycle_id}/gui/{event}" in page.get_data(as_text=True)
    assert "Đổi hạn theo văn bản" not in text_of(page)
    made.send_message(event, FOCAL, made.cycle_id, reason="Số liệu kho dữ liệu chưa khớp")
    assert made.cycle_state() == "returned"
    classify(made)
    assert rounds(made, "1") == [(1, "done"), (2, "needs_rework")]
    assert made.entries() == {"1": "returned", "2": "taken"}
    assert len({row[0] for row in made.rows(sa.select(ConsolidatedReport.version))}) == 2


def test_long_after_its_end_a_cycle_says_what_to_do_instead(ward: Ward) -> None:
    made = over(ward)
    ward.move_clock(ward.now() + timedelta(days=400))
    made.settle()
    page = made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}").get_data(as_text=True)
    assert "city_returned" not in page
    assert f"/ky-bao-cao/mo?ke_hoach={made.plan_id}" in page


def test_more_time_to_mend_leaves_the_tasks_own_last_day(ward: Ward) -> None:
    made = returned(ward)
    due_on = sa.select(TaskOccurrence.due_on).where(TaskOccurrence.id == made.case("1"))
    [(own,)] = made.rows(due_on)
    classify(made)
    linked, until = made.case("1"), own + timedelta(days=2)
    made.send_message("extension_requested", "khdt.cv1", linked, until=until.isoformat(), reason="Chờ số liệu")
    made.do("extension_review_leader", "pct.vhxh", linked, decision="approve", until=until.isoformat())
    assert made.rows(sa.select(TaskOccurrence.due_on).where(TaskOccurrence.id == linked)) == [(own,)]
    assert made.rows(sa.select(CycleEntry.answer_by).where(CycleEntry.occurrence_id == linked)) == [(until,)]
