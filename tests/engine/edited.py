"""Shipped drawings as an administrator has edited them: steps added after others, names and due times changed."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from lxml import etree

from tests.engine.procedures import drawing

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
PROPERTY = "{http://spiffworkflow.org/bpmn/schema/1.0/core}property"


def with_a_step_after(key: str, chosen: Callable[[str], bool] = lambda step: True) -> bytes:
    """A step `<step>_read` behind each of the chosen steps, done by the same desk with the same form."""
    root = etree.fromstring(drawing(key))
    for step in list(root.iter(f"{BPMN}userTask")):
        if chosen(step.get("id")):
            _add_after(root, step)
    return etree.tostring(root)


def _add_after(root: Any, step: Any) -> None:
    step_id = step.get("id")
    added = deepcopy(step)
    added.set("id", f"{step_id}_read")
    added.set("name", f"Xem lại: {step.get('name')}")
    (flow,) = [flow for flow in root.iter(f"{BPMN}sequenceFlow") if flow.get("sourceRef") == step_id]
    more = deepcopy(flow)
    flow.set("targetRef", added.get("id"))
    more.set("id", f"{step_id}_read_on")
    more.set("sourceRef", added.get("id"))
    for element in added.iter(f"{BPMN}incoming", f"{BPMN}outgoing"):
        element.getparent().remove(element)
    for ref in root.iter(f"{BPMN}flowNodeRef"):
        if ref.text == step_id:
            other = deepcopy(ref)
            other.text = added.get("id")
            ref.addnext(other)
            break
    for one in list(added.iter(PROPERTY)):
        if one.get("name") in ("records", "separate_from", "person", "stage"):
            one.getparent().remove(one)
    step.addnext(added)
    flow.addnext(more)
    _draw(root, step_id, flow.get("id"))


def _draw(root: Any, step_id: str, flow_id: str) -> None:
    """A little beside the step; the arrows are straight lines."""
    (shape,) = [s for s in root.iter(f"{DI}BPMNShape") if s.get("bpmnElement") == step_id]
    added = deepcopy(shape)
    added.set("id", f"{step_id}_read_shape")
    added.set("bpmnElement", f"{step_id}_read")
    bounds = added.find(f"{DC}Bounds")
    bounds.set("x", str(float(bounds.get("x")) + 40))
    bounds.set("y", str(float(bounds.get("y")) + 50))
    shape.addnext(added)
    (edge,) = [e for e in root.iter(f"{DI}BPMNEdge") if e.get("bpmnElement") == flow_id]
    on = deepcopy(edge)
    on.set("id", f"{step_id}_read_on_edge")
    on.set("bpmnElement", f"{step_id}_read_on")
    edge.addnext(on)


def renamed(key: str) -> bytes:
    """Every step is called otherwise, and is due in three working days."""
    root = etree.fromstring(drawing(key))
    for step in root.iter(f"{BPMN}userTask"):
        step.set("name", f"{step.get('name')} (mới)")
        for one in step.iter(PROPERTY):
            if one.get("name") == "due":
                one.set("value", "working_days(3)")
    return etree.tostring(root)


def with_another_id(source: bytes, old: str, new: str) -> bytes:
    """The same drawing, one step under another id."""
    root = etree.fromstring(source)
    for element in root.iter():
        for name in ("id", "sourceRef", "targetRef", "attachedToRef", "bpmnElement"):
            if element.get(name) == old:
                element.set(name, new)
        if element.text and element.text.strip() == old:
            element.text = new
    return etree.tostring(root).replace(f"{old}.".encode(), f"{new}.".encode())
