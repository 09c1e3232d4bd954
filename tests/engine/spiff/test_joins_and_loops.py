"""Branches that part and meet again, also on the second turn."""

import pytest

from engine.spiff import WalkFailed
from tests.engine.spiff.cases import Case
from tests.engine.spiff.drawings import border, both, bpmn, catch, end, some, start, sub, user, xor

RETURNING = bpmn(
    start(), xor("again"), both("split"), user("a"), user("b"), both("join"), user("check"), xor("g"), end(),
    flows="""s>again
    again>split
    split>a
    split>b
    a>join
    b>join
    join>check
    check>g
    g>again if check.back == true
    g>e default""",
)  # fmt: skip


def test_branches_that_join_keep_what_each_has_entered():
    case = Case(RETURNING)
    case.do("a", n=1)
    case.do("b", n=1)
    case.do("check", back=True)
    case.do("b", n=2)
    case.do("a", n=2)  # Neither branch may bring back what the other held before.
    assert case.data["a"] == case.data["b"] == {"n": 2}


def test_a_join_waits_for_every_branch_on_every_turn():
    case = Case(RETURNING)
    for _ in range(5):
        case.do("a")
        assert case.waits() == [("user", "b")]
        case.do("b")
        case.do("check", back=True)
    assert case.waits() == [("user", "a"), ("user", "b")]


def test_a_case_returned_three_hundred_times_costs_what_it_did_at_first():
    case = Case(RETURNING)
    lengths = set()
    for _ in range(300):
        case.do("a", text="kết quả")
        case.do("b", text="kết quả")
        case.do("check", back=True)
        lengths.add(case.length)
    assert len(lengths) == 1


def test_a_join_that_can_never_be_reached_again_fails_rather_than_waits_in_silence():
    source = bpmn(
        start(), both("split"), xor("m"), user("a"), user("b"), both("join"), user("check"), xor("g"), end(),
        flows="s>split\nsplit>m\nm>a\nsplit>b\na>join\nb>join\n"
        "join>check\ncheck>g\ng>m if check.back == true\ng>e default",
    )  # fmt: skip
    case = Case(source)
    for step in ("a", "b"):
        case.do(step)
    case.do("check", back=True)
    before = case.state
    with pytest.raises(WalkFailed) as failed:
        case.do("a")
    assert failed.value.element == "join"
    assert case.state == before


def test_an_inclusive_join_waits_only_for_branches_that_were_taken():
    source = bpmn(
        start(), user("a"), some("split"), user("x"), user("y"), user("z"), some("join"), user("b"), end(),
        flows="s>a\na>split\nsplit>x if 1 in a.ways\nsplit>y if 2 in a.ways\nsplit>z default\n"
        "x>join\ny>join\nz>join\njoin>b\nb>e",
    )  # fmt: skip
    case = Case(source)
    case.do("a", ways=[1, 2])
    case.do("x")
    assert case.waits() == [("user", "y")]
    case.do("y")
    assert case.waits() == [("user", "b")]
    other = Case(source)
    other.do("a", ways=[])
    other.do("z")
    assert other.waits() == [("user", "b")]


def test_an_inclusive_join_waits_for_a_step_whose_timer_leads_back():
    source = bpmn(
        start(), xor("again"), both("split"), user("a"), border("late", "a", timer="P1D"), some("join"), user("b"),
        end(), flows="s>again\nagain>split\nsplit>a\nsplit>join\na>join\nlate>again\njoin>b\nb>e",
    )  # fmt: skip
    case = Case(source)
    assert case.waits() == [("timer", "late"), ("user", "a")]
    case.do("a")
    assert case.waits() == [("user", "b")]


def test_a_terminate_end_ends_everything():
    source = bpmn(
        start(), both("p"), user("a"), user("b"), catch("t", timer="P1D"), end(terminate=True), end("e2"),
        flows="s>p\np>a\np>b\np>t\na>e\nb>e2\nt>e2",
    )  # fmt: skip
    case = Case(source)
    case.do("a")
    assert case.completed
    assert case.waits() == []


def test_a_terminate_end_in_a_sub_process_ends_only_that():
    inner = sub("inner", start("s2"), both("p"), user("a"), user("b"), end("stop", terminate=True), end("e2"),
                flows="s2>p\np>a\np>b\na>stop\nb>e2")  # fmt: skip
    case = Case(bpmn(start(), inner, user("c"), end(), flows="s>inner\ninner>c\nc>e"))
    case.do("a")
    assert case.waits() == [("user", "c")]
