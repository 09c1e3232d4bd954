"""What other tools draw and is easily overlooked, as all around it runs: it is refused, or changes nothing."""

import pytest

from engine.spiff import check_bpmn
from tests.engine.spiff.cases import Case, compiled
from tests.engine.spiff.drawings import (
    again,
    border,
    both,
    bpmn,
    call,
    catch,
    end,
    first,
    many,
    receive,
    script,
    start,
    sub,
    user,
    xor,
)
from tests.engine.spiff.findings import around, found, simple

# ── attributes ──


def marked(source: bytes, shape: str, attributes: str) -> bytes:
    """A drawing in which a shape has some attributes more."""
    return source.replace(f'id="{shape}"'.encode(), f'id="{shape}" {attributes}'.encode(), 1)


STEP = simple(user("a"))
CHOICE = bpmn(start(), first("a"), catch("m", "in"), catch("t", timer="P1D"), end(), end("e2"),
              flows="s>a\na>m\na>t\nm>e\nt>e2")  # fmt: skip


@pytest.mark.parametrize(
    ("source", "attributes", "code"),
    [
        (STEP, 'startQuantity="2"', "quantity"),
        (STEP, 'completionQuantity="3"', "quantity"),
        (STEP, 'isForCompensation="true"', "compensation"),
        (simple(receive("a", "in")), 'instantiate="1"', "instantiate"),
        (CHOICE, 'instantiate="true"', "instantiate"),
        (CHOICE, 'eventGatewayType="Parallel"', "parallel-events"),
    ],
)
def test_attributes_that_change_what_a_shape_does(source, attributes, code):
    assert found(marked(source, "a", attributes)) == [(code, "a")]


def test_a_repeated_step_that_tells_of_each_turn():
    marks = many("2").replace("Characteristics", 'Characteristics behavior="None"', 1)
    assert found(simple(user("a", marks))) == [("loop-behavior", "a")]


def test_attributes_that_say_what_is_usual():
    usual = 'startQuantity="1" completionQuantity="1" isForCompensation="false" default="f_a_e"'
    assert found(marked(STEP, "a", usual)) == []
    assert found(marked(CHOICE, "a", 'instantiate="false" eventGatewayType="Exclusive"')) == []


def test_what_a_sub_process_and_a_process_carry_beside_their_shapes():
    data = "<bpmn:dataInputAssociation id='d'/><bpmn:ioSpecification/><bpmn:potentialOwner id='o'/><bpmn:supports/>"
    source = simple(sub("a", data, start("s2"), user("b"), end("e2"), flows="s2>b\nb>e2"))
    assert found(source) == []


def test_references_with_a_prefix_and_a_process_that_may_run_by_1():
    source = bpmn(start(), user("a"), border("b", "a", timer="P1D"), end(), end("e2"), flows="s>a\na>e\nb>e2")
    source = source.replace(b'attachedToRef="a"', b'attachedToRef="t:a"')
    case = Case(source.replace(b'isExecutable="true"', b'isExecutable="1"'))
    assert case.waits() == [("timer", "b"), ("user", "a")]


# ── references ──


@pytest.mark.parametrize("kind", ["error", "escalation"])
def test_an_event_that_catches_what_the_file_does_not_have(kind):
    """It would otherwise catch any."""
    inner = sub("x", start("s2"), user("b"), end("e2", told=f"{kind}:known"), flows="s2>b\nb>e2")
    source = bpmn(start(), inner, border("c", "x", told=f"{kind}:known"), end(), end("e3"), flows="s>x\nx>e\nc>e3")
    assert found(source) == []
    gone = f'attachedToRef="x" cancelActivity="true"><bpmn:{kind}EventDefinition {kind}Ref="{kind}_'
    assert ("no-code", "c") in found(source.replace(f"{gone}known".encode(), f"{gone}gone".encode()))


def test_an_id_that_is_taken_by_what_runs_beside_a_border():
    shapes = user("a"), border("b", "a", timer="P1D"), user("a.BoundaryEventJoin")
    source = bpmn(start(), *shapes, end(), end("e2"),
                  flows="s>a\na>a.BoundaryEventJoin\na.BoundaryEventJoin>e\nb>e2")  # fmt: skip
    assert ("bad-id", "a.BoundaryEventJoin") in found(source)


def test_two_starts_by_one_signal():
    source = bpmn(start(told="signal:go"), start("s2", told="signal:go"), user("a"), end(), flows="s>a\ns2>a\na>e")
    assert found(source) == [("same-start", "s"), ("same-start", "s2")]


# ── moments and numbers ──


@pytest.mark.parametrize(
    ("timer", "code"),
    [
        ("R3/PT10H", "timer-cycle"),
        ("R/PT10H", "timer-cycle"),
        ("P9999Y", "bad-duration"),
        ("P99999999999D", "bad-duration"),
        ("2026-02-30T10:00:00Z", "bad-moment"),
        ("2026-02-10T25:00:00", "bad-moment"),
        ("3150-01-01", "bad-moment"),
        ("-P1D", "wrong-kind"),
        ("2026-W03", "wrong-kind"),
        ("5", "wrong-kind"),
        ('"five"', "wrong-kind"),
        ("true", "wrong-kind"),
        ("1 / 0", "wrong-kind"),
        ("null", "wrong-kind"),
        ("a.ok == 'x' and not a.ok", "wrong-kind"),
        ("${due}", "bad-expression"),
        ("0 0 9 * * ?", "bad-expression"),
    ],
)
def test_timers_that_are_no_moment(timer, code):
    assert (code, "x") in found(around(catch("x", timer=timer)))


