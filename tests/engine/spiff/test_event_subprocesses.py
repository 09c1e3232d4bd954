"""An event sub-process waits beside its process, and begins when its event comes."""

from datetime import timedelta

import pytest

from engine.errors import CannotMigrate, StructureDiffers
from engine.spiff import CannotGoBack, WalkFailed, check_bpmn
from tests.engine.spiff.cases import NOW, Case
from tests.engine.spiff.drawings import again, border, both, bpmn, call, catch, end, many, start, sub, throw, user, xor
from tests.engine.spiff.findings import found
from tests.engine.spiff.test_migration import moved


def beside(begin: str, *, name: str = "x", step: str = "u", loop: str = "") -> str:
    """An event sub-process in which a person does one step."""
    event = begin.split('"')[1]
    ends = f"e_{name}"
    return sub(name, begin, user(step), end(ends), flows=f"{event}>{step}\n{step}>{ends}", loop=loop, beside=True)


def process(*event_subprocesses: str) -> bytes:
    """a, then b, with event sub-processes beside them."""
    return bpmn(start(), user("a"), user("b"), end(), *event_subprocesses, flows="s>a\na>b\nb>e")


KINDS = {"message": {"message": "stop"}, "timer": {"timer": "P1D"}, "signal": {"told": "signal:stop"}}


@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupting_one_ends_all_else(kind: str) -> None:
    source = process(beside(start("o", **KINDS[kind])))
    assert found(source) == []
    case = Case(source)
    verb = "timer" if kind == "timer" else "message"
    assert case.waits() == sorted([(verb, "o"), ("user", "a")])
    case.do("o", why="x") if kind != "timer" else case.do("o")
    assert case.waits() == [("user", "u")]
    assert case.data == ({} if kind == "timer" else {"o": {"why": "x"}})
    case.do("u")
    assert case.completed


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_does_not_interrupt_goes_on_beside(kind: str) -> None:
    case = Case(process(beside(start("o", **KINDS[kind], interrupting=False))))
    case.do("o")
    assert ("user", "a") in case.waits()
    assert ("user", "u") in case.waits()
    case.do("a")
    case.do("b")
    assert not case.completed  # Until what has begun beside it is done, too.
    case.do("u")
    assert case.completed


@pytest.mark.parametrize("decisions", [("no", "yes"), ("yes", "no")])
def test_one_that_comes_twice_sees_its_own_answers_each_time(decisions: tuple[str, str]) -> None:
    request = sub("x", start("o", message="ask", interrupting=False), user("u"), user("v"), xor("g"), user("w"),
                  end("f"), flows="o>u\nu>v\nv>g\ng>w if u.answer == 'yes'\ng>f default\nw>f", beside=True)  # fmt: skip
    case = Case(process(request))
    for answer in decisions:
        case.do("o")
        case.do("u", answer=answer)
    case.do("v")
    case.do("v")
    assert case.waits() == [("message", "o"), ("user", "a"), ("user", "w")]


def test_what_does_not_interrupt_may_come_again_but_for_a_timer() -> None:
    case = Case(process(beside(start("o", message="ask", interrupting=False))))
    case.do("o", n=1)
    case.do("o", n=2)
    assert case.waits() == [("message", "o"), ("user", "a"), ("user", "u"), ("user", "u")]
    case = Case(process(beside(start("o", timer="P1D", interrupting=False))))
    case.do("o")
    assert case.waits() == [("user", "a"), ("user", "u")]


def test_each_one_sees_what_its_own_message_brought() -> None:
    inner = sub("x", start("o", message="ask", interrupting=False), user("u", person="o.who"), end("e2"),
                flows="o>u\nu>e2", beside=True)  # fmt: skip
    case = Case(bpmn(start(), user("a"), end(), inner, flows="s>a\na>e"))
    case.do("o", who="An")
    case.do("o", who="Bình")
    walk = case.walk
    steps = [waiting.task_id for waiting in walk.waits.user_tasks if waiting.element_id == "u"]
    assert sorted(str(walk.evaluate("o.who", step)) for step in steps) == ["An", "Bình"]


def test_a_process_ends_though_one_still_waits() -> None:
    case = Case(process(beside(start("o", message="ask"))))
    case.do("a")
    case.do("b")
    assert case.completed
    assert case.waits() == []


def test_a_timer_counts_from_when_its_process_began() -> None:
    case = Case(process(beside(start("o", timer="P1D"))))
    (before,) = case.walk.waits.timers
    case.now += timedelta(hours=5)
    case.do("a")
    (after,) = case.walk.waits.timers
    assert before.due_at == after.due_at == NOW + timedelta(days=1)


