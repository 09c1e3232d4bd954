"""Each fault of a drawing is found, at the shape that has it: shapes, events, arrows, ways."""

import pytest

from engine.spiff import check_bpmn
from tests.engine.spiff.drawings import (
    again,
    border,
    both,
    bpmn,
    catch,
    end,
    first,
    many,
    script,
    some,
    start,
    sub,
    user,
    xor,
)
from tests.engine.spiff.findings import around, event, found, shape, simple


def test_a_sound_drawing_has_no_findings():
    assert found(simple(user("a"))) == []


# ── shapes and events that do not run here ──


@pytest.mark.parametrize(
    "tag",
    [
        "task",
        "businessRuleTask",
        "transaction",
        "adHocSubProcess",
        "complexGateway",
        "choreographyTask",
    ],
)
def test_unsupported_shapes(tag):
    assert ("unsupported", "x") in found(around(shape(tag)))


@pytest.mark.parametrize(
    "tag", ["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"]
)
@pytest.mark.parametrize("definition", ["compensate", "conditional", "cancel", "link", "unheardOf"])
def test_unsupported_events(tag, definition):
    attributes = ' attachedToRef="a"' if tag == "boundaryEvent" else ""
    assert ("unsupported-event", "x") in found(around(event(tag, f"{definition}EventDefinition", attributes)))


@pytest.mark.parametrize(
    ("tag", "definition"),
    [
        ("startEvent", "error"),
        ("startEvent", "escalation"),
        ("intermediateCatchEvent", "error"),
        ("intermediateCatchEvent", "escalation"),
        ("intermediateThrowEvent", "error"),
        ("endEvent", "timer"),
        ("boundaryEvent", "terminate"),
    ],
)
def test_events_that_do_not_belong_there(tag, definition):
    attributes = ' attachedToRef="a"' if tag == "boundaryEvent" else ""
    assert ("unsupported-event", "x") in found(around(event(tag, f"{definition}EventDefinition", attributes)))


def test_an_event_that_refers_to_a_definition_elsewhere():
    referring = shape("intermediateCatchEvent", "<bpmn:eventDefinitionRef>d</bpmn:eventDefinitionRef>")
    assert ("unsupported-event", "x") in found(around(referring))


def test_an_event_with_two_definitions():
    two = shape("intermediateCatchEvent", "<bpmn:messageEventDefinition/><bpmn:timerEventDefinition/>")
    assert ("unsupported-event", "x") in found(around(two))


def test_a_catch_event_that_waits_for_nothing():
    assert ("unsupported-event", "x") in found(around(shape("intermediateCatchEvent")))


def test_an_arrow_to_an_event_sub_process():
    inner = start("s2") + user("b") + end("e2")
    assert ("event-subprocess-arrow", "x") in found(around(shape("subProcess", inner, ' triggeredByEvent="true"')))


def test_a_loop_that_has_no_end():
    assert found(simple(user("a", "<bpmn:standardLoopCharacteristics/>"))) == [("loop-end", "a")]


@pytest.mark.parametrize("most", ["0", "-1", "many", "1e9", "99999"])
def test_a_loop_that_may_turn_an_odd_number_of_times(most):
    assert found(simple(user("a", again(most=most)))) == [("loop-maximum", "a")]


@pytest.mark.parametrize("marks", [many(), many("2", items="a.list")])
def test_a_multi_instance_step_needs_one_source(marks):
    assert ("loop-source", "a") in found(simple(user("a", marks)))


def test_a_multi_instance_event():
    inner = (
        many("2") + "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"
    )
    assert ("loop-here", "x") in found(around(shape("intermediateCatchEvent", inner)))


# ── messages and timers ──


@pytest.mark.parametrize(
    "step", [shape("sendTask"), shape("receiveTask"), event("intermediateCatchEvent", "messageEventDefinition")]
)
def test_a_message_that_is_not_named(step):
    assert ("no-message", "x") in found(around(step))


def test_a_message_that_the_file_does_not_have():
    assert ("no-message", "x") in found(around(shape("receiveTask", "", ' messageRef="gone"')))


def test_a_timer_without_a_moment():
    assert ("no-timer", "x") in found(around(event("intermediateCatchEvent", "timerEventDefinition")))


def test_a_timer_that_repeats():
    cycle = "<bpmn:timerEventDefinition><bpmn:timeCycle>R3/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>"
    assert ("timer-cycle", "x") in found(around(shape("intermediateCatchEvent", cycle)))


