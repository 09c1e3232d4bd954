"""The lifecycle of a task, on its shipped diagram and forms."""

from datetime import date, datetime
from typing import Any

import pytest

from engine.calendar import LOCAL
from tests.engine.procedures import FRIDAY, OFFICER, OTHER_UNIT, REPORT_BY, Rehearsal

CASE = {
    "blocked": False,
    "conditional": False,
    "self_report": False,
    "second_lead": False,
    "last_officer": None,
    "carry_over": False,
    "entered_for": False,
}
ANY_TIME = {"cycle.cutoff", "difficulty.raised", "extension.requested"}
WHILE_IN_CYCLE = {"rework.requested", "report.asked"}
IN_CYCLE = WHILE_IN_CYCLE | {"report.used"}
DONE = {"outcome": "done", "result": "Đã tổ chức 02 hội thảo.", "completed_on": "20/11/2026"}


def issued(dates: dict[str, date] | None = None, **case: Any) -> Rehearsal:
    dates = {"deadline": REPORT_BY, "report_by": REPORT_BY} if dates is None else dates
    return Rehearsal("task_lifecycle", data={"case": {**CASE, **case}}, dates=dates, message="task.issued")


def accepted(**case: Any) -> Rehearsal:
    walk = issued(**case)
    walk.do("accept", decision="accept", officer=OFFICER)
    return walk


def reported(**case: Any) -> Rehearsal:
    walk = accepted(**case)
    walk.do("execute", **DONE)
    return walk


def in_cycle(**report: Any) -> Rehearsal:
    walk = accepted()
    walk.do("execute", **(report or DONE))
    walk.do("unit_review", decision="approve")
    walk.do("check", decision="approve")
    return walk


def through_cycle(walk: Rehearsal, *, last_of_year: bool) -> None:
    walk.tell("report.used")
    walk.tell("report.approved")
    walk.tell("report.received", last_of_year=last_of_year)


# ── the way from issue to the city ──


def test_six_stages_from_issue_to_the_city() -> None:
    walk = issued()
    assert walk.steps == {"accept"}
    walk.do("accept", decision="accept", officer=OFFICER, internal_due="27/11/2026")
    assert (walk.steps, walk.person("execute"), walk.sent) == ({"execute"}, OFFICER, ["contribution.requested"])
    walk.do("execute", **DONE)
    assert walk.steps == {"unit_review"}
    walk.do("unit_review", decision="approve")
    assert (walk.steps, walk.sent[1:]) == ({"check"}, ["report.sent"])
    walk.do("check", decision="approve")
    assert (walk.steps, walk.messages) == (set(), ANY_TIME | IN_CYCLE)
    walk.tell("report.used")
    assert walk.messages == ANY_TIME | WHILE_IN_CYCLE | {"report.approved"}
    walk.tell("report.approved")
    assert walk.messages == ANY_TIME | WHILE_IN_CYCLE | {"report.received"}
    walk.tell("report.received", number="12/BC-UBND", last_of_year=False)
    assert walk.ended
    assert walk.payloads["case.closed"] == {"outcome": "done"}


def test_a_case_in_progress_goes_on_until_the_years_last_cycle() -> None:
    walk = in_cycle(outcome="in_progress", result="Đang triển khai.")
    through_cycle(walk, last_of_year=False)
    assert walk.steps == {"execute"}
    walk.do("execute", outcome="in_progress", result="Vẫn đang triển khai.")
    walk.do("unit_review", decision="approve")
    walk.do("check", decision="approve")
    through_cycle(walk, last_of_year=True)
    assert walk.ended


def test_nothing_arose_is_a_valid_completion_of_a_conditional_task() -> None:
    walk = accepted(conditional=True)
    walk.do("execute", nothing_arose="on", nothing_note="Không có đơn nào trong kỳ.")
    walk.do("unit_review", decision="approve")
    walk.do("check", decision="approve")
    through_cycle(walk, last_of_year=False)
    assert walk.payloads["case.closed"] == {"outcome": "nothing_arose"}


# ── acceptance ──


def test_a_blocked_case_waits_for_its_document() -> None:
    walk = issued(blocked=True)
    assert (walk.steps, walk.messages) == (set(), ANY_TIME | {"condition.met"})
    walk.tell("condition.met", number="123/BKHCN", issued_on="18/11/2026")
    assert walk.steps == {"accept"}