def test_when_one_has_interrupted_the_others_are_over() -> None:
    source = process(
        beside(start("o", message="stop")), beside(start("p", message="ask", interrupting=False), name="y", step="v")
    )
    case = Case(source)
    case.do("p")
    case.do("o")
    assert case.waits() == [("user", "u")]


def test_an_error_is_heard_by_the_process_it_is_thrown_in() -> None:
    source = bpmn(
        start(), both("g"), user("a"), user("b"), end("x", told="error:late", payload="ok = a.ok"), end(),
        beside(start("o", told="error:late"), name="y"), flows="s>g\ng>a\ng>b\na>x\nb>e",
    )  # fmt: skip
    assert found(source) == []
    case = Case(source)
    case.do("a", ok=False)
    assert case.waits() == [("user", "u")]
    assert case.data["o"] == {"ok": False}
    case.do("u")
    assert case.completed


def test_an_error_is_heard_inside_before_it_is_heard_on_the_border() -> None:
    box = sub("box", start("s2"), user("a"), end("x", told="error:late"), beside(start("o", told="error"), name="y"),
              flows="s2>a\na>x")  # fmt: skip
    source = bpmn(start(), box, border("c", "box", told="error:late"), user("v"), end(), end("e9"),
                  flows="s>box\nbox>e\nc>v\nv>e9")  # fmt: skip
    assert found(source) == [("never-thrown", "c")]
    case = Case(source)
    case.do("a")
    assert case.waits() == [("user", "u")]
    case.do("u")
    assert case.completed  # The sub-process ends as usual.


def test_an_error_in_an_event_sub_process_goes_on_outwards() -> None:
    inner = sub("y", start("o", told="error:late"), user("u"), end("x2", told="error:late"), flows="o>u\nu>x2",
                beside=True)  # fmt: skip
    box = sub("box", start("s2"), user("a"), end("x", told="error:late"), inner, flows="s2>a\na>x")
    source = bpmn(start(), box, border("c", "box", told="error:late"), user("v"), end(), end("e9"),
                  flows="s>box\nbox>e\nc>v\nv>e9")  # fmt: skip
    assert found(source) == []
    case = Case(source)
    case.do("a")
    case.do("u")
    assert case.waits() == [("user", "v")]


def test_an_escalation_from_a_sub_process_begins_one_beside_it() -> None:
    ask = throw("t", told="escalation:ask", payload="kind = a.kind")
    box = sub("box", start("s2"), user("a"), ask, user("b"), end("e2"), flows="s2>a\na>t\nt>b\nb>e2")  # fmt: skip
    for interrupting in (True, False):
        begin = start("o", told="escalation:ask", interrupting=interrupting)
        source = bpmn(start(), box, end(), beside(begin, name="y"), flows="s>box\nbox>e")
        assert found(source) == []
        case = Case(source)
        case.do("a", kind="x")
        assert case.waits() == [*([] if interrupting else [("user", "b")]), ("user", "u")]
        assert case.data["o"] == {"kind": "x"}


def test_an_event_sub_process_does_not_begin_itself() -> None:
    inner = sub("y", start("o", told="escalation:ask", interrupting=False), throw("t2", told="escalation:ask"),
                user("u"), end("e2"), flows="o>t2\nt2>u\nu>e2", beside=True)  # fmt: skip
    source = bpmn(start(), user("a"), throw("t", told="escalation:ask"), end(), inner, flows="s>a\na>t\nt>e")
    assert found(source) == [("uncaught-escalation", "t2")]
    case = Case(source)
    case.do("a")
    assert case.waits() == [("user", "u")]


def test_in_a_sub_process_it_ends_only_that() -> None:
    box = sub("box", start("s2"), user("a"), end("e2"), beside(start("o", message="stop"), name="y"),
              flows="s2>a\na>e2")  # fmt: skip
    case = Case(bpmn(start(), both("p"), box, user("w"), user("z"), end(), end("e9"),
                     flows="s>p\np>box\np>w\nbox>z\nz>e\nw>e9"))  # fmt: skip
    case.do("o")
    assert case.waits() == [("user", "u"), ("user", "w")]
    case.do("u")
    assert case.waits() == [("user", "w"), ("user", "z")]