# ── arrows ──


def test_an_arrow_that_leads_to_nothing():
    assert ("loose-arrow", "f_a_gone") in found(bpmn(start(), user("a"), end(), flows="s>a\na>e\na>gone"))


def test_an_arrow_through_the_border_of_a_sub_process():
    inner = sub("x", start("s2"), user("b"), end("e2"), flows="s2>b\nb>e2")
    assert ("arrow-across", "f_a_b") in found(bpmn(start(), user("a"), inner, end(), flows="s>a\na>x\nx>e\na>b"))


def test_two_arrows_out_of_a_step():
    assert ("several-arrows", "a") in found(bpmn(start(), user("a"), user("b"), end(), flows="s>a\na>b\na>e\nb>e"))


def test_an_arrow_into_a_start():
    assert ("arrow-into-start", "s") in found(bpmn(start(), user("a"), end(), flows="s>a\na>s"))


def test_an_arrow_out_of_an_end():
    assert ("arrow-from-end", "e") in found(bpmn(start(), user("a"), end(), flows="s>a\na>e\ne>a"))


def test_a_condition_on_an_arrow_that_leaves_a_step():
    assert ("condition-here", "f_a_e") in found(bpmn(start(), user("a"), end(), flows="s>a\na>e if a.ok == true"))


def test_a_gateway_with_an_arrow_without_condition():
    source = bpmn(start(), user("a"), xor("g"), end(), end("e2"), flows="s>a\na>g\ng>e if a.ok == true\ng>e2")
    assert ("no-condition", "f_g_e2") in found(source)


@pytest.mark.parametrize("gateway", [xor, some])
def test_a_gateway_without_a_default(gateway):
    source = bpmn(
        start(), user("a"), gateway("g"), end(), end("e2"), flows="s>a\na>g\ng>e if a.ok == true\ng>e2 if a.ok == false"
    )
    assert found(source) == [("no-default", "g")]


def test_a_boundary_event_that_sits_nowhere():
    assert ("not-attached", "t") in found(
        bpmn(start(), user("a"), border("t", "gone", timer="P1D"), end(), flows="s>a\na>e\nt>e")
    )


def test_an_event_gateway_that_leads_to_a_step():
    assert ("event-gateway-target", "g") in found(bpmn(start(), first("g"), user("a"), end(), flows="s>g\ng>a\na>e"))


def test_an_event_gateway_that_waits_for_nothing():
    assert ("event-gateway-empty", "g") in found(bpmn(start(), first("g"), end(), flows="s>g"))


def test_a_process_without_an_id():
    assert found(bpmn(start(), user("a"), end(), flows="s>a\na>e", process_id="")) == [("process-without-id", None)]


def test_an_event_behind_an_event_gateway_that_is_reached_another_way():
    source = bpmn(start(), user("a"), xor("x"), first("g"), catch("c", timer="P1D"), end(),
                  flows="s>a\na>x\nx>g if a.ok == true\nx>c default\ng>c\nc>e")  # fmt: skip
    assert ("event-gateway-shared", "c") in found(source)


# ── ways ──


def test_a_process_without_start_or_end():
    assert found(bpmn(user("a"), flows=[])) == [("no-start", None), ("no-end", None)]


def test_a_shape_that_leads_nowhere():
    source = bpmn(start(), both("g"), user("a"), user("b"), end(), flows="s>g\ng>a\ng>b\na>e")
    assert ("dead-end", "b") in found(source)


def test_a_shape_that_is_never_reached():
    assert ("unreachable", "b") in found(bpmn(start(), user("a"), user("b"), end(), flows="s>a\na>e\nb>e"))


def test_a_loop_without_exit():
    flows = "s>a\na>g\ng>b if a.ok == true\ng>e default\nb>c\nc>h\nh>b if b.ok == true\nh>c default"
    source = bpmn(start(), user("a"), xor("g"), user("b"), user("c"), xor("h"), end(), flows=flows)
    assert ("no-exit", "b") in found(source)


def test_a_loop_that_never_waits():
    source = bpmn(start(), xor("m"), script("t", "n = 1"), xor("g"), user("a"), end(),
                  flows="s>m\nm>t\nt>g\ng>m if n == 1\ng>a default\na>e")  # fmt: skip
    assert [code for code, _ in found(source)] == ["busy-loop"]


