"""A call activity runs another deployed process, with data of its own, as part of the same instance."""

import pytest

from engine.spiff import InvalidDefinition, called_in, check_bpmn, compile_bpmn, load_definition
from tests.engine.spiff.cases import Case, compiled
from tests.engine.spiff.drawings import (
    border,
    both,
    bpmn,
    call,
    catch,
    end,
    many,
    receive,
    script,
    service,
    start,
    sub,
    user,
    xor,
)

OPINION = bpmn(
    start(), user("answer", separate_from="sign"), user("sign"), xor("g"), service("file"), end(),
    end("withdrawn", told="error:withdrawn"),
    flows="s>answer\nanswer>sign\nsign>g\ng>withdrawn if sign.ok == false\ng>file default\nfile>e",
    process_id="opinion", inputs="question",
)  # fmt: skip
GIVEN = {"inputs": "question = ask.text; twice = ask.n * 2", "outputs": "text = answer.text; signed = sign.ok"}
ASKING = bpmn(
    start(), user("ask"), call("unit", "opinion", **GIVEN), border("gone", "unit", told="error:withdrawn"),
    user("answer"), user("drop"), end(), end("e2"), flows="s>ask\nask>unit\nunit>answer\nanswer>e\ngone>drop\ndrop>e2",
)  # fmt: skip


def asking() -> Case:
    case = Case(ASKING, called=[OPINION])
    case.do("ask", text="Có kinh phí không?", n=2)
    return case


def test_the_steps_of_a_called_process_are_those_of_the_case() -> None:
    case = asking()
    assert case.waits() == [("user", "unit:answer")]
    case.do("unit:answer", text="Có.")
    assert case.waits() == [("user", "unit:sign")]
    case.do("unit:sign", ok=True)
    assert case.waits() == [("service", "unit:file")]
    case.do("unit:file")
    assert case.waits() == [("user", "answer")]
    assert case.data["unit"] == {"text": "Có.", "signed": True}


def test_a_called_process_sees_what_it_is_given_and_nothing_else() -> None:
    case = asking()
    (waiting,) = case.walk.waits.user_tasks
    seen = {name: case.walk.evaluate(name, waiting.task_id) for name in ("question", "twice", "ask", "ask.text")}
    assert seen == {"question": "Có kinh phí không?", "twice": 4, "ask": None, "ask.text": None}
    case.do("unit:answer", text="Có.")
    assert case.data == {"ask": {"text": "Có kinh phí không?", "n": 2}}


def test_an_error_leaves_a_called_process() -> None:
    case = asking()
    case.do("unit:answer")
    case.do("unit:sign", ok=False)
    assert case.waits() == [("user", "drop")]
    assert case.data["gone"] == {}


def test_a_definition_tells_of_the_steps_behind_its_calls() -> None:
    versions = compiled(OPINION, ASKING)
    definition = load_definition(versions["process"])
    step = definition.steps["unit:answer"]
    assert (step.element_id, step.form, step.separate_from) == ("unit:answer", "opinion:f", ("unit:sign",))
    assert definition.services["unit:file"].service == "register"
    assert definition.elements["unit:sign"].properties["form"] == "opinion:f"
    assert definition.called == {"opinion": load_definition(versions["opinion"]).content_hash}


def test_the_version_is_the_one_at_deployment() -> None:
    """A case goes on with the version that its own was deployed with, whatever is deployed later."""
    old = compile_bpmn(ASKING, compiled(OPINION))
    newer = bpmn(start(), user("other"), end(), flows="s>other\nother>e", process_id="opinion")
    new = compile_bpmn(ASKING, compiled(newer))
    assert "unit:answer" in load_definition(old).steps
    assert "unit:answer" not in load_definition(new).steps


def test_calls_within_calls_and_within_sub_processes() -> None:
    inner = bpmn(start(), sub("box", start("s2"), user("u"), end("e2"), flows="s2>u\nu>e2"), end(),
                 flows="s>box\nbox>e", process_id="inner")  # fmt: skip
    middle = bpmn(start(), call("low", "inner", outputs="n = u.n"), user("u"), end(), flows="s>low\nlow>u\nu>e",
                  process_id="middle")  # fmt: skip
    boxed = sub("box", start("s3"), call("mid", "middle", outputs="n = low.n + u.n"), end("e3"), flows="s3>mid\nmid>e3")
    outer = bpmn(start(), boxed, user("u"), end(), flows="s>box\nbox>u\nu>e")
    case = Case(outer, called=[inner, middle])
    case.do("mid:low:u", n=1)
    case.do("mid:u", n=10)
    assert case.data == {"mid": {"n": 11}}
    case.do("u", n=5)
    assert case.completed


def test_a_call_for_each_of_several_gathers_their_outputs() -> None:
    step = call("unit", "opinion", many(items="units", item="who", output="answers"), **{**GIVEN, "inputs": "to = who"})
    case = Case(bpmn(start(), step, user("a"), end(), flows="s>unit\nunit>a\na>e"), called=[OPINION],
                data={"units": ["x", "y"]})  # fmt: skip
    walk = case.walk
    tasks = {walk.evaluate("to", w.task_id): w.task_id for w in walk.waits.user_tasks}
    assert tasks.keys() == {"x", "y"}
    for _ in range(2):
        case.do("unit:answer", text="Đồng ý.")
    for _ in range(2):
        case.do("unit:sign", ok=True)
        case.do("unit:file")
    assert case.data["answers"] == [{"text": "Đồng ý.", "signed": True}] * 2
    assert case.waits() == [("user", "a")]


