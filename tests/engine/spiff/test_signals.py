"""A signal reaches all that wait for it in its instance, once it has come to rest; the engine tells the others."""

from engine.spiff import SIGNAL
from tests.engine.spiff.cases import Case
from tests.engine.spiff.drawings import border, both, bpmn, catch, end, first, start, sub, throw, user
from tests.engine.spiff.findings import found

STOP = "signal:stop"


def test_a_signal_reaches_all_who_wait() -> None:
    source = bpmn(
        start(), both("p"), user("a"), catch("c", told=STOP), user("b"), border("x", "b", told=STOP),
        user("w"), border("y", "w", told=STOP, interrupting=False), user("u"), user("v"), end("e1", told=STOP),
        end(), flows="s>p\np>a\np>c\np>b\np>w\na>e1\nc>u\nu>e\nb>e\nx>v\nv>e\nw>e\ny>e",
    )  # fmt: skip
    case = Case(source)
    case.do("a")
    assert case.waits() == [("message", "y"), ("user", "u"), ("user", "v"), ("user", "w")]


def test_a_signal_is_not_kept_for_those_who_come_later() -> None:
    source = bpmn(start(), user("a"), throw("t", told=STOP), catch("c", told=STOP), end(), flows="s>a\na>t\nt>c\nc>e")
    case = Case(source)
    case.do("a")
    assert case.completed  # What it passes on its way it has reached when the signal goes out.
    twice = bpmn(start(), user("a"), throw("t", told=STOP), user("b"), catch("c", told=STOP), end(),
                 flows="s>a\na>t\nt>b\nb>c\nc>e")  # fmt: skip
    case = Case(twice)
    case.do("a")
    case.do("b")
    assert case.waits() == [("message", "c")]


def test_a_signal_carries_a_payload_and_goes_out() -> None:
    source = bpmn(
        start(), both("p"), user("a"), throw("t", told=STOP, payload="why = a.why"), catch("c", told=STOP), end(),
        flows="s>p\np>a\na>t\nt>e\np>c\nc>e",
    )  # fmt: skip
    case = Case(source)
    case.do("a", why="Hết hạn")
    assert case.data["c"] == {"why": "Hết hạn"}
    assert case.sent == [("signal:stop", {"why": "Hết hạn"})]


def test_a_signal_from_outside_reaches_all_who_wait() -> None:
    source = bpmn(
        start(), both("p"), sub("x", start("s2"), catch("c", told=STOP), end("e2"), flows="s2>c\nc>e2"), first("g"),
        catch("d", told=STOP), catch("t", timer="P1D"), user("u"), end(),
        flows="s>p\np>x\nx>e\np>g\ng>d\ng>t\nd>u\nt>e\nu>e",
    )  # fmt: skip
    case = Case(source)
    (wait, _) = sorted(case.walk.waits.subscriptions, key=lambda w: w.element_id)
    assert wait.message == SIGNAL + "stop"
    case.do("c", n=1)
    assert case.waits() == [("user", "u")]
    assert case.data == {"c": {"n": 1}, "d": {"n": 1}}


def test_an_event_that_does_not_interrupt_hears_a_signal_each_time() -> None:
    source = bpmn(
        start(), user("w"), border("y", "w", told=STOP, interrupting=False), user("u"), end(), end("e2"),
        flows="s>w\nw>e\ny>u\nu>e2",
    )  # fmt: skip
    case = Case(source)
    for _ in range(3):
        case.do("y")
    assert case.waits() == [("message", "y"), *[("user", "u")] * 3, ("user", "w")]


def test_a_signal_has_a_name() -> None:
    source = bpmn(start(), catch("c", told="signal"), end(), flows="s>c\nc>e")
    assert found(source) == [("no-signal", "c")]