def test_a_sub_process_needs_its_own_start_and_end():
    codes = found(bpmn(start(), user("a"), sub("x", user("b"), flows=[]), end(), flows="s>a\na>x\nx>e"))
    assert {("subprocess-start", "x"), ("subprocess-end", "x")} <= set(codes)


def test_what_begins_a_sub_process_that_is_entered_by_an_arrow_is_no_event():
    inner = sub("x", start("s2", message="go"), user("b"), end("e2"), flows="s2>b\nb>e2")
    assert found(around(inner)) == [("subprocess-start", "x")]


def test_sub_processes_within_each_other_have_a_bound():
    inner = user("u")
    flows = "s0>u\nu>e0"
    for depth in range(7):
        inner = sub(f"x{depth}", start(f"s{depth}"), inner, end(f"e{depth}"), flows=flows)
        flows = f"s{depth + 1}>x{depth}\nx{depth}>e{depth + 1}"
    assert "too-deep" in dict(found(bpmn(start("s7"), inner, end("e7"), flows=flows)))


RETURN = """s>split
split>m
split>b
m>a
a>join
b>join
join>c
c>g
g>m if c.ok == false
g>e default"""


def test_a_return_into_one_branch_of_a_join_that_has_fired():
    source = bpmn(
        start(), both("split"), xor("m"), user("a"), user("b"), both("join"), user("c"), xor("g"), end(), flows=RETURN
    )
    assert found(source) == [("stuck", "join")]
    assert [finding.severity for finding in check_bpmn(source)] == ["warning"]


def test_a_choice_that_is_joined_as_if_it_were_parallel():
    source = bpmn(start(), user("a"), xor("g"), user("b"), user("c"), both("j"), end(),
                  flows="s>a\na>g\ng>b if a.ok == true\ng>c default\nb>j\nc>j\nj>e")  # fmt: skip
    assert found(source) == [("never-together", "j")]


def test_a_choice_joined_as_if_parallel_beside_an_event_that_sets_out_a_branch():
    late = border("late", "a", timer="working_days(1)", interrupting=False)
    source = bpmn(start(), user("a"), late, both("j"), end(), flows="s>a\na>j\nlate>j\nj>e")
    assert found(source) == [("stuck", "j")]  # Both come where the event does.


def test_branches_that_multiply_in_a_loop():
    source = bpmn(start(), xor("m"), both("p"), user("a"), user("b"), xor("x"), xor("g"), end(),
                  flows="s>m\nm>p\np>a\np>b\na>x\nb>x\nx>g\ng>m if a.ok == true\ng>e default")  # fmt: skip
    assert [code for code, _ in found(source)] == ["multiplying"]


CHOSEN = """s>k
k>m
m>g
g>a if k.ok == true
g>b if k.kind == 'x'
g>d if k.kind == 'y'
g>c default
a>j
b>c
c>i
d>i
i>j
j>z
z>x
x>m if z.ok == false
x>e default"""


def test_branches_of_an_inclusive_gateway_come_together_again_in_a_loop():
    """The default, which meets another branch here, is never taken beside it; one join waits for the other."""
    steps, gateways = map(user, "kabcdz"), (xor("m"), some("g"), some("i"), some("j"), xor("x"))
    assert found(bpmn(start(), *steps, *gateways, end(), flows=CHOSEN)) == []


def test_the_default_of_an_inclusive_gateway_joined_with_its_other_branch():
    source = bpmn(start(), user("a"), some("g"), user("b"), user("c"), both("j"), end(),
                  flows="s>a\na>g\ng>b if a.ok == true\ng>c default\nb>j\nc>j\nj>e")  # fmt: skip
    assert found(source) == [("never-together", "j")]


def test_parallel_gateways_in_a_row_are_no_trouble():
    """SpiffWorkflow by itself would predict some 3³⁰ tasks."""
    shapes, flows = [], ["s>p0"]
    for n in range(30):
        shapes += [both(f"p{n}"), both(f"q{n}"), *(user(f"u{n}{x}") for x in "abc")]
        flows += [f"p{n}>u{n}{x}" for x in "abc"] + [f"u{n}{x}>q{n}" for x in "abc"]
        flows.append(f"q{n}>p{n + 1}" if n < 29 else f"q{n}>e")
    assert found(bpmn(start(), *shapes, end(), flows=flows)) == []
