"""Activities that are done many times: completion conditions, what is gathered, loops."""

import pytest

from engine.spiff import WalkFailed
from tests.engine.spiff.cases import Case
from tests.engine.spiff.drawings import (
    again,
    border,
    bpmn,
    end,
    many,
    receive,
    script,
    send,
    service,
    start,
    sub,
    user,
    xor,
)
from tests.engine.spiff.findings import found

TWO_OF_THREE = "count('decision', 'accept') >= 2 or count('decision', 'return') >= 2"


def repeated(shape: str, **options) -> Case:
    """One repeated shape x, then a step z."""
    return Case(bpmn(start(), shape, user("z"), end(), flows="s>x\nx>z\nz>e"), **options)


def approvals(*decisions: str, sequential: bool = False) -> Case:
    marks = many(items="people", item="who", output="votes", until=TWO_OF_THREE, sequential=sequential)
    case = repeated(user("x", marks, person="who"), data={"people": ["a", "b", "c"]})
    for decision in decisions:
        case.do("x", decision=decision)
    return case


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("decision", ["accept", "return"])
def test_two_of_three_approvers_are_enough(decision: str, sequential: bool) -> None:
    case = approvals("other", decision, sequential=sequential)
    assert ("user", "x") in case.waits()
    case = approvals(decision, decision, sequential=sequential)
    assert case.waits() == [("user", "z")]
    assert case.data["votes"] == [{"decision": decision}] * 2


def test_approvers_who_do_not_agree_are_all_asked() -> None:
    case = approvals("accept", "return")
    assert case.waits() == [("user", "x")]
    case.do("x", decision="other")
    assert case.waits() == [("user", "z")]
    assert len(case.data["votes"]) == 3


@pytest.mark.parametrize(
    ("condition", "turns"),
    [
        ("numberOfCompletedInstances >= 2", 2),
        ("numberOfActiveInstances <= 1", 3),
        ("numberOfCompletedInstances / numberOfInstances >= 0.75", 3),
        ("x.stop == true", 4),
    ],
)
def test_a_condition_may_speak_of_the_instances(condition: str, turns: int) -> None:
    case = repeated(user("x", many("4", until=condition)))
    for turn in range(1, turns + 1):
        assert ("user", "x") in case.waits()
        case.do("x", stop=turn == 4)
    assert case.waits() == [("user", "z")]


@pytest.mark.parametrize("sequential", [False, True])
def test_every_kind_of_activity_may_be_done_many_times(sequential: bool) -> None:
    marks = many("2", sequential=sequential)
    inner = sub("x", start("s2"), user("u"), end("e2"), flows="s2>u\nu>e2", loop=marks)
    for shape, element in (
        (user("x", marks), "x"),
        (service("x", loop=marks), "x"),
        (receive("x", "papers", marks), "x"),
        (inner, "u"),
    ):
        case = repeated(shape)
        for _ in range(2):
            assert len(case.waits()) == (1 if sequential else len(case.waits()))
            case.do(element)
        assert case.waits() == [("user", "z")]
    assert [name for name, _ in repeated(send("x", "told", marks)).sent] == ["told", "told"]
    assert repeated(script("x", "n = n + 1", marks), data={"n": 0}).data == {"n": 2}


def test_an_event_on_the_border_ends_all_instances() -> None:
    source = bpmn(
        start(), user("x", many("3")), border("stop", "x", message="stop"), user("z"), end(), end("e2"),
        flows="s>x\nx>e\nstop>z\nz>e2",
    )  # fmt: skip
    case = Case(source)
    case.do("x")
    case.do("stop")
    assert case.waits() == [("user", "z")]


# ── several at once in a sub-process ──

REVIEW = user("a"), script("t", "turn = a.decision"), user("b"), xor("g"), user("c")
REVIEWED = "s2>a\na>t\nt>b\nb>g\ng>c if a.decision == 'return' and turn == 'return'\ng>e2 default\nc>e2"


def reviews(**marks: str) -> str:
    """A sub-process x: who returns something in step a is asked for c after b."""
    return sub("x", start("s2"), *REVIEW, end("e2"), flows=REVIEWED, loop=many(**marks))


def answered(case: Case, *decisions: str) -> Case:
    for decision in decisions:
        case.do("a", decision=decision)
    return case


@pytest.mark.parametrize("decisions", [("accept", "return"), ("return", "accept")])
def test_each_of_several_in_a_sub_process_sees_its_own_answers(decisions: tuple[str, str]) -> None:
    case = answered(repeated(reviews(times="2")), *decisions)
    case.do("b")
    case.do("b")
    assert case.waits() == [("user", "c")]


