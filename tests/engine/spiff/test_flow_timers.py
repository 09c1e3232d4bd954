"""Timers of a drawing: due when their text says, and only then, whatever the clock on the wall shows."""

from datetime import UTC, date, datetime, timedelta

import pytest

from engine.spiff import WalkFailed, check_bpmn
from tests.engine.spiff.cases import NOW, Case, move_timers
from tests.engine.spiff.drawings import border, bpmn, catch, end, start, user


def due(timer: str, **start_with) -> datetime:
    """When a timer is due that is entered at NOW, a Friday at 10:00 in Việt Nam."""
    source = bpmn(start(), catch("t", timer=timer), end(), flows="s>t\nt>e")
    (waiting,) = Case(source, **start_with).walk.waits.timers
    return waiting.due_at


@pytest.mark.parametrize(
    ("timer", "instant"),
    [
        ("P3D", NOW + timedelta(days=3)),
        ('"P3D"', NOW + timedelta(days=3)),
        ("PT36H", NOW + timedelta(hours=36)),
        ("P1DT2H30M", NOW + timedelta(days=1, hours=2, minutes=30)),
        ("P2W", NOW + timedelta(days=14)),
        ("P3M", datetime(2027, 2, 20, 3, tzinfo=UTC)),
        ("P1Y", datetime(2027, 11, 20, 3, tzinfo=UTC)),
        ("2026-12-04", datetime(2026, 12, 4, 17, tzinfo=UTC)),  # a day ends at the local midnight
        ("2026-12-04T08:00:00", datetime(2026, 12, 4, 1, tzinfo=UTC)),  # local time where no zone is given
        ("2026-12-04T08:00:00Z", datetime(2026, 12, 4, 8, tzinfo=UTC)),
        ("working_days(1)", datetime(2026, 11, 23, 17, tzinfo=UTC)),
        ("at(deadline, -2, '17:00')", datetime(2026, 12, 2, 10, tzinfo=UTC)),
        ("deadline", datetime(2026, 12, 4, 17, tzinfo=UTC)),
        ("agreed.until", datetime(2026, 12, 9, 17, tzinfo=UTC)),  # a form's date is text
    ],
)
def test_due_instants(timer, instant):
    data = {"agreed": {"until": "2026-12-09"}}
    assert due(timer, data=data, dates={"deadline": date(2026, 12, 4)}) == instant


def test_the_end_of_a_month_stays_within_it():
    source = bpmn(start(), catch("t", timer="P1M"), end(), flows="s>t\nt>e")
    case = Case(source, now=datetime(2027, 1, 31, 3, tzinfo=UTC))
    assert {w.due_at for w in case.walk.waits.timers} == {datetime(2027, 2, 28, 3, tzinfo=UTC)}


@pytest.mark.parametrize("timer", ["deadline", "1 + 1", "missing", "'soon'", "long.years", "long.days", "true"])
def test_a_timer_without_a_moment_fails(timer):
    with pytest.raises(WalkFailed) as failed:
        due(timer, data={"long": {"years": "P9999Y", "days": "P999999999999D"}})
    assert failed.value.element == "t"


@pytest.mark.parametrize("timer", ["PT1D", "P", "PT", "P3", "P1H"])
def test_a_duration_that_is_none_is_a_finding(timer):
    source = bpmn(start(), catch("t", timer=timer), end(), flows="s>t\nt>e")
    assert [(f.code, f.element) for f in check_bpmn(source)] == [("bad-duration", "t")]


def test_a_timer_long_past_waits_until_it_is_fired():
    source = bpmn(
        start(), user("a"), border("t", "a", timer="2020-01-01"), user("b"), end(), flows="s>a\na>e\nt>b\nb>e"
    )
    case = Case(source)
    for _ in range(3):
        walk = case.walk
        walk.run()
        case.state = walk.save()
    assert case.waits() == [("timer", "t"), ("user", "a")]
    case.do("t")
    assert case.waits() == [("user", "b")]


def test_a_timer_keeps_its_moment_while_other_things_happen():
    source = bpmn(
        start(), user("a"), border("t", "a", timer="P3D", interrupting=False),
        border("m", "a", message="asked", interrupting=False), user("b"), user("c"), end(), end("e2"), end("e3"),
        flows="s>a\na>e\nt>b\nb>e2\nm>c\nc>e3",
    )  # fmt: skip
    case = Case(source)
    before = case.walk.waits.timers
    case.now = NOW + timedelta(days=1)
    case.do("m")
    assert case.walk.waits.timers == before
    case.do("t")
    assert case.waits() == [("message", "m"), ("user", "a"), ("user", "b"), ("user", "c")]


TWO_TIMERS = bpmn(
    start(),
    user("a"),
    border("moves", "a", timer="at(deadline, -2, '08:00')", interrupting=False),
    border("stays", "a", timer="P3D", interrupting=False),
    border("counted", "a", timer="working_days(3)", interrupting=False),
    user("b"),
    end(),
    end("e2"),
    flows="s>a\na>e\nmoves>b\nstays>b\ncounted>b\nb>e2",
)


def test_timers_that_hang_on_dates_move_with_them():
    case = Case(TWO_TIMERS, dates={"deadline": date(2026, 12, 4)})
    before = {w.element_id: w for w in case.walk.waits.timers}
    case.now, case.dates = NOW + timedelta(days=2), {"deadline": date(2026, 12, 11)}
    walk = case.walk
    assert [timer.element_id for timer in walk.timers_on(["deadline"])] == ["moves"]
    move_timers(walk, ["deadline"])
    case.state = walk.save()
    after = {w.element_id: w for w in case.walk.waits.timers}
    assert after["moves"].task_id == before["moves"].task_id
    assert after["moves"].due_at == before["moves"].due_at + timedelta(days=7)
    assert after["stays"] == before["stays"]
    assert after["counted"] == before["counted"]
