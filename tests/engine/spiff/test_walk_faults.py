"""What goes wrong in an instance is said, and nothing of it is kept."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from engine.spiff import NotWaiting, Walk, WalkFailed
from tests.engine.spiff.cases import Case, context
from tests.engine.spiff.drawings import border, bpmn, end, script, start, user, xor


def test_no_condition_that_holds_fails_with_the_gateway():
    case = Case(
        bpmn(
            start(),
            user("a"),
            xor("g"),
            user("b"),
            user("c"),
            end(),
            flows="s>a\na>g\ng>b if a.n == 1\ng>c if a.n == 2\nb>e\nc>e",
        )
    )
    with pytest.raises(WalkFailed) as failed:
        case.do("a", n=3)
    assert failed.value.element == "g"


def test_an_expression_that_cannot_be_computed_fails_with_its_shape():
    case = Case(bpmn(start(), user("a"), script("t", "x = a.n / 0"), user("b"), end(), flows="s>a\na>t\nt>b\nb>e"))
    with pytest.raises(WalkFailed) as failed:
        case.do("a", n=3)
    assert failed.value.element == "t"
    assert case.waits() == [("user", "a")]


def test_a_loop_without_a_step_is_stopped():
    source = bpmn(
        start(),
        xor("m"),
        script("t", "n = n + 1"),
        xor("g"),
        user("a"),
        end(),
        flows="s>m\nm>t\nt>g\ng>m if n > 0\ng>a default\na>e",
    )
    with pytest.raises(WalkFailed):
        Case(source, data={"n": 1})


def test_what_nobody_waits_for_is_refused():
    case = Case(bpmn(start(), user("a"), border("t", "a", timer="P1D"), user("b"), end(), flows="s>a\na>e\nt>b\nb>e"))
    waits = case.walk.waits
    (task,), (timer,) = waits.user_tasks, waits.timers
    for act in (
        lambda walk: walk.complete(uuid4(), {}),
        lambda walk: walk.complete(timer.task_id, {}),
        lambda walk: walk.fire(task.task_id),
        lambda walk: walk.deliver(timer.task_id, {}),
        lambda walk: walk.complete_service(task.task_id, {}),
    ):
        with pytest.raises(NotWaiting):
            act(case.walk)


@pytest.mark.parametrize("state", [b"", b"\x01", b"\x00{}", b"\x01\x28\xb5\x2f\xfd", b"garbage" * 10])
def test_a_state_that_is_none_is_refused(state):
    definition = Case(bpmn(start(), user("a"), end(), flows="s>a\na>e")).definition
    with pytest.raises(WalkFailed):
        Walk.restore(definition, state, context())


def test_a_state_of_another_drawing_is_refused():
    one = Case(bpmn(start(), user("a"), end(), flows="s>a\na>e"))
    other = Case(bpmn(start(), user("b"), end(), flows="s>b\nb>e"))
    with pytest.raises(WalkFailed):
        Walk.restore(other.definition, one.state, context())


def test_values_that_cannot_be_stored_fail():
    case = Case(bpmn(start(), user("a"), end(), flows="s>a\na>e"))
    with pytest.raises(WalkFailed):
        case.do("a", thing=object())


def test_names_and_texts_of_all_kinds_survive():
    values = {
        "typename": "UserTask",
        "$date": "no date",
        "b": 1,
        "a": None,
        "list": [1, {"z": 2, "y": datetime(2026, 1, 1, tzinfo=UTC)}],
    }
    case = Case(bpmn(start(), user("a"), user("b"), end(), flows="s>a\na>b\nb>e"))
    case.do("a", **values)
    assert case.data["a"] == values
    assert list(case.data["a"]) == list(values)