def test_acceptance_and_person_carry_over_from_last_year() -> None:
    walk = issued(carry_over=True, last_officer=OFFICER)
    assert (walk.steps, walk.person("execute")) == ({"execute"}, OFFICER)


def test_three_working_days_of_silence_count_as_accepted_and_are_flagged() -> None:
    walk = issued(last_officer=OFFICER)
    assert walk.timers["accept_lapsed"] == datetime(2026, 11, 27, tzinfo=LOCAL)  # 24/11 is a public holiday
    walk.fire("accept_lapsed")
    assert (walk.steps, walk.person("execute")) == ({"execute"}, False)
    assert walk.data["accept_by_silence"] == {"flagged": True}


def test_a_case_handed_back_goes_to_a_leader_who_may_leave_it() -> None:
    walk = issued()
    walk.do("accept", decision="hand_back", reason="Không thuộc chức năng.")
    assert walk.steps == {"assign_decision"}
    walk.do("assign_decision", decision="stay", ground="Kế hoạch đã giao.")
    assert walk.steps == {"accept"}


@pytest.mark.parametrize("decision", ["other_unit", "cancel"])
def test_a_leader_may_take_the_case_away(decision: str) -> None:
    walk = issued()
    walk.do("accept", decision="hand_back", reason="Không thuộc chức năng.")
    walk.do("assign_decision", decision=decision, unit=OTHER_UNIT, ground="Chỉ đạo ngày 20/11.")
    assert walk.ended
    unit = OTHER_UNIT if decision == "other_unit" else None
    assert walk.payloads["case.released"] == {"decision": decision, "unit": unit}


# ── review and check ──


def test_the_unit_head_may_send_a_report_back() -> None:
    walk = reported()
    walk.do("unit_review", decision="return", reason="Thiếu số liệu.")
    assert walk.steps == {"execute"}
    assert "report.sent" not in walk.sent


def test_a_report_returned_by_the_check_has_its_own_day() -> None:
    walk = reported()
    walk.do("unit_review", decision="approve")
    walk.do("check", decision="return", reason="Thiếu minh chứng.", resubmit_by="25/11/2026")
    assert walk.steps == {"execute"}
    assert walk.due("execute") == datetime(2026, 11, 26, tzinfo=LOCAL)
    assert walk.sent.count("contribution.requested") == 1
    walk.do("execute", **DONE)
    assert walk.due("unit_review") == datetime(2026, 11, 26, tzinfo=LOCAL)


def test_the_check_is_never_done_by_the_author_or_the_units_head() -> None:
    steps = reported().definition.steps
    assert steps["check"].separate_from == ("execute", "unit_review")
    assert steps["self_check"].separate_from == ("execute",)


def test_a_self_report_has_one_check_by_somebody_else() -> None:
    walk = reported(self_report=True)
    assert (walk.steps, walk.sent[1:]) == ({"self_check"}, ["report.sent"])
    walk.do("self_check", decision="return", reason="Sai số liệu.")
    assert walk.steps == {"execute"}
    walk.do("execute", **DONE)
    walk.do("self_check", decision="approve")
    assert walk.messages == ANY_TIME | IN_CYCLE


def test_what_is_entered_for_a_body_outside_goes_straight_to_the_check() -> None:
    walk = accepted(entered_for=True)
    walk.do("execute", **DONE, entered_from="Công văn số 9")
    assert (walk.steps, walk.sent[1:]) == ({"check"}, ["report.sent"])
    walk.do("check", decision="return", reason="Thiếu bản chụp.")
    assert walk.steps == {"execute"}


@pytest.mark.parametrize(("self_report", "then"), [(False, "check"), (True, "self_check")])
def test_a_second_lead_confirms_or_its_silence_goes_on_record(self_report: bool, then: str) -> None:
    for silent in (False, True):
        walk = reported(second_lead=True, self_report=self_report)
        if not self_report:
            walk.do("unit_review", decision="approve")
        assert walk.steps == {"second_lead_confirm"}
        if silent:
            walk.fire("second_lead_silent")
        else:
            walk.do("second_lead_confirm", decision="differ", opinion="Còn thiếu phần của chúng tôi.")
        assert (walk.steps, walk.timers) == ({then}, {})