def test_what_a_called_process_waits_for_goes_with_the_call() -> None:
    waiting = bpmn(start(), both("p"), receive("r", "papers"), catch("t", timer="P1D"), user("u"), end(),
                   flows="s>p\np>r\np>t\np>u\nr>e\nt>e\nu>e", process_id="waiting")  # fmt: skip
    outer = bpmn(start(), call("c", "waiting"), border("stop", "c", message="stop"), user("b"), end(), end("e2"),
                 flows="s>c\nc>e\nstop>b\nb>e2")  # fmt: skip
    case = Case(outer, called=[waiting])
    case.do("c:r", n=1)
    assert case.waits() == [("message", "stop"), ("timer", "c:t"), ("user", "c:u")]
    case.do("stop")
    assert case.waits() == [("user", "b")]


def test_a_terminate_end_ends_only_the_process_that_was_called() -> None:
    inner = bpmn(start(), both("p"), user("a"), user("b"), end(terminate=True), end("e2"),
                 flows="s>p\np>a\np>b\na>e\nb>e2", process_id="inner")  # fmt: skip
    case = Case(bpmn(start(), call("c", "inner"), user("u"), end(), flows="s>c\nc>u\nu>e"), called=[inner])
    case.do("c:a")
    assert case.waits() == [("user", "u")]


def test_the_same_process_can_be_called_twice_at_once() -> None:
    calls = [call("one", "opinion", outputs="n = answer.n"), call("two", "opinion", outputs="n = answer.n")]
    source = bpmn(start(), both("p"), *calls, both("j"), end(), flows="s>p\np>one\np>two\none>j\ntwo>j\nj>e")
    case = Case(source, called=[OPINION])
    for element, n in (("one", 1), ("two", 2)):
        case.do(f"{element}:answer", n=n)
    for element in ("two", "one"):
        case.do(f"{element}:sign", ok=True)
        case.do(f"{element}:file")
    assert case.completed
    assert case.data == {"one": {"n": 1}, "two": {"n": 2}}


# ── at deployment ──


def codes(source: bytes, *called: bytes) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.element) for finding in check_bpmn(source, called=compiled(*called))]


def test_which_processes_a_drawing_calls() -> None:
    assert called_in(ASKING) == {"opinion"}
    assert called_in(b"<") == called_in(OPINION) == frozenset()


def test_a_process_that_is_not_deployed_cannot_be_called() -> None:
    assert codes(ASKING)[0] == ("unknown-process", "unit")
    with pytest.raises(InvalidDefinition):
        compile_bpmn(ASKING)


def test_a_call_says_what_it_calls() -> None:
    assert codes(bpmn(start(), call("c", ""), end(), flows="s>c\nc>e")) == [("no-called", "c")]


def test_a_process_that_begins_by_a_message_cannot_be_called() -> None:
    inner = bpmn(start(message="go"), user("a"), end(), flows="s>a\na>e", process_id="inner")
    assert codes(bpmn(start(), call("c", "inner"), end(), flows="s>c\nc>e"), inner) == [("call-start", "c")]


def test_what_a_called_process_needs_is_given() -> None:
    calling = bpmn(start(), call("c", "opinion"), border("b", "c", told="error"), end(), end("e2"),
                   flows="s>c\nc>e\nb>e2")  # fmt: skip
    assert codes(calling, OPINION) == [("call-input", "c")]


def test_an_error_that_leaves_a_call_is_caught() -> None:
    calling = bpmn(start(), call("c", "opinion", inputs="question = 1"), end(), flows="s>c\nc>e")
    assert codes(calling, OPINION) == [("uncaught-error", "c")]


def test_inputs_and_outputs_are_read() -> None:
    calling = bpmn(start(), call("c", "inner", inputs="a = 1 +", outputs="import os"), end(), flows="s>c\nc>e")
    inner = bpmn(start(), user("a"), end(), flows="s>a\na>e", process_id="inner")
    assert codes(calling, inner) == [("bad-expression", "c"), ("bad-expression", "c")]


def test_calls_within_calls_have_a_bound() -> None:
    chain = [bpmn(start(), user("a"), end(), flows="s>a\na>e", process_id="p0")]
    chain += [
        bpmn(start(), call("c", f"p{n}"), end(), flows="s>c\nc>e", process_id=f"p{n + 1}") for n in range(4)
    ]  # fmt: skip
    deep = bpmn(start(), call("c", "p4"), end(), flows="s>c\nc>e", process_id="p5")
    assert codes(deep, *chain) == [("calls-too-large", None)]
    shapes, way = [script(f"t{n}", "x = 1") for n in range(200)], [f"t{n}>t{n + 1}" for n in range(199)]
    wide = bpmn(start(), *shapes, end(), flows=["s>t0", *way, "t199>e"], process_id="wide")
    calls = [call(f"c{n}", "wide") for n in range(10)]
    flows = ["s>c0", *(f"c{n}>c{n + 1}" for n in range(9)), "c9>e"]
    assert codes(bpmn(start(), *calls, end(), flows=flows), wide) == [("calls-too-large", None)]
