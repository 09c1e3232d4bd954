"""A definition is compiled once, restored anywhere, and shared by all threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError

import pytest

from engine.spiff import Step, compile_bpmn, load_definition
from tests.engine.spiff.cases import Case
from tests.engine.spiff.drawings import (
    both,
    bpmn,
    catch,
    end,
    first,
    many,
    send,
    service,
    some,
    start,
    sub,
    user,
    xor,
)

EVERYTHING = bpmn(
    start(), start("m0", message="task.issued"), xor("again"), both("split"), user("a"), user("many", many("2")),
    sub("inner", start("s1"), user("x"), end("e1"), flows="s1>x\nx>e1"), both("join"), some("ways"), user("b"),
    service("v"), some("met"), first("events"), catch("m", message="go"), catch("t", timer="P1D"),
    send("told", "told", payload="n = b.n"), user("check"), xor("g"), end(),
    flows="""s>again
    m0>again
    again>split
    split>a
    split>many
    split>inner
    a>join
    many>join
    inner>join
    join>ways
    ways>b if 1 == 1
    ways>v if 2 == 2
    b>met
    v>met
    met>events
    events>m
    events>t
    m>told
    t>told
    told>check
    check>g
    g>again if check.back == true
    g>e default""",
    reminders="-1wd 08:00 holder",
)  # fmt: skip
WAY = ["x", "many", "a", "many", "v", "b", "m", "check"]


def carry_through(case: Case, turns: int = 3) -> list[list[tuple[str, str]]]:
    """What is waited for after each step of a case that is returned twice."""
    seen = []
    for turn in range(turns):
        for step in WAY:
            case.do(step, n=turn, back=turn < turns - 1)
            seen.append(case.waits())
    assert case.completed
    return seen


def test_each_restored_definition_behaves_the_same():
    same = Case(EVERYTHING)
    changing = Case(EVERYTHING)
    expected = carry_through(same)
    seen = []
    for turn in range(3):
        for step in WAY:
            changing.definition = load_definition(changing.compiled)
            changing.do(step, n=turn, back=turn < 2)
            seen.append(changing.waits())
    assert seen == expected
    assert changing.data == same.data
    assert changing.sent == same.sent == [("told", {"n": n}) for n in range(3)]


def test_threads_may_share_a_definition():
    definition = Case(EVERYTHING).definition

    def whole_case(_: int) -> list[list[tuple[str, str]]]:
        case = Case(EVERYTHING)
        case.definition = definition
        return carry_through(case)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(whole_case, range(24)))
    assert all(result == results[0] for result in results)


def test_a_definition_tells_what_is_drawn():
    definition = load_definition(compile_bpmn(EVERYTHING))
    assert definition.process_id == "process"
    assert definition.name == "Quy trình thử"
    assert definition.steps.keys() == {"a", "many", "x", "b", "check"}
    assert definition.services["v"].service == "register"
    assert definition.message_names == {"task.issued", "go"}
    assert definition.sent_messages == {"told"}
    assert definition.properties == {"reminders": "-1wd 08:00 holder"}
    assert [(s.element_id, s.kind, s.message) for s in definition.starts] == [
        ("s", "none", None),
        ("m0", "message", "task.issued"),
    ]


def test_a_definition_cannot_be_changed():
    definition = load_definition(compile_bpmn(EVERYTHING))
    with pytest.raises(FrozenInstanceError):
        definition.name = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        definition.steps["a"] = None  # type: ignore[index]


def test_the_hash_is_that_of_the_file():
    one, other = load_definition(compile_bpmn(EVERYTHING)), load_definition(compile_bpmn(EVERYTHING + b"\n"))
    assert len(one.content_hash) == 64
    assert one.content_hash != other.content_hash


def test_a_step_has_the_properties_of_its_shape_and_of_its_lane():
    lanes = (
        '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="Chuyên viên">'
        "<bpmn:extensionElements><spiffworkflow:properties>"
        '<spiffworkflow:property name="assignee" value="staff@lead"/>'
        "</spiffworkflow:properties></bpmn:extensionElements>"
        "<bpmn:flowNodeRef>a</bpmn:flowNodeRef><bpmn:flowNodeRef>inner</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    )
    inner = sub("inner", start("s1"), user("b", assignee=""), end("e1"), flows="s1>b\nb>e1")
    step = user(
        "a", assignee="head@focal", person="b.who", due="end_of(deadline)", clock="case", reminders="0h holder",
        separate_from="b", batch="true",
    )  # fmt: skip
    definition = load_definition(compile_bpmn(bpmn(lanes, start(), step, inner, end(), flows="s>a\na>inner\ninner>e")))
    assert definition.steps["a"] == Step(
        element_id="a", name="a", lane="Chuyên viên", form="f", assignee="head@focal", person="b.who",
        due="end_of(deadline)", clock="case", reminders="0h holder", separate_from=("b",), batch=True, documentation="",
    )  # fmt: skip
    assert (definition.steps["b"].lane, definition.steps["b"].assignee) == ("Chuyên viên", "staff@lead")