@pytest.mark.parametrize(
    "timer", ["P1D", "2027-01-01T10:00:00+07:00", '"PT8H"', "end_of(deadline)", "a.ok or deadline"]
)
def test_timers_that_may_be_a_moment(timer):
    assert found(around(catch("x", timer=timer))) == []


@pytest.mark.parametrize(
    "shape", [catch("x", timer="p1d"), user("x", many("plan.count")), user("x", many(items="who"))]
)
def test_what_a_case_could_only_stop_at(shape):
    source = around(shape)
    assert ("unknown-name", "x", "error") in [(f.code, f.element, f.severity) for f in check_bpmn(source)]
    given = bpmn(start(), user("a"), shape, end(), flows="s>a\na>x\nx>e", inputs="p1d plan.count who")
    assert found(given) == []


@pytest.mark.parametrize("timer", ["P1D", "2027-01-01", "R/P1D", "end_of(today)", "0 0 9 * * ?"])
def test_a_process_that_would_have_to_begin_by_itself(timer):
    codes = dict(found(bpmn(start(timer=timer), user("a"), end(), flows="s>a\na>e")))
    assert codes.keys() & {"timer-start", "timer-cycle", "bad-expression"}


def test_a_process_that_begins_by_a_date_of_a_plan():
    assert found(bpmn(start(timer='at(report_by, -20, "08:00")'), user("a"), end(), flows="s>a\na>e")) == []


@pytest.mark.parametrize("marks", ["-2", "2.5", "101", '"ba"', "1 / 0", "1 == 1", "null", "deadline"])
def test_how_often_is_a_number_that_can_be(marks):
    assert found(simple(user("a", many(marks)))) == [("wrong-kind", "a")]


@pytest.mark.parametrize("items", ["3", '"một, hai"', "1 + 2", "null", "end_of(today)"])
def test_a_list_is_a_list(items):
    assert found(simple(user("a", many(items=items)))) == [("wrong-kind", "a")]


@pytest.mark.parametrize("due", ["5", "R3/P1D", "1 == 1"])
def test_a_due_time_is_a_day_or_a_moment(due):
    assert ("wrong-kind", "a") in found(simple(user("a", due=due)))


# ── names ──


def test_names_of_the_system_are_not_given_values():
    assert ("reserved-name", "x") in found(around(script("x", "# later\nnow = 1")))
    assert found(simple(user("a", many(items="[1]", item="today", output="deadline")))) == [
        ("reserved-name", "a"),
        ("reserved-name", "a"),
    ]


# ── rounds and crowds ──


def test_a_round_through_a_call_in_which_nobody_waits():
    called = compiled(bpmn(start(), script("t", "n = 1"), end(), flows="s>t\nt>e", process_id="quick"))
    source = bpmn(start(), user("a"), xor("g"), call("c", "quick"), end(),
                  flows="s>a\na>g\ng>c if a.ok == true\ng>e default\nc>g")  # fmt: skip
    assert [finding.code for finding in check_bpmn(source, called=called)] == ["busy-loop"]


@pytest.mark.parametrize("loop", [again("true"), again("1 == 1", most="5000"), again(most="9999")])
def test_a_loop_around_what_never_waits_and_does_not_end(loop):
    assert found(around(script("x", "n = 1", loop))) == [("busy-loop", "x")]


def test_a_drawing_that_always_sets_out_a_million_tokens():
    shapes, flows = [], ["s>a", "a>p0"]
    for n in range(20):
        shapes += [both(f"p{n}"), xor(f"q{n}"), xor(f"r{n}"), xor(f"m{n}")]
        flows += [f"p{n}>q{n}", f"p{n}>r{n}", f"q{n}>m{n}", f"r{n}>m{n}", f"m{n}>p{n + 1}" if n < 19 else f"m{n}>e"]
    codes = [code for code, _ in found(bpmn(start(), user("a"), *shapes, end(), flows=flows))]
    assert codes == ["too-many-tokens"]


def test_a_dozen_branches_that_go_on_alone_are_no_crowd():
    steps = [f"u{n}" for n in range(12)]
    flows = ["s>p", "m>z", "z>e", *(f"p>{step}" for step in steps), *(f"{step}>m" for step in steps)]
    assert found(bpmn(start(), both("p"), *map(user, steps), xor("m"), user("z"), end(), flows=flows)) == []


BOX = "b>u\nu>f"


@pytest.mark.parametrize(
    ("outer", "inner", "codes"),
    [
        (many("25"), user("u", many("20")), []),
        (many("25"), user("u", many("21")), ["too-many-tokens"]),
        (many(items="[1, 2, 3, 4, 5, 6]"), user("u", many("100")), ["too-many-tokens"]),
        (many("100", sequential=True), user("u", many("100")), []),
        (again(most="9"), user("u", many("100")), []),
        (many("100"), user("u", many("a.ok")), []),
        (many("100", sequential=True), script("u", "n = 1", many("11")), ["too-many-tokens"]),
        (many("10"), script("u", "n = 1", many("100")), []),
    ],
)
def test_repetitions_in_each_other(outer, inner, codes):
    box = sub("x", start("b"), inner, end("f"), flows=BOX, loop=outer)
    assert [code for code, _ in found(around(box))] == codes
