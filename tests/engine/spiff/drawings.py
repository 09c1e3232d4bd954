"""BPMN files in a few words: shapes by function, arrows as `a>b`, `g>b if condition`, `g>c default`."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="t">'
)


def bpmn(*shapes: str, flows: str | Iterable[str], process_id: str = "process", **properties: str) -> bytes:
    """A file with one executable process."""
    inside = _properties(properties) + "".join(shapes) + arrows(flows)
    attributes = f'id="{process_id}" name="Quy trình thử" isExecutable="true"'
    body = f"<bpmn:process {attributes}>{_defaults(inside, flows)}</bpmn:process>"
    return f"{HEAD}{_messages(body)}{body}</bpmn:definitions>".encode()


def arrows(flows: str | Iterable[str]) -> str:
    """The arrows of a process or sub-process, one per line."""
    return "".join(map(_arrow, _lines(flows)))


def _lines(flows: str | Iterable[str]) -> list[str]:
    lines = flows.splitlines() if isinstance(flows, str) else list(flows)
    return [line.strip() for line in lines if line.strip()]


def _arrow(line: str) -> str:
    way, _, condition = line.removesuffix(" default").partition(" if ")
    source, target = way.strip().split(">")
    inner = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return f'<bpmn:sequenceFlow id="f_{source}_{target}" {ends}>{inner}</bpmn:sequenceFlow>'


def _defaults(xml: str, flows: str | Iterable[str]) -> str:
    for line in _lines(flows):
        if line.endswith(" default"):
            source, target = line.removesuffix(" default").strip().split(">")
            xml = xml.replace(f' id="{source}"', f' id="{source}" default="f_{source}_{target}"', 1)
    return xml


def _messages(body: str) -> str:
    """What the body refers to: messages, signals, errors and escalations."""
    names = {part.split('"')[0] for part in body.split('messageRef="m_')[1:]}
    found = [f'<bpmn:message id="m_{name}" name="{name}"/>' for name in sorted(names)]
    for kind in ("signal", "error", "escalation"):
        codes = {part.split('"')[0] for part in body.split(f'{kind}Ref="{kind}_')[1:]}
        attribute = "name" if kind == "signal" else f"{kind}Code"
        found += [f'<bpmn:{kind} id="{kind}_{code}" {attribute}="{code}"/>' for code in sorted(codes)]
    return "".join(found)


def _properties(properties: dict[str, str]) -> str:
    entries = "".join(f'<spiffworkflow:property name="{k}" value={quoteattr(v)}/>' for k, v in properties.items())
    return (
        f"<bpmn:extensionElements><spiffworkflow:properties>{entries}</spiffworkflow:properties></bpmn:extensionElements>"
        if entries
        else ""
    )


def _shape(tag: str, shape_id: str, inner: str = "", attributes: str = "", **properties: str) -> str:
    return f'<bpmn:{tag} id="{shape_id}"{attributes}>{_properties(properties)}{inner}</bpmn:{tag}>'


def _event(message: str | None, timer: str | None, terminate: bool = False, told: str = "") -> str:
    """`told` is `signal:name`, `error:code` or `escalation:code`; without a code, any."""
    if told:
        kind, _, code = told.partition(":")
        reference = f' {kind}Ref="{kind}_{code}"' if code else ""
        return f"<bpmn:{kind}EventDefinition{reference}/>"
    if message is not None:
        return f'<bpmn:messageEventDefinition messageRef="m_{message}"/>'
    if timer is not None:
        tag = "timeDuration" if timer.startswith("P") else "timeDate"
        return f"<bpmn:timerEventDefinition><bpmn:{tag}>{escape(timer)}</bpmn:{tag}></bpmn:timerEventDefinition>"
    return "<bpmn:terminateEventDefinition/>" if terminate else ""


def start(
    shape_id: str = "s",
    message: str | None = None,
    timer: str | None = None,
    told: str = "",
    interrupting: bool = True,
    **properties: str,
) -> str:
    mark = "" if interrupting else ' isInterrupting="false"'
    return _shape("startEvent", shape_id, _event(message, timer, told=told), mark, **properties)


def end(
    shape_id: str = "e", message: str | None = None, terminate: bool = False, told: str = "", **properties: str
) -> str:
    return _shape("endEvent", shape_id, _event(message, None, terminate, told), **properties)


def user(shape_id: str, loop: str = "", **properties: str) -> str:
    return _shape("userTask", shape_id, loop, **{"form": "f", "assignee": "staff@lead", **properties})


def script(shape_id: str, text: str, loop: str = "") -> str:
    return _shape("scriptTask", shape_id, f"{loop}<bpmn:script>{escape(text)}</bpmn:script>")


def service(shape_id: str, name: str = "register", loop: str = "") -> str:
    return _shape("serviceTask", shape_id, loop, service=name)


def send(shape_id: str, message: str, loop: str = "", **properties: str) -> str:
    return _shape("sendTask", shape_id, loop, f' messageRef="m_{message}"', **properties)


def receive(shape_id: str, message: str, loop: str = "") -> str:
    return _shape("receiveTask", shape_id, loop, f' messageRef="m_{message}"')


def throw(shape_id: str, message: str | None = None, told: str = "", **properties: str) -> str:
    return _shape("intermediateThrowEvent", shape_id, _event(message, None, told=told), **properties)


def catch(shape_id: str, message: str | None = None, timer: str | None = None, told: str = "") -> str:
    return _shape("intermediateCatchEvent", shape_id, _event(message, timer, told=told))


def border(
    shape_id: str,
    on: str,
    message: str | None = None,
    timer: str | None = None,
    interrupting: bool = True,
    told: str = "",
) -> str:
    cancel = "true" if interrupting else "false"
    definition = _event(message, timer, told=told)
    return _shape("boundaryEvent", shape_id, definition, f' attachedToRef="{on}" cancelActivity="{cancel}"')


def xor(shape_id: str) -> str:
    return _shape("exclusiveGateway", shape_id)


def both(shape_id: str) -> str:
    return _shape("parallelGateway", shape_id)


def some(shape_id: str) -> str:
    return _shape("inclusiveGateway", shape_id)


def first(shape_id: str) -> str:
    return _shape("eventBasedGateway", shape_id)


def call(shape_id: str, process: str, loop: str = "", **properties: str) -> str:
    return _shape("callActivity", shape_id, loop, f' calledElement="{process}"', **properties)


def manual(shape_id: str, **properties: str) -> str:
    return _shape("manualTask", shape_id, **{"form": "f", "assignee": "staff@lead", **properties})


def sub(shape_id: str, *shapes: str, flows: str | Iterable[str], loop: str = "", beside: bool = False) -> str:
    """`beside`: an event sub-process."""
    mark = ' triggeredByEvent="true"' if beside else ""
    return _shape("subProcess", shape_id, loop + _defaults("".join(shapes) + arrows(flows), flows), mark)


def many(
    times: str = "", items: str = "", item: str = "", output: str = "", sequential: bool = False, until: str = ""
) -> str:
    """Marks of a multi-instance activity."""
    parts = [
        f"<bpmn:loopCardinality>{times}</bpmn:loopCardinality>" if times else "",
        f"<bpmn:loopDataInputRef>{items}</bpmn:loopDataInputRef>" if items else "",
        f"<bpmn:loopDataOutputRef>{output}</bpmn:loopDataOutputRef>" if output else "",
        f'<bpmn:inputDataItem id="{item}" name="{item}"/>' if item else "",
        f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else "",
    ]
    kind = ' isSequential="true"' if sequential else ""
    return f"<bpmn:multiInstanceLoopCharacteristics{kind}>{''.join(parts)}</bpmn:multiInstanceLoopCharacteristics>"


def again(condition: str = "", most: str = "", before: bool = False) -> str:
    """Marks of a standard loop."""
    inner = f"<bpmn:loopCondition>{escape(condition)}</bpmn:loopCondition>" if condition else ""
    kind = (f' loopMaximum="{most}"' if most else "") + (' testBefore="true"' if before else "")
    return f"<bpmn:standardLoopCharacteristics{kind}>{inner}</bpmn:standardLoopCharacteristics>"