def test_each_of_many_sub_processes_has_its_own() -> None:
    box = sub("box", start("s2"), user("a"), end("e2"), beside(start("o", message="stop"), name="y"),
              flows="s2>a\na>e2", loop=many("3"))  # fmt: skip
    case = Case(bpmn(start(), box, end(), flows="s>box\nbox>e"))
    case.do("o")
    assert case.waits() == [*[("message", "o")] * 2, *[("user", "a")] * 2, ("user", "u")]


def test_a_loop_s_next_turn_waits_anew() -> None:
    box = sub("box", start("s2"), user("a"), end("e2"), beside(start("o", message="stop"), name="y"),
              flows="s2>a\na>e2", loop=again(most="2"))  # fmt: skip
    case = Case(bpmn(start(), box, end(), flows="s>box\nbox>e"))
    case.do("o")
    case.do("u")
    assert case.waits() == [("message", "o"), ("user", "a")]


def test_in_a_called_process() -> None:
    called = bpmn(start(), user("a"), end(), beside(start("o", message="stop")), flows="s>a\na>e", process_id="sub")
    case = Case(bpmn(start(), call("c", "sub"), user("z"), end(), flows="s>c\nc>z\nz>e"), called=[called])
    assert case.waits() == [("message", "c:o"), ("user", "c:a")]
    case.do("c:o", n=1)
    assert case.waits() == [("user", "c:u")]
    case.do("c:u")
    assert case.waits() == [("user", "z")]


def test_one_inside_of_another() -> None:
    low = beside(start("q", message="more", interrupting=False), name="low", step="v")
    inner = sub("x", start("o", message="stop"), user("u"), end("e2"), low, flows="o>u\nu>e2", beside=True)
    case = Case(bpmn(start(), user("a"), end(), inner, flows="s>a\na>e"))
    case.do("o")
    case.do("q")
    assert case.waits() == [("message", "q"), ("user", "u"), ("user", "v")]


def test_a_signal_told_in_its_process() -> None:
    source = bpmn(start(), both("p"), user("a"), throw("t", told="signal:stop"), user("b"), user("c"), end(),
                  beside(start("o", told="signal:stop")), flows="s>p\np>a\np>c\na>t\nt>b\nb>e\nc>e")  # fmt: skip
    case = Case(source)
    case.do("a")
    assert case.waits() == [("user", "u")]


def test_a_terminate_end_in_it_ends_only_itself() -> None:
    inner = sub("x", start("o", message="ask", interrupting=False), both("g"), user("u"), user("v"),
                end("t", terminate=True), end("e2"), flows="o>g\ng>u\ng>v\nu>t\nv>e2", beside=True)  # fmt: skip
    case = Case(bpmn(start(), user("a"), end(), inner, flows="s>a\na>e"))
    case.do("o")
    case.do("u")
    assert case.waits() == [("message", "o"), ("user", "a")]


def test_a_process_that_is_stuck_says_so_though_one_still_waits() -> None:
    source = bpmn(start(), xor("g"), user("a"), user("b"), both("j"), end(), beside(start("o", message="stop")),
                  flows="s>g\ng>a if 1 == 2\ng>b default\na>j\nb>j\nj>e")  # fmt: skip
    case = Case(source)
    with pytest.raises(WalkFailed):
        case.do("b")


# ── at deployment ──


@pytest.mark.parametrize(
    ("event_subprocess", "code"),
    [
        (beside(start("o")), "unsupported-event"),
        (beside(start("o", message="m"), loop=many("2")), "event-subprocess-loop"),
        (beside(start("o", told="error", interrupting=False)), "error-interrupts"),
        (beside(start("o", told="signal")), "no-signal"),
        (beside(start("o", timer="P1D")).replace("timeDuration", "timeCycle"), "timer-cycle"),
        (beside(start("o", timer="P1D")).replace("timerEvent", "conditionalEvent"), "unsupported-event"),
        (beside(start("o", told="error:a")) + beside(start("p", told="error:a"), name="y", step="v"), "caught-twice"),
        (beside(start("o", told="error:a")), "never-thrown"),
        (beside(start("o", message="m")) + border("c", "x", message="n"), "event-subprocess-border"),
    ],
)
def test_what_cannot_begin_is_refused(event_subprocess: str, code: str) -> None:
    assert code in {finding.code for finding in check_bpmn(process(event_subprocess))}


def test_no_arrow_leads_to_one() -> None:
    source = bpmn(start(), xor("g"), user("a"), beside(start("o", message="m")), end(),
                  flows="s>g\ng>a if 1 == 1\ng>x default\na>e")  # fmt: skip
    assert ("event-subprocess-arrow", "x") in found(source)


