"""Faults of what a drawing says: who does a step, expressions, names; and what a file may hold beside its process."""

import pytest

from engine.spiff import InvalidDefinition, check_bpmn, compile_bpmn
from tests.engine.spiff.drawings import HEAD, bpmn, catch, end, many, script, send, service, start, throw, user, xor
from tests.engine.spiff.findings import SIMPLE, around, found, shape, simple

# ── who, with what, by when ──


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"form": ""}, "no-form"),
        ({"form": "gone"}, "unknown-form"),
        ({"assignee": ""}, "no-assignee"),
        ({"assignee": "staff"}, "unknown-desk"),
        ({"assignee": "king@lead"}, "unknown-desk"),
        ({"assignee": "staff@moon"}, "unknown-desk"),
        ({"person": "a.ok ="}, "bad-expression"),
        ({"due": "tomorrow()"}, "bad-expression"),
        ({"due": "a.gone"}, "unknown-field"),
        ({"due": "submit"}, "unknown-name"),
        ({"clock": "wall"}, "bad-clock"),
        ({"batch": "yes"}, "bad-batch"),
        ({"reminders": "soon holder"}, "bad-reminders"),
        ({"reminders": "-1wd 08:00 head@moon"}, "unknown-desk"),
        ({"separate_from": "gone"}, "unknown-step"),
        ({"asignee": "staff@lead"}, "unknown-property"),
    ],
)
def test_properties_of_a_step(properties, code):
    assert found(simple(user("a", **properties))) == [(code, "a")]


def test_every_property_of_a_step_at_its_best():
    step = user(
        "a", person="a.kind", due="working_days(2, '08:00')", clock="case", batch="false", separate_from="a",
        reminders="-2wd 08:00 holder head@lead; +2h initiator",
    )  # fmt: skip
    assert found(simple(step, reminders="+1wd 08:00 vice_chair@supervisor", inputs="plan.number")) == []


def test_properties_of_the_process():
    assert found(simple(user("a"), reminders="now and then", inputs="a-b", other="x")) == [
        ("bad-reminders", None),
        ("bad-inputs", None),
        ("unknown-property", None),
    ]


@pytest.mark.parametrize(("name", "code"), [("", "no-service"), ("fly", "unknown-service")])
def test_services(name, code):
    assert (code, "x") in found(around(service("x", name)))


def test_roles_and_parties_may_be_given():
    assert found(simple(user("a", assignee="king@moon")), roles=["king"], parties=["moon"]) == []


def test_a_unit_may_be_named_by_its_code():
    named = simple(user("a", assignee="head@unit:tram-y-te", reminders="-1wd 08:00 staff@unit:tram-y-te"))
    assert found(named) == []  # Which units there are, only a ward knows.
    assert found(named, units=["tram-y-te"]) == []
    assert found(named, units=["cong-an"]) == [("unknown-desk", "a"), ("unknown-desk", "a")]
    assert found(simple(user("a", assignee="head@unit:Trạm Y tế"))) == [("unknown-desk", "a")]


def test_forms_and_services_may_be_left_out():
    assert check_bpmn(bpmn(start(), user("a", form="any"), service("v", "any"), end(), flows="s>a\na>v\nv>e")) == []


# ── expressions ──


def routed(condition: str, *more: str, **properties: str) -> bytes:
    return bpmn(start(), user("a"), *more, xor("g"), end(), end("e2"),
                flows=f"s>a\na>g\ng>e if {condition}\ng>e2 default", **properties)  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("a.ok ==", "bad-expression"),
        ("__import__('os')", "bad-expression"),
        ("a.ok.__class__", "bad-expression"),
        ("fly(a.ok)", "bad-expression"),
        ("a.missing == 1", "unknown-field"),
        ("plan.number == 1", "unknown-name"),
    ],
)
def test_conditions(condition, code):
    assert found(routed(condition)) == [(code, "f_g_e")]


@pytest.mark.parametrize("condition", ["a.kind == 'sent'", "a.ok and a.kind in ['x', 'sent']", "'sent' != a.kind"])
def test_a_condition_on_an_answer_that_nobody_can_give(condition):
    forms = {"f": {"ok": [], "kind": ["x", "y"]}}
    assert found(routed(condition), forms=forms) == [("unknown-choice", "f_g_e")]
    for known in (condition.replace("sent", "y"), "a.ok == 'sent'", "a.kind == deadline"):
        assert found(routed(known), forms=forms) == []


@pytest.mark.parametrize(
    "condition", ["a.ok == true", "deadline > today", "plan.number == '5'", "a.kind in ['x', 'y']"]
)
def test_conditions_that_hold_water(condition):
    assert found(routed(condition, inputs="plan")) == []


def test_a_script_knows_what_its_lines_have_assigned():
    source = bpmn(start(), user("a"), script("t", "n = a.kind\nm = n + 1"), xor("g"), end(), end("e2"),
                  flows="s>a\na>t\nt>g\ng>e if m > 1\ng>e2 default")  # fmt: skip
    assert found(source) == []


def test_a_script_that_does_not_parse():
    assert ("bad-expression", "x") in found(around(script("x", "import os")))


def test_a_script_task_without_script():
    assert ("no-script", "x") in found(around(shape("scriptTask")))


def test_the_payload_of_a_message():
    assert found(around(send("x", "told", payload="n = a.kind; m = "))) == [("bad-expression", "x")]
    assert found(around(throw("x", "told", payload="n = a.gone"))) == [("unknown-field", "x")]


def test_the_item_of_a_multi_instance_step_is_known():
    source = simple(user("a", many(items="units", item="unit", output="answers"), person="unit.head"), inputs="units")
    assert found(source) == []


