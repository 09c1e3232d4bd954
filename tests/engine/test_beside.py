"""What runs beside a case: contributions and difficulties, on their shipped diagrams and forms."""

from datetime import datetime
from typing import Any

import pytest

from engine.calendar import LOCAL
from tests.engine.procedures import REPORT_BY, Rehearsal

RESULT = {"answer": "result", "result": "Đã cử 03 cán bộ tham gia."}


def asked(**dates: Any) -> Rehearsal:
    return Rehearsal("contribution", data={}, dates=dates or {"deadline": REPORT_BY}, message="contribution.requested")


def raised() -> Rehearsal:
    return Rehearsal("difficulty", data={"content": "Thiếu kinh phí."}, dates={}, message="difficulty.opened")


def test_a_contribution_is_due_three_working_days_before_the_case() -> None:
    assert asked().due("contribute") == datetime(2026, 12, 2, tzinfo=LOCAL)


def test_a_contribution_needs_no_deadline() -> None:
    walk = Rehearsal("contribution", data={}, dates={}, message="contribution.requested")
    assert walk.due("contribute") is None


def test_a_contribution_ends_with_the_leads_report() -> None:
    walk = asked()
    walk.do("contribute", **RESULT)
    assert (walk.steps, walk.messages) == (set(), {"contribution.returned", "report.sent"})
    walk.tell("report.sent")
    assert (walk.ended, walk.sent) == (True, [])


def test_a_missing_contribution_is_recorded_when_the_lead_reports() -> None:
    walk = asked()
    walk.tell("report.sent")
    assert (walk.ended, walk.sent) == (True, ["contribution.missed"])


@pytest.mark.parametrize("answered", [True, False])
def test_the_lead_sends_a_contribution_back_once(answered: bool) -> None:
    walk = asked()
    walk.do("contribute", answer="not_our_duty", reason="Thuộc Trạm Y tế.")
    walk.tell("contribution.returned", reason="Cần số người tham gia.")
    assert (walk.steps, walk.messages) == ({"revise"}, {"report.sent"})
    if answered:
        walk.do("revise", **RESULT)
    else:
        walk.tell("report.sent")
    assert (walk.ended, walk.sent) == (True, [])


def test_the_focal_unit_answers_a_difficulty() -> None:
    walk = raised()
    assert walk.due("focal_answer") == datetime(2026, 11, 27, tzinfo=LOCAL)  # 24/11 is a public holiday
    walk.do("focal_answer", decision="answer", answer="Đã bố trí trong quý IV.")
    assert (walk.ended, walk.sent) == (True, ["difficulty.answered"])


def test_what_the_focal_unit_cannot_settle_goes_up_to_the_city() -> None:
    walk = raised()
    walk.do("focal_answer", decision="forward", opinion="Vượt thẩm quyền.")
    assert walk.steps == {"leader_answer"}
    walk.do("leader_answer", decision="forward", opinion="Đề nghị Sở hướng dẫn.")
    walk.do("forward_city", recipient="Sở KH&CN", number="12/UBND-VHXH", sent_on="20/11/2026")
    assert (walk.steps, walk.sent) == ({"record_city_answer"}, [])
    walk.do("record_city_answer", answer="Thực hiện theo Công văn 77.")
    assert (walk.ended, walk.sent) == (True, ["difficulty.answered"])


def test_a_leader_settles_a_difficulty() -> None:
    walk = raised()
    walk.do("focal_answer", decision="forward", opinion="Vượt thẩm quyền.")
    walk.do("leader_answer", decision="answer", answer="Giao Phòng Kinh tế bố trí.")
    assert (walk.ended, walk.sent) == (True, ["difficulty.answered"])