@pytest.mark.parametrize("told", [[], ["report.used"], ["report.used", "report.approved"]])
def test_rework_may_be_asked_at_any_stage_of_the_cycle(told: list[str]) -> None:
    walk = in_cycle()
    for message in told:
        walk.tell(message)
    walk.tell("rework.requested", reason="Số liệu không khớp.", resubmit_by="23/11/2026")
    assert walk.steps == {"execute"}
    assert walk.messages == ANY_TIME
    assert walk.due("execute") == datetime(2026, 11, 24, tzinfo=LOCAL)
    walk.do("execute", **DONE)
    assert walk.due("unit_review") == datetime(2026, 11, 24, tzinfo=LOCAL)


def test_another_cycle_has_the_work_go_on_while_its_report_goes_up() -> None:
    walk = in_cycle(outcome="in_progress", result="Đang triển khai.")
    walk.tell("report.used")
    walk.tell("report.asked")
    assert (walk.steps, walk.messages) == ({"execute"}, ANY_TIME)
    assert walk.due("execute") == REPORT_BY


# ── what may come at any time ──


@pytest.mark.parametrize(
    ("until", "dates", "review"),
    [
        ("04/12/2026", {"deadline": date(2026, 11, 27), "report_by": REPORT_BY}, "extension_review"),
        ("07/12/2026", {"deadline": REPORT_BY, "report_by": REPORT_BY}, "extension_review_leader"),
        ("04/12/2026", {"deadline": date(2026, 11, 27)}, "extension_review_leader"),
    ],
)
def test_an_extension_beyond_the_cycles_day_is_the_leaders(until: str, dates: dict[str, date], review: str) -> None:
    walk = issued(dates)
    walk.tell("extension.requested", until=until, reason="Chờ hướng dẫn.")
    assert walk.steps == {"accept", review}
    walk.do(review, decision="approve", until=until)
    assert walk.services == {"move_deadline"}
    walk.serve("move_deadline")
    assert (walk.steps, "extension.requested" in walk.messages) == ({"accept"}, True)


def test_a_granted_extension_moves_the_due_day() -> None:
    walk = accepted()
    assert walk.due("execute") == REPORT_BY
    walk.move(deadline=date(2026, 12, 8))
    assert walk.due("execute") == date(2026, 12, 8)


def test_difficulties_leave_on_their_own_and_stop_nothing() -> None:
    walk = accepted()
    for content in ("Thiếu kinh phí.", "Chưa có hướng dẫn."):
        walk.tell("difficulty.raised", content=content, recommendation="Bố trí sớm.")
        assert walk.payloads["difficulty.opened"] == {"content": content, "recommendation": "Bố trí sớm."}
    assert (walk.steps, walk.sent.count("difficulty.opened")) == ({"execute"}, 2)


@pytest.mark.parametrize("reach", [issued, accepted, reported])
def test_a_cutoff_leaves_its_mark_and_the_case_goes_on(reach: Any) -> None:
    walk = reach()
    before = walk.steps
    walk.tell("cycle.cutoff", cycle="2026")
    assert (walk.steps, walk.data["not_reported"]) == (before, {"cycle": "2026"})
    assert walk.messages >= ANY_TIME


def test_closing_ends_everything_that_still_waits() -> None:
    walk = in_cycle()
    walk.tell("extension.requested", until="04/12/2026", reason="Chờ hướng dẫn.")
    through_cycle(walk, last_of_year=True)
    assert walk.ended
    assert (walk.steps, walk.messages, walk.timers) == (set(), set(), {})


def test_a_hundred_returns_leave_the_state_as_small_as_it_was() -> None:
    walk = reported()
    walk.do("unit_review", decision="return", reason="Sửa lại.")
    size = len(walk.state)
    for _ in range(100):
        walk.do("execute", **DONE)
        walk.do("unit_review", decision="return", reason="Sửa lại.")
        walk.tell("difficulty.raised", content="Thiếu kinh phí.")
    assert len(walk.state) < size + 400
    assert walk.now == FRIDAY