# ── names ──


@pytest.mark.parametrize("element", ["deadline", "today", "end_of"])
def test_names_that_are_taken(element):
    assert found(bpmn(start(), user(element), end(), flows=f"s>{element}\n{element}>e")) == [("reserved-id", element)]


@pytest.mark.parametrize("element", ["a-1", "and", "None"])
def test_an_id_that_conditions_cannot_name(element):
    assert found(bpmn(start(), user(element), end(), flows=f"s>{element}\n{element}>e")) == [("id-not-a-name", element)]


@pytest.mark.parametrize(
    "due", ["end_of()", "end_of(today, 99999999)", "working_days('soon')", "at(deadline, 0, '25:00')"]
)
def test_a_moment_that_no_case_can_compute(due):
    assert found(simple(user("a", due=due))) == [("never-computed", "a")]
    assert found(around(catch("x", timer=due))) == [("never-computed", "x")]


def test_what_no_case_can_compute_elsewhere():
    assert found(around(script("x", "n = 1\nm = 1 / 0"))) == [("never-computed", "x")]
    assert found(simple(user("a", many("3", until="count('ok')")))) == [("never-computed", "a")]
    assert found(simple(user("a", many("3", until="count('ok', true) > 1 and today > deadline")))) == []


@pytest.mark.parametrize("element", ["End", "Start", "Root", "x y", "đơn", "x.EndJoin", "process"])
def test_ids_that_cannot_be_used(element):
    codes = {code for code, _ in found(bpmn(start(), user(element), end(), flows=f"s>{element}\n{element}>e"))}
    assert codes & {"bad-id", "duplicate-id"}


def test_an_id_used_twice():
    assert ("duplicate-id", "a") in found(bpmn(start(), user("a"), user("a"), end(), flows=SIMPLE))


def test_a_shape_without_id():
    assert ("without-id", None) in found(bpmn(start(), user("a"), "<bpmn:userTask/>", end(), flows=SIMPLE))


def test_two_starts_of_one_kind():
    assert ("same-start", "s2") in found(bpmn(start(), start("s2"), user("a"), end(), flows="s>a\ns2>a\na>e"))


# ── files with other processes ──


def file(*processes: str, collaboration: str = "") -> bytes:
    return f"{HEAD}{collaboration}{''.join(processes)}</bpmn:definitions>".encode()


def process(process_id: str, executable: str) -> str:
    inner = (
        bpmn(start(), user("a"), end(), flows=SIMPLE)
        .decode()
        .split('isExecutable="true">')[1]
        .split("</bpmn:process>")[0]
    )
    return f'<bpmn:process id="{process_id}" isExecutable="{executable}">{inner}</bpmn:process>'


def test_no_process_that_runs():
    assert found(file()) == [("no-process", None)]
    assert found(file(process("p1", "false"))) == [("not-executable", "p1")]
    assert found(file(process("p1", "false"), process("p2", "false"))) == [("not-executable", None)]


def test_several_processes_that_run():
    assert found(file(process("p1", "true"), process("p2", "true"))) == [("several-processes", None)]


def test_collapsed_pools_and_processes_of_others_are_welcome():
    pools = (
        '<bpmn:collaboration id="c"><bpmn:participant id="own" processRef="p1"/><bpmn:participant id="city" name="Sở"/>'
        '<bpmn:messageFlow id="mf" sourceRef="a" targetRef="city"/></bpmn:collaboration>'
    )
    source = file(process("p1", "true"), process("p2", "false"), collaboration=pools)
    assert found(source) == []
    assert compile_bpmn(source)


def test_notes_and_data_objects_change_nothing():
    notes = (
        '<bpmn:textAnnotation id="n"><bpmn:text>Ghi chú</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:association id="as" sourceRef="n" targetRef="a"/><bpmn:dataObjectReference id="dr" dataObjectRef="d"/>'
        '<bpmn:dataObject id="d"/><bpmn:dataStoreReference id="ds" name="Kho"/><bpmn:group id="g"/>'
    )
    assert found(bpmn(start(), user("a"), end(), notes, flows=SIMPLE)) == []


def test_only_errors_keep_a_drawing_from_being_compiled():
    assert compile_bpmn(simple(user("a", other="x")))
    with pytest.raises(InvalidDefinition) as invalid:
        compile_bpmn(around(shape("businessRuleTask")))
    assert [finding.code for finding in invalid.value.findings] == ["unsupported"]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"form": "f", "senders": "head@lead staff@unit:tram-y-te"}, None),
        ({"form": "gone", "senders": "head@lead"}, "unknown-form"),
        ({"form": "f"}, "no-senders"),
        ({"form": "f", "senders": "head@lead king@lead"}, "unknown-desk"),
        ({"form": "f", "senders": "head@unit:phong-a"}, "unknown-desk"),
    ],
)
def test_who_sends_a_message_of_people_and_with_which_form(told, code):
    source = around(message_event(**told)).replace(
        b"<bpmn:process", b'<bpmn:message id="m" name="asked"/><bpmn:process', 1
    )
    assert found(source, units=["tram-y-te"]) == ([(code, "x")] if code else [])


def message_event(**told: str) -> str:
    rows = "".join(f'<spiffworkflow:property name="{name}" value="{value}"/>' for name, value in told.items())
    inner = (
        f"<bpmn:extensionElements><spiffworkflow:properties>{rows}</spiffworkflow:properties></bpmn:extensionElements>"
    )
    return shape("intermediateCatchEvent", f'{inner}<bpmn:messageEventDefinition messageRef="m"/>')
