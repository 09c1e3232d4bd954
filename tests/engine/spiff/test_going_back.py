"""Going back to an earlier step: one token there, none ahead of it, and every gateway ahead can still be passed."""

import pytest

from engine.spiff import CannotGoBack
from tests.engine.spiff.cases import Case
from tests.engine.spiff.drawings import border, both, bpmn, call, catch, end, many, start, sub, throw, user, xor


class Movable(Case):
    def back(self, element: str) -> frozenset[str]:
        walk = self.walk
        again = walk.go_back(element, self.source)
        self._save(walk)
        return again


LINE = bpmn(
    start(), user("a"), user("b"), xor("x"), user("c"), end(),
    flows="s>a\na>b\nb>x\nx>a if b.decision == 'return'\nx>c default\nc>e",
)  # fmt: skip


def test_the_step_is_open_again_and_what_came_after_is_not() -> None:
    case = Movable(LINE)
    case.do("a")
    case.do("b")
    assert case.back("a") >= {"a", "b", "x", "c"}
    assert case.waits() == [("user", "a")]
    case.do("a")
    case.do("b")
    case.do("c")
    assert case.completed


def test_an_open_step_may_be_begun_anew() -> None:
    case = Movable(LINE)
    before = case.walk.waits.user_tasks
    case.back("a")
    assert (case.waits(), case.walk.waits.user_tasks & before) == ([("user", "a")], frozenset())


PARALLEL = bpmn(
    start(), user("first"), both("fork"), user("a"), user("b"), both("join"), user("c"), end(),
    flows="s>first\nfirst>fork\nfork>a\nfork>b\na>join\nb>join\njoin>c\nc>e",
)  # fmt: skip


def test_a_parallel_branch_goes_on() -> None:
    case = Movable(PARALLEL)
    case.do("first")
    case.do("a")
    case.back("a")
    assert case.waits() == [("user", "a"), ("user", "b")]
    for step in ("b", "a", "c"):
        case.do(step)
    assert case.completed


def test_a_branch_that_has_arrived_stays_arrived() -> None:
    case = Movable(PARALLEL)
    for step in ("first", "b"):
        case.do(step)
    case.back("a")
    assert case.waits() == [("user", "a")]
    case.do("a")
    assert case.waits() == [("user", "c")]


def test_one_branch_of_several_that_have_joined_is_refused_but_not_the_step_before_them() -> None:
    case = Movable(PARALLEL)
    for step in ("first", "a", "b"):
        case.do(step)
    with pytest.raises(CannotGoBack, match="tách nhánh"):
        case.back("a")
    case.back("first")
    for step in ("first", "a", "b", "c"):
        case.do(step)
    assert case.completed


SEVERAL_TURNS = bpmn(
    start(), user("main"), border("asked", "main", message="asked", interrupting=False), end(),
    both("fork"), user("a"), user("a2"), user("b"), both("join"), user("c"), end("e2"),
    flows="s>main\nmain>e\nasked>fork\nfork>a\nfork>b\na>a2\na2>join\nb>join\njoin>c\nc>e2",
)  # fmt: skip


def test_where_an_event_came_twice_no_branch_of_its_other_turn_is_left_waiting() -> None:
    case = Movable(SEVERAL_TURNS)
    for step in ("asked", "asked", "main", "b", "b", "a"):
        case.do(step)
    assert case.waits() == [("user", "a"), ("user", "a2")]
    with pytest.raises(CannotGoBack, match="“join”"):
        case.back("a")
    case.do("a2")
    case.back("a")  # One turn was past the gateway: the other's branch is no more than what is done anew.
    for step in ("a", "a2", "c"):
        case.do(step)
    assert case.completed


def test_a_step_of_the_way_not_taken_is_refused_but_not_the_one_before_the_choice() -> None:
    flows = "s>u\nu>x\nx>a if u.n == 1\nx>b default\na>c\nc>y\nb>y\ny>e"
    case = Movable(bpmn(start(), *map(user, "uabc"), xor("x"), xor("y"), end(), flows=flows))
    case.do("u", n=1)
    case.do("a")
    case.back("u")
    case.do("u", n=2)
    with pytest.raises(CannotGoBack, match="nhánh khác"):
        case.back("a")
    assert case.waits() == [("user", "b")]
    case.back("u")
    case.do("u", n=1)
    assert case.waits() == [("user", "a")]


