"""An instance from its start to its end, as the Runtime drives it: bytes between the steps."""

from datetime import date, timedelta

import pytest

from engine.spiff import WalkFailed
from tests.engine.spiff.cases import NOW, Case
from tests.engine.spiff.drawings import (
    border,
    both,
    bpmn,
    catch,
    end,
    first,
    many,
    receive,
    script,
    send,
    service,
    start,
    sub,
    throw,
    user,
    xor,
)


def test_what_a_person_enters_is_kept_under_the_step():
    case = Case(bpmn(start(), user("a"), end(), flows="s>a\na>e"), data={"plan": {"number": "12"}})
    case.do("a", ok=True, on=date(2026, 12, 5))
    assert case.completed
    assert case.data == {"plan": {"number": "12"}, "a": {"ok": True, "on": date(2026, 12, 5)}}


def test_a_message_starts_an_instance_at_its_own_event():
    source = bpmn(
        start(), start("by_task", message="task.issued"), user("a"), user("b"), end(), flows="s>a\nby_task>b\na>e\nb>e"
    )
    case = Case(source, message="task.issued", payload={"task": "t1"})
    assert case.waits() == [("user", "b")]
    assert case.data == {"by_task": {"task": "t1"}}
    assert Case(source).waits() == [("user", "a")]
    assert Case(source, start_event="by_task").waits() == [("user", "b")]


def test_a_start_that_is_not_drawn_fails():
    with pytest.raises(WalkFailed, match=r"task\.issued"):
        Case(bpmn(start(), user("a"), end(), flows="s>a\na>e"), message="task.issued")


def test_conditions_are_tried_in_the_order_of_the_file():
    source = bpmn(
        start(), xor("g"), user("a"), user("b"), user("c"), end(),
        flows="s>g\ng>a if kind == 1\ng>b if kind > 0\ng>c default\na>e\nb>e\nc>e",
    )  # fmt: skip
    assert [Case(source, data={"kind": kind}).waits() for kind in (1, 2, 0)] == [[("user", x)] for x in "abc"]


def test_a_service_waits_until_its_result_comes():
    case = Case(bpmn(start(), service("v"), script("t", "number = v.number + 1"), end(), flows="s>v\nv>t\nt>e"))
    assert case.waits() == [("service", "v")]
    case.do("v", number=6)
    assert case.completed
    assert case.data == {"v": {"number": 6}, "number": 7}


def test_a_script_may_write_below_what_a_step_entered():
    case = Case(
        bpmn(
            start(),
            user("a"),
            script("t", "a.total = a.x + 1\na.twice = a.total * 2"),
            user("b"),
            end(),
            flows="s>a\na>t\nt>b\nb>e",
        )
    )
    case.do("a", x=1)
    assert case.data == {"a": {"x": 1, "total": 2, "twice": 4}}


def test_messages_are_sent_with_what_their_payload_says():
    source = bpmn(
        start(), user("a"), send("n", "asked", payload="who = a.who; days = 2 + 1"), throw("t", "told"),
        throw("milestone"), end(message="ended", payload="ok = a.who == 'x'"),
        flows="s>a\na>n\nn>t\nt>milestone\nmilestone>e",
    )  # fmt: skip
    case = Case(source)
    case.do("a", who="x")
    assert case.sent == [("asked", {"who": "x", "days": 3}), ("told", {}), ("ended", {"ok": True})]
    assert case.walk.outbox == ()


# ── messages ──


def test_a_message_is_kept_under_the_event_that_caught_it():
    case = Case(
        bpmn(start(), catch("c", message="condition.met"), receive("r", "papers"), end(), flows="s>c\nc>r\nr>e")
    )
    case.do("c", number="15/QĐ")
    case.do("r", files=2)
    assert case.completed
    assert case.data == {"c": {"number": "15/QĐ"}, "r": {"files": 2}}


def test_the_first_event_behind_an_event_gateway_wins():
    source = bpmn(
        start(), first("g"), catch("m", message="in"), catch("soon", timer="P1D"), catch("late", timer="P9D"),
        user("a"), user("b"), end(), flows="s>g\ng>m\ng>soon\ng>late\nm>a\nsoon>b\nlate>b\na>e\nb>e",
    )  # fmt: skip
    case = Case(source)
    assert {w.element_id: w.due_at - NOW for w in case.walk.waits.timers} == {
        "soon": timedelta(days=1),
        "late": timedelta(days=9),
    }
    case.do("m")
    assert case.waits() == [("user", "a")]
    other = Case(source)
    other.do("late")
    assert other.waits() == [("user", "b")]


