"""Small drawings for tests of the engine."""

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="t">
"""


def properties(**values: str) -> str:
    """The extension elements that carry properties."""
    rows = "".join(f'<spiffworkflow:property name="{k}" value="{v}"/>' for k, v in values.items())
    inner = f"<spiffworkflow:properties>{rows}</spiffworkflow:properties>"
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def user_task(element_id: str, **values: str) -> str:
    return f'<bpmn:userTask id="{element_id}" name="Bước {element_id}">{properties(**values)}</bpmn:userTask>'


def flow(source: str, target: str, condition: str = "") -> str:
    inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return f'<bpmn:sequenceFlow id="f_{source}_{target}" {ends}>{inner}</bpmn:sequenceFlow>'


def drawing(process_id: str, *elements: str, messages: str = "", process_properties: str = "") -> bytes:
    """A file with one executable process."""
    body = "\n".join(elements)
    named = "".join(f'<bpmn:message id="m_{i}" name="{n}"/>' for i, n in enumerate(messages.split()))
    return (
        f'{HEAD}{named}<bpmn:process id="{process_id}" name="Quy trình thử" isExecutable="true">'
        f"{process_properties}{body}</bpmn:process></bpmn:definitions>"
    ).encode()


FORM = b"""{"type":"default","schemaVersion":18,"id":"note","components":[
 {"type":"textarea","key":"text","label":"N\xe1\xbb\x99i dung","validate":{"required":true}},
 {"type":"radio","key":"decision","label":"Quy\xe1\xba\xbft \xc4\x91\xe1\xbb\x8bnh","properties":{"variable":"true"},
  "values":[{"label":"G\xe1\xbb\xadi","value":"send"},{"label":"Tr\xe1\xba\xa3 l\xe1\xba\xa1i","value":"return"}]}]}"""

WRITE_AND_CHECK = drawing(
    "write_and_check",
    '<bpmn:startEvent id="start"/>',
    user_task(
        "write",
        form="note",
        assignee="staff@lead",
        clock="case",
        reminders="-2wd 08:00 holder; +1wd 08:00 head@lead",
    ),
    user_task("check", form="note", assignee="head@lead", separate_from="write", due="working_days(1)"),
    '<bpmn:exclusiveGateway id="ok" default="f_ok_end"/>',
    '<bpmn:endEvent id="end"/>',
    flow("start", "write"),
    flow("write", "check"),
    flow("check", "ok"),
    flow("ok", "write", "check.decision == 'return'"),
    flow("ok", "end"),
)