def test_one_has_an_end() -> None:
    inner = sub("x", start("o", message="m"), catch("c", timer="P1D"), flows="o>c", beside=True)
    assert ("subprocess-end", "x") in found(process(inner))


# ── moved by hand, and to another version ──


def test_going_back_out_of_one_that_interrupted_lets_all_wait_again() -> None:
    case = Case(process(beside(start("o", message="stop")), beside(start("p", timer="P1D"), name="y", step="v")))
    case.do("a")
    case.do("o")
    walk = case.walk
    assert "u" in walk.go_back("a", case.source)
    case._save(walk)
    assert case.waits() == [("message", "o"), ("timer", "p"), ("user", "a")]


def test_going_back_into_a_sub_process_lets_its_own_wait_again() -> None:
    box = sub("box", start("s2"), user("a"), user("b"), end("e2"), beside(start("o", message="stop"), name="y"),
              flows="s2>a\na>b\nb>e2")  # fmt: skip
    case = Case(bpmn(start(), box, user("z"), end(), flows="s>box\nbox>z\nz>e"))
    case.do("a")
    case.do("b")
    walk = case.walk
    walk.go_back("b", case.source)
    case._save(walk)
    assert case.waits() == [("message", "o"), ("user", "b")]


def test_nobody_goes_back_into_one_that_does_not_run() -> None:
    case = Case(process(beside(start("o", message="ask", interrupting=False))))
    case.do("o")
    case.do("u")
    with pytest.raises(CannotGoBack):
        case.walk.go_back("u", case.source)


def test_what_waits_beside_goes_on_in_another_version() -> None:
    old = process(beside(start("o", message="stop")), beside(start("gone", message="gone"), name="w", step="w1"))
    new = process(beside(start("o", message="stop"), step="other"), beside(start("p", timer="P1D"), name="y", step="v"))
    case = Case(old)
    (before,) = (wait.task_id for wait in case.walk.waits.subscriptions if wait.element_id == "o")
    carried = moved(case, new)
    assert carried.let_go == ["gone"]
    assert case.waits() == [("message", "o"), ("timer", "p"), ("user", "a")]
    (after,) = (wait.task_id for wait in case.walk.waits.subscriptions)
    assert before == after
    case.do("o")
    assert case.waits() == [("user", "other")]


def test_a_case_that_an_interrupting_one_took_over_goes_on_in_it() -> None:
    case = Case(process(beside(start("o", message="stop"))))
    case.do("o")
    longer = sub("x", start("o", message="stop"), user("u"), user("v"), end("e2"), flows="o>u\nu>v\nv>e2", beside=True)
    moved(case, process(longer, beside(start("p", message="ask"), name="y", step="w")))
    assert case.waits() == [("user", "u")]  # What it has ended is not begun again by what the new version adds.
    case.do("u")
    assert case.waits() == [("user", "v")]
    moved(case, process(beside(start("o", message="stop"), step="v")))
    case.do("v")
    assert case.completed


def test_each_that_runs_beside_goes_on_with_what_began_it() -> None:
    def asked(begin: str) -> bytes:
        flows = f"{begin}>u\nu>g\ng>v if {begin}.n == 1\ng>w default\nv>e2\nw>e3"
        steps = user("u"), xor("g"), user("v"), user("w"), end("e2"), end("e3")
        event = start(begin, message="ask", interrupting=False)
        return process(sub("x", event, *steps, flows=flows, beside=True))

    case = Case(asked("o"))
    for n in (1, 2):
        case.do("o", n=n)
    moved(case, asked("ask"), mapping={"o": "ask"})
    assert case.waits() == [("message", "ask"), ("user", "a"), ("user", "u"), ("user", "u")]
    for _ in range(2):
        case.do("u")
    assert case.waits() == [("message", "ask"), ("user", "a"), ("user", "v"), ("user", "w")]
    for step in "vwab":
        case.do(step)
    assert case.completed


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_case_that_is_inside_one_is_not_moved_where_it_would_mean_something_else(interrupting: bool) -> None:
    case = Case(process(beside(start("o", message="stop", interrupting=interrupting))))
    case.do("o")
    other = start("o", message="stop", interrupting=not interrupting)
    with pytest.raises(StructureDiffers):
        moved(case, process(beside(other)))
    with pytest.raises(CannotMigrate):
        moved(case, process(user("u")))
    assert ("user", "u") in case.waits()
