"""A reporting cycle, on its shipped diagram and forms."""

from datetime import date, datetime, time
from typing import Any

import pytest

from engine.calendar import LOCAL, Calendar
from tests.engine.procedures import FILE, OFFICER, OTHER_UNIT, REPORT_BY, SUBMIT_BY, Rehearsal

OPENING = {
    "kind": "year",
    "last_of_year": "on",
    "report_by": "04/12/2026",
    "submit_by": "14/12/2026",
    "source": "Công văn số 1564/SKHCN-QLCN",
    "recipient": "Sở Khoa học và Công nghệ",
}
RETURN = {"decision": "return", "reason": "Số liệu chưa khớp."}
AGREED = {"decision": "approve"}


def local(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=LOCAL)


def asked(signer: str = "chair", start: str = "due_cycle") -> Rehearsal:
    """A cycle that waits for the units' reports."""
    dates = {"report_by": REPORT_BY, "submit_by": SUBMIT_BY}
    walk = Rehearsal("report_cycle", data={}, dates=dates, start_event=start)
    walk.do("open_cycle", **OPENING, signer=signer, vice_chair=OFFICER)
    walk.serve("ask_cases")
    return walk


def at_desk(desk: str, signer: str = "chair") -> Rehearsal:
    """A cycle whose report lies at a desk."""
    walk = asked(signer)
    walk.tell("all_reports_in")
    while walk.steps != {desk}:
        agree(walk)
    return walk


def agree(walk: Rehearsal) -> None:
    """Whoever has the report lets it pass."""
    (desk,) = walk.steps
    answers: dict[str, Any] = {
        "consolidate": {"summary": "24/25 nhiệm vụ có báo cáo."},
        "issue_number": {
            "decision": "issue",
            "source": "register",
            "register_number": "01",
            "issued_on": "20/11/2026",
            "signed_file": FILE,
        },
        "send_city": {"outcome": "sent", "channel": "documents"},
    }
    walk.do(desk, **answers.get(desk, AGREED))


def sent_to_city(signer: str = "chair") -> Rehearsal:
    walk = at_desk("send_city", signer)
    agree(walk)
    return walk


# ── opening and cutting off ──


@pytest.mark.parametrize("start", ["due_cycle", "ad_hoc_cycle"])
def test_a_cycle_opens_by_its_day_or_by_hand(start: str) -> None:
    walk = asked(start=start)
    assert walk.steps == set()
    assert walk.messages == {"all_reports_in", "cutoff.requested", "deadline.changed"}


def test_all_reports_in_leads_straight_to_consolidation() -> None:
    walk = asked()
    walk.tell("all_reports_in")
    assert (walk.steps, walk.timers, walk.sent) == ({"consolidate"}, {}, [])


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_cutoff_names_who_is_missing_before_it_happens(by_hand: bool) -> None:
    walk = asked()
    assert walk.timers == {"reports_overdue": local(8, 17)}
    if by_hand:
        walk.tell("cutoff.requested", reason="Sở yêu cầu gửi sớm.")
    else:
        walk.fire("reports_overdue")
    assert (walk.steps, walk.sent) == ({"confirm_cutoff"}, [])
    missing = [{"unit": OTHER_UNIT, "reason": "Không trả lời.", "reminded": "01/12, 03/12"}]
    walk.do("confirm_cutoff", missing=missing, confirmed="on")
    assert (walk.steps, walk.sent) == ({"consolidate"}, ["cycle.cutoff"])


def test_the_last_report_that_comes_before_the_cutoff_is_confirmed_makes_it_needless() -> None:
    walk = asked()
    walk.tell("cutoff.requested", reason="Sở yêu cầu gửi sớm.")
    walk.tell("all_reports_in")
    assert (walk.steps, walk.sent) == ({"consolidate"}, [])


def test_a_letter_that_moves_the_deadline_moves_what_waits() -> None:
    walk = asked()
    walk.tell("deadline.changed", report_by="11/12/2026", submit_by="21/12/2026", source="Công văn 99/SKHCN")
    assert walk.services == {"move_deadlines"}
    walk.move(report_by=date(2026, 12, 11), submit_by=date(2026, 12, 21))
    walk.serve("move_deadlines")
    assert walk.timers == {"reports_overdue": local(15, 17)}
    assert "deadline.changed" in walk.messages


# ── the desks ──


def test_each_desk_has_its_time_before_the_wards_day() -> None:
    walk = asked()
    desks = [step for step in walk.definition.steps.values() if "submit_by" in (step.due or "")]
    assert {step.element_id: walk.due(step.element_id) for step in desks} == {
        "consolidate": local(9, 17), "countersign_content": local(10, 11, 30), "countersign_form": local(10, 17),
        "vice_opinion": local(11, 17), "sign_vice": local(11, 17), "sign_chair": local(14, 10),
        "issue_number": local(14, 15), "send_city": local(14, 16),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("signer", "desks"), [("chair", ["vice_opinion", "sign_chair"]), ("vice_chair", ["sign_vice"])]
)
def test_the_signer_is_chosen_when_the_cycle_opens(signer: str, desks: list[str]) -> None:
    walk = asked(signer)
    walk.tell("all_reports_in")
    passed = []
    while "report.approved" not in walk.sent:
        passed += sorted(walk.steps)
        agree(walk)
    assert passed == ["consolidate", "countersign_content", "countersign_form", *desks]
    assert walk.steps == {"issue_number"}


def test_the_drafter_does_not_countersign_the_content() -> None:
    assert asked().definition.steps["countersign_content"].separate_from == ("consolidate",)


