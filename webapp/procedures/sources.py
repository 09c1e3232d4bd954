"""BPMN files as they come and go: what one is about, an empty one, one under another name."""

import re
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from engine.errors import Rejected
from engine.spiff import InvalidDefinition, read_xml

MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
PLANE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNPlane"
KEY = re.compile(r"[a-z][a-z0-9_]{1,59}")
LONGEST_NAME = 200


class UnreadableDiagram(Rejected):
    """Bytes that are no drawing."""


class BadKey(Rejected):
    message = "Mã quy trình gồm chữ thường không dấu, số và gạch dưới, bắt đầu bằng chữ, ví dụ: don_doc_dot_xuat."


@dataclass(frozen=True, slots=True)
class Described:
    """What a file says of itself."""

    key: str  # id of the process that runs; of the first one where none does
    name: str
    purpose: str


def describe(source: bytes) -> Described:
    """Raises UnreadableDiagram."""
    process = _process(_read(source))
    key = (process.get("id") or "").strip()
    if not key:
        raise UnreadableDiagram("Quy trình trong tệp chưa có mã (id): đặt mã bằng công cụ vẽ rồi nhập lại.")
    name = (process.get("name") or "").strip() or key
    return Described(key[:LONGEST_NAME], name[:LONGEST_NAME], _purpose(process))


def _purpose(process: Any) -> str:
    texts = ("".join(child.itertext()) for child in process.iterfind(f"{MODEL}documentation"))
    return " ".join(" ".join(texts).split())


def _read(source: bytes) -> Any:
    try:
        return read_xml(source)
    except InvalidDefinition as invalid:
        raise UnreadableDiagram(str(invalid)) from invalid


def _process(root: Any) -> Any:
    processes = root.findall(f"{MODEL}process")
    if not processes:
        raise UnreadableDiagram("Sơ đồ chưa có quy trình nào.")
    return next((process for process in processes if process.get("isExecutable") == "true"), processes[0])


def names_in(source: bytes) -> dict[str, str]:
    """What a drawing calls its elements, by id; none where it cannot be read."""
    try:
        elements = list(_read(source).iter(f"{MODEL}*"))
    except UnreadableDiagram:
        return {}
    return {element.get("id"): element.get("name") for element in elements if element.get("id") and element.get("name")}


def rekeyed(source: bytes, key: str, name: str = "") -> bytes:
    """The same drawing under another key. Raises UnreadableDiagram, BadKey."""
    if not KEY.fullmatch(key):
        raise BadKey
    root = _read(source)
    process = _process(root)
    before = process.get("id")
    process.set("id", key)
    process.set("isExecutable", "true")
    if name:
        process.set("name", name)
    for participant in root.iter(f"{MODEL}participant"):
        if participant.get("processRef") == before:
            participant.set("processRef", key)
    for plane in root.iter(PLANE):
        if plane.get("bpmnElement") == before:
            plane.set("bpmnElement", key)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def empty_diagram(key: str, name: str) -> bytes:
    """A beginning, one step and an end. Raises BadKey."""
    if not KEY.fullmatch(key):
        raise BadKey
    return _EMPTY.format(key=key, name=quoteattr(name)).encode()


_EMPTY = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="{key}_definitions" targetNamespace="urn:quytrinh:procedures">
  <bpmn:process id="{key}" name={name} isExecutable="true">
    <bpmn:startEvent id="started" name="Bắt đầu"><bpmn:outgoing>to_first_step</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="first_step" name="Bước đầu tiên">
      <bpmn:incoming>to_first_step</bpmn:incoming><bpmn:outgoing>to_end</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="ended" name="Kết thúc"><bpmn:incoming>to_end</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="to_first_step" sourceRef="started" targetRef="first_step"/>
    <bpmn:sequenceFlow id="to_end" sourceRef="first_step" targetRef="ended"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="{key}_diagram">
    <bpmndi:BPMNPlane id="{key}_plane" bpmnElement="{key}">
      <bpmndi:BPMNShape id="started_di" bpmnElement="started">
        <dc:Bounds x="180" y="162" width="36" height="36"/>
        <bpmndi:BPMNLabel><dc:Bounds x="177" y="205" width="42" height="14"/></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="first_step_di" bpmnElement="first_step">
        <dc:Bounds x="280" y="140" width="100" height="80"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="ended_di" bpmnElement="ended">
        <dc:Bounds x="444" y="162" width="36" height="36"/>
        <bpmndi:BPMNLabel><dc:Bounds x="438" y="205" width="48" height="14"/></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="to_first_step_di" bpmnElement="to_first_step">
        <di:waypoint x="216" y="180"/><di:waypoint x="280" y="180"/>
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="to_end_di" bpmnElement="to_end">
        <di:waypoint x="380" y="180"/><di:waypoint x="444" y="180"/>
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
