"""What an activity tells its border: errors end it, escalations need not."""

import pytest

from engine.spiff import NotWaiting
from tests.engine.spiff.cases import Case
from tests.engine.spiff.drawings import border, both, bpmn, catch, end, many, service, start, sub, throw, user, xor
from tests.engine.spiff.findings import found


def boxed(finish: str, *events: str, loop: str = "") -> bytes:
    """A sub-process in which a leads to `finish` while b is open; events on its border lead to u and v."""
    inner = sub("box", start("s2"), both("p"), user("a"), user("b"), finish, end("e2"),
                flows="s2>p\np>a\np>b\na>x\nb>e2" + ("" if "endEvent" in finish else "\nx>e2"), loop=loop)  # fmt: skip
    leading = [f"{event.split(chr(34))[1]}>{target}" for event, target in zip(events, "uv", strict=False)]
    targets = [user(name) for name in "uv"[: len(events)]]
    flows = ["s>box", "box>z", "z>e", *leading, *(f"{name}>e" for name in "uv"[: len(events)])]
    return bpmn(start(), inner, *events, *targets, user("z"), end(), flows=flows)


def test_an_error_ends_the_activity_around_it() -> None:
    case = Case(boxed(end("x", told="error:late", payload="days = a.days"), border("c", "box", told="error:late")))
    case.do("a", days=3)
    assert case.waits() == [("user", "u")]
    assert case.data["c"] == {"days": 3}


def test_the_event_with_the_code_goes_before_the_one_for_any() -> None:
    events = border("c", "box", told="error"), border("d", "box", told="error:late")
    for code, step in (("late", "v"), ("other", "u")):
        case = Case(boxed(end("x", told=f"error:{code}"), *events))
        case.do("a")
        assert case.waits() == [("user", step)]


def test_an_error_passes_activities_that_do_not_catch_it() -> None:
    low = sub("low", start("s3"), user("a"), end("x", told="error:late"), flows="s3>a\na>x")
    mid = sub("mid", start("s2"), low, border("n", "low", told="error:other"), both("p"), user("b"), end("e2"),
              flows="s2>p\np>low\np>b\nlow>e2\nb>e2\nn>e2")  # fmt: skip
    source = bpmn(start(), mid, border("c", "mid", told="error:late"), user("u"), end(), end("e9"),
                  flows="s>mid\nmid>e\nc>u\nu>e9")  # fmt: skip
    case = Case(source)
    case.do("a")
    assert case.waits() == [("user", "u")]


def test_an_error_that_nobody_catches_ends_the_case() -> None:
    source = boxed(end("x", told="error:late"))
    assert found(source) == [("uncaught-error", "x")]
    case = Case(source)
    case.do("a")
    assert (case.completed, case.waits()) == (True, [])


def test_an_error_in_one_of_many_instances_ends_them_all() -> None:
    case = Case(boxed(end("x", told="error:late"), border("c", "box", told="error:late"), loop=many("3")))
    case.do("a")
    assert case.waits() == [("user", "u")]


def test_a_service_may_report_an_error() -> None:
    source = bpmn(
        start(), both("p"), user("w"), service("v"), border("c", "v", told="error:no-such-number"), user("u"), end(),
        flows="s>p\np>w\nw>e\np>v\nv>e\nc>u\nu>e",
    )  # fmt: skip
    case = Case(source)
    walk = case.walk
    (waiting,) = walk.waits.services
    walk.fail_service(waiting.task_id, "no-such-number", {"number": 7})
    case._save(walk)
    assert case.waits() == [("user", "u"), ("user", "w")]
    assert case.data["c"] == {"number": 7}
    with pytest.raises(NotWaiting):
        case.walk.fail_service(waiting.task_id, "no-such-number", {})


def test_an_escalation_may_let_the_activity_go_on() -> None:
    event = border("c", "box", told="escalation:ask", interrupting=False)
    case = Case(boxed(throw("x", told="escalation:ask", payload="n = a.n"), event))
    case.do("a", n=1)
    assert case.waits() == [("user", "b"), ("user", "u")]
    assert case.data["c"] == {"n": 1}
    case.do("b")
    assert case.waits() == [("user", "u"), ("user", "z")]


def test_an_escalation_may_end_the_activity() -> None:
    for finish in (throw("x", told="escalation:ask"), end("x", told="escalation:ask")):
        case = Case(boxed(finish, border("c", "box", told="escalation:ask")))
        case.do("a")
        assert case.waits() == [("user", "u")]


def test_an_escalation_may_come_again() -> None:
    event = border("c", "box", told="escalation", interrupting=False)
    inner = sub("box", start("s2"), xor("m"), user("a"), throw("x", told="escalation:ask"), xor("g"), end("e2"),
                flows="s2>m\nm>a\na>x\nx>g\ng>m if a.again == true\ng>e2 default")  # fmt: skip
    case = Case(bpmn(start(), inner, event, user("u"), end(), end("e9"), flows="s>box\nbox>e\nc>u\nu>e9"))
    for _ in range(3):
        case.do("a", again=True)
    assert case.waits() == [("user", "a"), *[("user", "u")] * 3]


def test_an_escalation_that_nobody_hears_is_over() -> None:
    source = boxed(throw("x", told="escalation:ask"))
    assert found(source) == [("uncaught-escalation", "x")]
    case = Case(source)
    case.do("a")
    assert case.waits() == [("user", "b")]


# ── at deployment ──


def test_errors_and_escalations_are_named_where_they_are_thrown() -> None:
    assert ("no-code", "x") in found(boxed(end("x", told="error"), border("c", "box", told="error")))
    assert ("no-code", "x") in found(boxed(throw("x", told="escalation"), border("c", "box", told="escalation")))


def test_what_nothing_tells_is_not_waited_for() -> None:
    source = boxed(end("x", told="error:late"), border("c", "box", told="error:late"), border("d", "box", told="error"))
    assert found(source) == [("never-thrown", "d")]


def test_an_error_always_interrupts() -> None:
    source = boxed(end("x", told="error:late"), border("c", "box", told="error:late", interrupting=False))
    assert ("error-interrupts", "c") in found(source)


def test_one_code_is_caught_once() -> None:
    twice = border("c", "box", told="error:late"), border("d", "box", told="error:late")
    assert ("caught-twice", "d") in found(boxed(end("x", told="error:late"), *twice))


@pytest.mark.parametrize(
    ("told", "step"), [("error:x", user("a")), ("escalation:x", user("a")), ("escalation:x", service("a"))]
)
def test_steps_that_tell_nothing(told: str, step: str) -> None:
    source = bpmn(start(), step, border("c", "a", told=told), end(), end("e2"), flows="s>a\na>e\nc>e2")
    assert ("nothing-thrown-here", "c") in found(source)


def test_an_error_that_ends_a_sub_process_leaves_no_join_waiting() -> None:
    inner = sub("box", start("s2"), both("p"), user("a"), user("b"), xor("g"), both("j"), end("x", told="error:late"),
                end("e2"), flows="s2>p\np>a\np>b\na>g\ng>x if a.ok == false\ng>j default\nb>j\nj>e2")  # fmt: skip
    source = bpmn(start(), inner, border("c", "box", told="error:late"), catch("t", timer="P1D"), end(),
                  flows="s>box\nbox>t\nc>t\nt>e")  # fmt: skip
    assert found(source) == []