def test_several_within_several_see_their_own_answers_first_and_then_those_around() -> None:
    inner = reviews(times="2").replace('"x"', '"y"')
    case = repeated(
        sub("x", start("s1"), user("h"), inner, xor("k"), user("d"), end("e1"), loop=many("2"),
            flows="s1>h\nh>y\ny>k\nk>d if h.decision == 'keep' and turn == 'accept'\nk>e1 default\nd>e1")
    )  # fmt: skip
    case.do("h", decision="keep")
    case.do("h", decision="drop")
    answered(case, *["accept"] * 4)
    for _ in range(4):
        case.do("b")
    assert case.waits() == [("user", "d")]


def test_what_was_said_in_each_sub_process_is_gathered_and_counted() -> None:
    marks = many(items="people", item="who", output="all", until="count('a.decision', 'accept') >= 2")
    case = repeated(sub("x", start("s2"), *REVIEW, end("e2"), flows=REVIEWED, loop=marks), data={"people": [1, 2, 3]})
    answered(case, "accept", "accept", "accept").do("b", note="first")
    assert case.waits() == [("user", "b"), ("user", "b")]
    case.do("b", note="second")
    assert case.waits() == [("user", "z")]
    said = {"a": {"decision": "accept"}, "turn": "accept"}
    gathered = sorted(case.data["all"], key=lambda one: one["b"]["note"])
    assert gathered == [{**said, "b": {"note": "first"}}, {**said, "b": {"note": "second"}}]


def test_whether_enough_is_done_is_asked_as_the_one_sees_it_that_is_done() -> None:
    case = answered(repeated(reviews(times="3", until="a.decision == 'stop'")), "stop", "stop", "accept")
    case.do("b")
    if ("user", "b") in case.waits():  # It was the one who accepted.
        case.do("b")
    assert case.waits() == [("user", "z")]


# ── loops ──


def test_a_loop_goes_on_while_its_condition_holds() -> None:
    case = repeated(user("x", again("x.more == true")))
    for _ in range(5):
        case.do("x", more=True)
    assert case.waits() == [("user", "x")]
    case.do("x", more=False)
    assert case.waits() == [("user", "z")]


def test_a_loop_that_is_tested_before_may_be_passed() -> None:
    marks = again("n > 0", before=True)
    assert repeated(user("x", marks), data={"n": 0}).waits() == [("user", "z")]
    assert repeated(user("x", marks), data={"n": 1}).waits() == [("user", "x")]
    assert repeated(user("x", again("n > 0")), data={"n": 0}).waits() == [("user", "x")]


def test_a_loop_has_a_highest_number_of_turns() -> None:
    case = repeated(user("x", again("1 == 1", most="3")))
    for _ in range(3):
        case.do("x")
    assert case.waits() == [("user", "z")]
    assert repeated(script("x", "n = n + 1", again(most="7")), data={"n": 0}).data == {"n": 7}


def test_a_loop_counts_its_turns() -> None:
    case = repeated(script("x", "seen = loopCounter", again("loopCounter < 4")), data={})
    assert case.data == {"seen": 3}


def test_a_loop_around_a_sub_process_that_is_interrupted() -> None:
    inner = sub("x", start("s2"), user("u"), end("e2"), flows="s2>u\nu>e2", loop=again("u.more == true"))
    source = bpmn(start(), inner, border("late", "x", timer="P1D"), user("z"), end(), end("e2x"),
                  flows="s>x\nx>e\nlate>z\nz>e2x")  # fmt: skip
    case = Case(source)
    case.do("u", more=True)
    case.do("u", more=True)
    case.do("late")
    assert case.waits() == [("user", "z")]


def test_a_loop_that_never_waits_and_never_ends_is_stopped() -> None:
    with pytest.raises(WalkFailed):
        repeated(script("x", "n = 1", again("1 == 1")))


def test_a_loop_of_a_thousand_turns_leaves_nothing_behind() -> None:
    case = repeated(user("x", again("x.more == true")))
    case.do("x", more=True)
    length = case.length
    for _ in range(300):
        case.do("x", more=True)
    assert case.length <= length + 16  # The number of turns has more digits.


def test_conditions_of_loops_are_read() -> None:
    flows = "s>x\nx>e"
    assert found(bpmn(start(), user("x", again("1 +")), end(), flows=flows)) == [("bad-expression", "x")]
    assert found(bpmn(start(), user("x", many("3", until="count('ok', true) > 1")), end(), flows=flows)) == []
    assert found(bpmn(start(), user("x", again("loopCounter < 3")), end(), flows=flows)) == []
    assert found(bpmn(start(), user("x", due="count('a', 1)"), end(), flows=flows)) == [("bad-expression", "x")]