def test_a_step_after_the_one_that_the_case_stands_at_is_refused() -> None:
    case = Movable(BORDERS)
    case.do("late")
    case.back("a")
    with pytest.raises(CannotGoBack, match="trước bước này"):
        case.back("c")


AT_ANY_TIME = bpmn(
    start(), both("split"), catch("asked", message="asked"), throw("told", "told"),
    user("a"), user("b"), end(terminate=True),
    flows="s>split\nsplit>asked\nasked>told\ntold>asked\nsplit>a\na>b\nb>e",
)  # fmt: skip


def test_what_may_happen_at_any_time_is_still_waited_for() -> None:
    case = Movable(AT_ANY_TIME)
    case.do("a")
    case.back("a")
    assert case.waits() == [("message", "asked"), ("user", "a")]
    case.do("asked")
    case.do("a")
    case.do("b")
    assert case.completed


BORDERS = bpmn(
    start(), user("a"), border("late", "a", timer="P3D"), user("c"), xor("meet"), user("b"), end(),
    flows="s>a\nlate>c\na>meet\nc>meet\nmeet>b\nb>e",
)  # fmt: skip


def test_events_on_the_border_wait_again_and_what_they_began_ends() -> None:
    case = Movable(BORDERS)
    case.do("late")
    assert case.waits() == [("user", "c")]
    case.back("a")
    assert case.waits() == [("timer", "late"), ("user", "a")]
    case.do("a")
    assert case.waits() == [("user", "b")]


INSIDE = bpmn(
    start(), user("before"),
    sub("part", start("ps"), user("in1"), user("in2"), end("pe"), flows="ps>in1\nin1>in2\nin2>pe"),
    border("news", "part", message="news", interrupting=False), user("beside"), user("after"), end(), end("e2"),
    flows="s>before\nbefore>part\npart>after\nnews>beside\nbeside>e2\nafter>e",
)  # fmt: skip


def test_inside_a_running_sub_process_its_border_goes_on_waiting() -> None:
    case = Movable(INSIDE)
    case.do("before")
    case.do("in1")
    case.back("in1")
    assert case.waits() == [("message", "news"), ("user", "in1")]
    for step in ("in1", "in2", "after"):
        case.do(step)
    assert case.completed


def test_into_a_sub_process_that_is_over_it_is_entered_anew() -> None:
    case = Movable(INSIDE)
    for step in ("before", "in1", "in2"):
        case.do(step)
    case.back("in2")
    assert case.waits() == [("message", "news"), ("user", "in2")]
    for step in ("in2", "after"):
        case.do(step)
    assert case.completed


def test_before_a_sub_process_it_ends() -> None:
    case = Movable(INSIDE)
    case.do("before")
    case.do("in1")
    assert case.back("before") >= {"before", "in1", "in2", "beside"}
    assert case.waits() == [("user", "before")]
    for step in ("before", "in1", "in2", "after"):
        case.do(step)
    assert case.completed


def test_a_step_done_by_several_is_done_by_all_again() -> None:
    case = Movable(
        bpmn(start(), user("a", many(times="2")), user("b"), end(), flows="s>a\na>b\nb>e"),
    )
    case.do("a")
    case.back("a")
    assert case.waits() == [("user", "a")] * 2
    for step in ("a", "a", "b"):
        case.do(step)
    assert case.completed


def test_one_of_many_repetitions_is_refused() -> None:
    part = sub("part", start("ps"), user("x"), user("y"), end("pe"), flows="ps>x\nx>y\ny>pe", loop=many(times="2"))
    case = Movable(bpmn(start(), part, end(), flows="s>part\npart>e"))
    case.do("x")
    with pytest.raises(CannotGoBack, match="nhiều lần"):
        case.back("x")


def test_a_step_of_a_called_process_is_refused() -> None:
    asked = bpmn(start(), user("x"), user("y"), end(), flows="s>x\nx>y\ny>e", process_id="asked")
    case = Movable(bpmn(start(), call("c", "asked"), end(), flows="s>c\nc>e"), called=[asked])
    case.do("c:x")
    with pytest.raises(CannotGoBack, match="được gọi"):
        case.back("c:x")


def test_what_is_no_step_is_refused() -> None:
    with pytest.raises(CannotGoBack):
        Movable(LINE).back("nowhere")