ASKING = bpmn(
    start(), user("work"), border("asked", "work", message="extension.requested", interrupting=False), user("review"),
    xor("g"), user("told"), end(), end("e2"), end("e3"),
    flows="s>work\nwork>e\nasked>review\nreview>g\ng>told if asked.days > 5\ng>e2 default\ntold>e3",
)  # fmt: skip


def test_a_message_that_does_not_interrupt_may_come_again():
    case = Case(ASKING)
    subscription = case.walk.waits.subscriptions
    case.do("asked", days=9)
    case.do("asked", days=1)
    assert case.waits() == [("message", "asked"), ("user", "review"), ("user", "review"), ("user", "work")]
    assert case.walk.waits.subscriptions == subscription  # The same one: nothing to close and open again.


def test_each_message_keeps_its_own_content_on_its_way():
    case = Case(ASKING)
    case.do("asked", days=9)
    case.do("asked", days=1)
    reviews = sorted(w.task_id for w in case.walk.waits.user_tasks if w.element_id == "review")
    assert sorted(case.walk.evaluate("asked.days", review) for review in reviews) == [1, 9]
    case.do("review")
    case.do("review")
    assert case.waits() == [("message", "asked"), ("user", "told"), ("user", "work")]


def test_events_on_the_border_go_when_the_activity_is_done():
    case = Case(ASKING)
    case.do("asked", days=1)
    case.do("work")
    assert case.waits() == [("user", "review")]
    case.do("review")
    assert case.completed


def test_an_interrupting_event_ends_the_activity_with_all_that_is_in_it():
    inside = sub("inner", start("s2"), both("p"), user("a"), service("v"), user("t", many("3")), end("e2"),
                 flows="s2>p\np>a\np>v\np>t\na>e2\nv>e2\nt>e2")  # fmt: skip
    source = bpmn(
        start(), sub("outer", start("s1"), inside, end("e1"), flows="s1>inner\ninner>e1"),
        border("stop", "outer", message="withdrawn"), user("b"), end(), flows="s>outer\nouter>e\nstop>b\nb>e",
    )  # fmt: skip
    case = Case(source)
    assert len(case.waits()) == 6
    case.do("stop")
    assert case.waits() == [("user", "b")]
    case.do("b")
    assert case.completed


def test_events_that_fire_again_and_again_leave_nothing_behind():
    case = Case(ASKING)
    case.do("asked", days=1)
    case.do("review")
    length = case.length
    for _ in range(50):
        case.do("asked", days=1)
        case.do("review")
    assert case.length == length


# ── one step, many times ──


def test_instances_at_once_gather_their_results_in_the_order_of_the_items():
    step = user("a", many(items="units", item="unit", output="answers"))
    case = Case(bpmn(start(), step, user("b"), end(), flows="s>a\na>b\nb>e"), data={"units": ["x", "y"]})
    walk = case.walk
    tasks = {walk.evaluate("unit", w.task_id): w.task_id for w in walk.waits.user_tasks}
    assert tasks.keys() == {"x", "y"}
    walk.complete(tasks["y"], {"n": 2})
    walk.run()
    walk.complete(tasks["x"], {"n": 1})
    walk.run()
    assert walk.data["answers"] == [{"n": 1}, {"n": 2}]
    assert {w.element_id for w in walk.waits.user_tasks} == {"b"}


def test_instances_in_turn_come_one_by_one():
    case = Case(bpmn(start(), user("a", many("n", sequential=True)), end(), flows="s>a\na>e"), data={"n": 3.0})
    for _ in range(3):
        assert case.waits() == [("user", "a")]
        case.do("a")
    assert case.completed


def test_instances_stop_when_their_condition_holds():
    case = Case(bpmn(start(), user("a", many("3", until="a.enough == true")), end(), flows="s>a\na>e"))
    case.do("a", enough=False)
    case.do("a", enough=True)
    assert case.completed


def test_a_multi_instance_step_can_be_repeated_in_a_loop():
    source = bpmn(start(), user("a", many(items="units", item="unit")), user("b"), xor("g"), end(),
                  flows="s>a\na>b\nb>g\ng>a if b.back == true\ng>e default")  # fmt: skip
    case = Case(source, data={"units": ["x", "y"]})
    for _ in range(3):
        case.do("a")
        case.do("a")
        case.do("b", back=True)
    assert case.waits() == [("user", "a"), ("user", "a")]


def test_a_step_for_nobody_is_passed():
    assert Case(
        bpmn(start(), user("a", many(items="units", item="unit")), end(), flows="s>a\na>e"), data={"units": []}
    ).completed


@pytest.mark.parametrize("units", [None, "xy", ["x"] * 101])
def test_a_list_that_is_none_or_too_long_fails(units):
    with pytest.raises(WalkFailed):
        Case(bpmn(start(), user("a", many(items="units", item="unit")), end(), flows="s>a\na>e"), data={"units": units})