def test_content_that_is_not_agreed_goes_back_to_the_drafter() -> None:
    walk = at_desk("countersign_content")
    walk.do("countersign_content", **RETURN)
    assert walk.steps == {"consolidate"}


UPSTREAM = {
    "countersign_form": ["consolidate", "countersign_content"],
    "vice_opinion": ["consolidate", "countersign_content", "countersign_form"],
    "sign_chair": ["consolidate", "countersign_content", "countersign_form"],
    "sign_vice": ["consolidate", "countersign_content", "countersign_form"],
}


@pytest.mark.parametrize(("desk", "to"), [(desk, to) for desk, choices in UPSTREAM.items() for to in choices])
def test_each_desk_returns_to_the_desk_it_chooses(desk: str, to: str) -> None:
    walk = at_desk(desk, "vice_chair" if desk == "sign_vice" else "chair")
    walk.do(desk, **RETURN, return_to=to)
    assert walk.steps == {to}
    while walk.steps != {desk}:
        agree(walk)
    agree(walk)
    assert desk not in walk.steps


def test_an_earlier_return_does_not_misdirect_a_later_one() -> None:
    walk = at_desk("sign_chair")
    walk.do("sign_chair", **RETURN, return_to="countersign_form")
    agree(walk)
    walk.do("vice_opinion", **RETURN, return_to="countersign_content")
    assert walk.steps == {"countersign_content"}
    agree(walk)
    walk.do("countersign_form", **RETURN, return_to="consolidate")
    assert walk.steps == {"consolidate"}
    while walk.steps != {"issue_number"}:
        agree(walk)
    walk.do("issue_number", **RETURN)
    assert walk.steps == {"countersign_form"}


# ── issuing and sending ──


def test_a_failed_sending_goes_by_hand_with_proof() -> None:
    walk = at_desk("send_city")
    walk.do("send_city", outcome="failed", fault="Trục liên thông lỗi.")
    assert walk.steps == {"send_by_hand"}
    walk.do("send_by_hand", sent_on="20/11/2026", receiver="Văn thư Sở", proof=FILE)
    assert "city.received" in walk.messages


def test_a_receipt_is_told_to_the_cases_and_the_cycle_ends_after_the_answers_time() -> None:
    walk = sent_to_city()
    walk.tell("city.received", received_on="20/11/2026", number="881")
    assert walk.payloads["report.received"] == {"last_of_year": True}
    assert walk.messages == {"city.returned", "correction.requested", "deadline.changed"}
    walk.fire("answer_time_over")
    assert walk.messages == {"city.returned", "correction.requested", "deadline.changed"}, "It is late, not too late."
    walk.fire("returns_over")
    assert walk.ended


def test_without_a_receipt_somebody_calls() -> None:
    walk = sent_to_city()
    walk.fire("receipt_overdue")
    assert walk.steps == {"record_receipt"}
    walk.do("record_receipt", outcome="received", receiver="Phòng Quản lý công nghệ", received_on="20/11/2026")
    assert "report.received" in walk.sent


@pytest.mark.parametrize(
    ("sent", "called"), [(date(2026, 11, 20), date(2026, 11, 26)), (date(2026, 12, 16), date(2026, 12, 21))]
)
def test_somebody_calls_three_working_days_after_the_sending_however_early_or_late_that_was(
    sent: date, called: date
) -> None:
    walk = at_desk("send_city")
    walk.now = datetime.combine(sent, time(9), LOCAL)
    agree(walk)
    assert walk.timers == {"receipt_overdue": Calendar().end_of(called).astimezone(LOCAL)}


def test_what_the_city_has_not_received_is_sent_again_and_waited_for_again() -> None:
    walk = sent_to_city()
    walk.fire("receipt_overdue")
    walk.do("record_receipt", outcome="resent", channel="mail", receiver="Văn thư Sở", document=FILE)
    assert (walk.steps, "report.received" in walk.sent) == (set(), False)
    assert walk.timers == {"receipt_overdue": Calendar().working_days(walk.now, 3).astimezone(LOCAL)}
    walk.fire("receipt_overdue")
    walk.do(
        "record_receipt", outcome="received", received_on="27/11/2026", document=FILE
    )  # A scan says it without a name.
    assert "report.received" in walk.sent


def test_days_to_sort_a_return_out_are_counted_from_the_citys_letter_unless_they_are_over() -> None:
    walk = sent_to_city()
    walk.now = datetime(2026, 11, 26, 9, tzinfo=LOCAL)
    walk.tell("city.returned", reason="Biểu 2 sai số liệu.", returned_on="25/11/2026")
    assert walk.due("classify") == datetime(2026, 11, 27, tzinfo=LOCAL)
    walk.now = datetime(2026, 12, 8, 9, tzinfo=LOCAL)
    assert walk.due("classify") == local(10)


@pytest.mark.parametrize("received", [False, True])
@pytest.mark.parametrize("message", ["city.returned", "correction.requested"])
def test_a_return_or_a_correction_makes_a_new_version(message: str, received: bool) -> None:
    walk = sent_to_city()
    if received:
        walk.tell("city.received", received_on="20/11/2026")
    walk.tell(message, reason="Biểu 2 sai số liệu.")
    assert (walk.steps, walk.timers) == ({"classify"}, {})
    walk.do("classify", kind="data", tasks=["1"], reason="Biểu 2 sai số liệu.", answer_by="17/12/2026")
    walk.serve("new_version")
    assert (walk.steps, walk.due("consolidate"), walk.due("send_city")) == ({"consolidate"}, local(18), local(18))
    while walk.steps:
        agree(walk)
    assert walk.sent.count("report.approved") == 2
    assert walk.timers.keys() == {"receipt_overdue"}
