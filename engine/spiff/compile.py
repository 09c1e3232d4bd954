"""From a drawing to the stored specification, and from that to what runs."""

import hashlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any, cast

from SpiffWorkflow.exceptions import SpiffWorkflowException

from engine.spiff.calls import Called, Calls
from engine.spiff.check_events import THROWING
from engine.spiff.codec import encode
from engine.spiff.definitions import Element, ServiceStep, StartEvent, StartKind, Step
from engine.spiff.drawing import Drawing, Node
from engine.spiff.expressions import NOTHING
from engine.spiff.findings import InvalidDefinition, error
from engine.spiff.load import FORMAT
from engine.spiff.parse import SPLIT, read_drawing
from engine.spiff.reading import Parser
from engine.spiff.serializer import registry
from engine.spiff.structure import structural_findings
from engine.spiff.throws import leaving


def compile_bpmn(source: bytes, called: Called = NOTHING) -> bytes:
    """The stored form of a drawing, with that of the processes that it calls. Raises InvalidDefinition."""
    drawing = read_drawing(source)
    calls = Calls(drawing, called)
    findings = [*structural_findings(drawing), *calls.findings()]
    if faults := [finding for finding in findings if finding.severity == "error"]:
        raise InvalidDefinition(faults)
    return compile_drawing(drawing, hashlib.sha256(source).hexdigest(), calls)


def compile_drawing(drawing: Drawing, content_hash: str, calls: Calls) -> bytes:
    """The stored form of a drawing that has no structural faults. Raises InvalidDefinition."""
    spec, subprocess_specs = _in_fresh_thread(lambda: _parse(drawing))
    convert = registry().convert
    return encode(
        {
            "format": FORMAT,
            "hash": content_hash,
            "process": {"id": drawing.process_id, "name": drawing.name, "properties": dict(drawing.properties)},
            "steps": [asdict(step) for step in steps_of(drawing)],
            "services": [asdict(service) for service in services_of(drawing)],
            "elements": [asdict(element) for element in elements_of(drawing)],
            "starts": [asdict(start) for start in starts_of(drawing)],
            "messages": sorted(_messages(drawing, catching=True)),
            "sent": sorted(_messages(drawing, catching=False)),
            "signals": sorted(_sent_signals(drawing)),
            "told": leaving(drawing, calls.told()),
            "called": calls.stored,
            "calls": calls.by_element,
            "spec": convert(spec),
            "subprocess_specs": {name: convert(inner) for name, inner in subprocess_specs.items()},
        }
    )


# ── what SpiffWorkflow gets to see ──


def _parse(drawing: Drawing) -> tuple[Any, dict[str, Any]]:
    try:
        parser = Parser(drawing)
        inner = [node.id for node in drawing.nodes.values() if node.kind == "subProcess"]
        return parser.get_spec(drawing.process_id), {scope: parser.get_spec(scope) for scope in inner}
    except SpiffWorkflowException as fault:
        element = str(getattr(fault, "id", ""))
        what = drawing.nodes[element].phrase if element in drawing.nodes else f"“{element}”"
        raise InvalidDefinition([error("unreadable", element or None, f"Không đọc được {what}: {fault}")]) from fault
    except RecursionError as fault:
        raise InvalidDefinition([error("unreadable", None, f"Chuỗi các bước quá dài: {SPLIT}.")]) from fault


def _in_fresh_thread(work: Callable[[], Any]) -> Any:
    """SpiffWorkflow's parser goes several frames deep for each shape: give it a stack with nothing on it yet."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append((work(), None))
        except Exception as fault:
            outcome.append((None, fault))

    thread = threading.Thread(target=run, name="compile")
    thread.start()
    thread.join()
    result, fault = outcome[0]
    if fault is not None:
        raise fault
    return result


# ── what the rest of the engine gets to see ──


def steps_of(drawing: Drawing) -> list[Step]:
    """The steps that people do, with what their lane gives them."""
    return [_step(node) for node in drawing.nodes.values() if node.kind in ("userTask", "manualTask")]


def _step(node: Node) -> Step:
    own = node.properties
    return Step(
        element_id=node.id, name=node.title, lane=node.lane.name, form=own.get("form", ""),
        assignee=own.get("assignee") or node.lane.properties.get("assignee", ""),
        person=own.get("person") or None, due=own.get("due") or None, clock=own.get("clock") or None,
        reminders=own.get("reminders", ""), separate_from=tuple(own.get("separate_from", "").split()),
        batch=own.get("batch") == "true", documentation=node.documentation,
    )  # fmt: skip


def services_of(drawing: Drawing) -> list[ServiceStep]:
    """The steps that the software does."""
    services = [node for node in drawing.nodes.values() if node.kind == "serviceTask"]
    return [ServiceStep(node.id, node.title, node.properties.get("service", "")) for node in services]


def starts_of(drawing: Drawing) -> list[StartEvent]:
    """The ways in which an instance begins."""
    starts = [node for node in drawing.inside(drawing.process_id) if node.kind == "startEvent"]
    return [_start(node) for node in starts]


def _start(node: Node) -> StartEvent:
    timer = node.timer[1] if node.timer else None
    return StartEvent(node.id, node.title, cast("StartKind", node.event), node.message, timer, node.code)


def elements_of(drawing: Drawing) -> list[Element]:
    """Every shape that does something."""
    return [Element(n.id, n.name, n.kind, n.message, dict(n.properties), n.title) for n in drawing.nodes.values()]


def _messages(drawing: Drawing, *, catching: bool) -> Iterable[str]:
    throwing = ("sendTask", *THROWING)
    return {node.message for node in drawing.nodes.values() if node.message and (node.kind in throwing) != catching}


def _sent_signals(drawing: Drawing) -> Iterable[str]:
    signals = (node for node in drawing.nodes.values() if node.event == "signal" and node.kind in THROWING)
    return {node.code for node in signals if node.code}
