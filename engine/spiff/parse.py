"""Reading an uploaded drawing: hostile bytes in, a plain description of one process out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from lxml import etree

from engine.spiff.findings import Finding, InvalidDefinition, error

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
NAMESPACES = {"bpmn": BPMN, "spiff": SPIFF}

T = TypeVar("T")

MAX_BYTES = 5 * 1024 * 1024
MAX_TAGS = 60_000  # opening and closing ones; a busy diagram has some 3,000
MAX_SHAPES = 250
"""SpiffWorkflow's parser recurses along the arrows, and nobody reads a larger drawing."""
MAX_ARROWS = 2 * MAX_SHAPES

ACTIVITIES = frozenset({"userTask", "manualTask", "scriptTask", "serviceTask", "sendTask", "receiveTask", "subProcess"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
SUPPORTED = ACTIVITIES | EVENTS | GATEWAYS
DECORATION = frozenset(
    {
        "association", "auditing", "category", "dataObject", "dataObjectReference", "dataStoreReference",
        "documentation", "extensionElements", "group", "incoming", "ioSpecification", "laneSet", "monitoring",
        "multiInstanceLoopCharacteristics", "outgoing", "property", "sequenceFlow", "standardLoopCharacteristics",
        "textAnnotation",
    }
)  # fmt: skip
"""Children of a process that carry no behaviour of their own, or are read together with their owner."""


@dataclass(frozen=True, slots=True)
class Flow:
    """An arrow."""

    id: str
    name: str
    source: str
    target: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class Loop:
    """The marks of a multi-instance activity."""

    standard: bool  # BPMN's standard loop, which is not a multi-instance
    sequential: bool
    cardinality: str | None  # expression
    collection: str | None  # expression that gives the list
    item: str | None  # name of one element of the list
    output: str | None  # name under which the results are gathered
    until: str | None  # completion condition


@dataclass(frozen=True, slots=True)
class Node:
    """A shape that does something."""

    id: str
    kind: str  # its tag
    name: str
    scope: str  # id of the process or sub-process that holds it
    lane: str  # display name
    properties: Mapping[str, str]
    documentation: str
    event: str  # "none", "message", "timer", "terminate", "multiple", or the tag of a definition that is not supported
    message: str | None
    timer: tuple[str, str] | None  # ("timeDate" | "timeDuration" | "timeCycle", text)
    attached_to: str | None
    interrupting: bool
    default: str | None  # id of the default flow
    script: str | None
    loop: Loop | None

    @property
    def label(self) -> str:
        """What people call it: its name on the drawing, else its id."""
        text = self.name or self.id
        return f"“{text}”" if len(text) <= 80 else f"“{text[:79]}…”"


@dataclass(frozen=True)
class Drawing:
    """The one executable process of a file."""

    process_id: str
    name: str
    properties: Mapping[str, str]
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    findings: tuple[Finding, ...]  # faults that were met while reading
    lanes: Mapping[str, Mapping[str, str]]  # shape's id → the properties of its lane

    def outgoing(self, node_id: str) -> list[Flow]:
        """The arrows that leave a shape, in the file's order."""
        return self._by_source.get(node_id, [])

    def incoming(self, node_id: str) -> list[Flow]:
        """The arrows that reach a shape."""
        return self._by_target.get(node_id, [])

    def boundary_events(self, node_id: str) -> list[Node]:
        """The events that sit on an activity's border."""
        return self._by_owner.get(node_id, [])

    def inside(self, scope: str) -> list[Node]:
        """The shapes that lie directly in a process or sub-process."""
        return self._by_scope.get(scope, [])

    @cached_property
    def _by_source(self) -> dict[str, list[Flow]]:
        return _grouped(self.flows.values(), lambda flow: flow.source)

    @cached_property
    def _by_target(self) -> dict[str, list[Flow]]:
        return _grouped(self.flows.values(), lambda flow: flow.target)

    @cached_property
    def _by_owner(self) -> dict[str, list[Node]]:
        return _grouped((node for node in self.nodes.values() if node.attached_to), lambda node: node.attached_to or "")

    @cached_property
    def _by_scope(self) -> dict[str, list[Node]]:
        return _grouped(self.nodes.values(), lambda node: node.scope)


def _grouped(items: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


SPLIT = "chia thành nhiều quy trình nối nhau bằng thông điệp"


def read_drawing(source: bytes) -> Drawing:
    """Read one process. Raises InvalidDefinition where there is nothing to look at."""
    root = _read_xml(source)
    process = _executable_process(root)
    process_id = process.get("id") or ""
    if not process_id:
        raise InvalidDefinition(
            [error("process-without-id", None, "Quy trình chưa có mã (id): đặt mã trong phần thuộc tính.")]
        )
    drawing = _Reader(root).read(process, process_id)
    if len(drawing.nodes) > MAX_SHAPES or len(drawing.flows) > MAX_ARROWS:
        size = f"{len(drawing.nodes)} hình, {len(drawing.flows)} mũi tên"
        raise _refused("too-many-shapes", f"Sơ đồ quá lớn ({size}; nhiều nhất {MAX_SHAPES} và {MAX_ARROWS}): {SPLIT}.")
    return drawing


def _read_xml(source: bytes) -> Any:
    if len(source) > MAX_BYTES:
        raise _refused("too-large", "Tệp quá lớn: sơ đồ nhiều nhất 5 MB.")
    if not source.strip():
        raise _refused("empty", "Tệp trống: chọn tệp sơ đồ .bpmn.")
    if source.count(b"<") > MAX_TAGS:
        raise _refused("too-many-elements", f"Sơ đồ có quá nhiều phần tử: {SPLIT}.")
    if b"<!DOCTYPE" in source or b"<!ENTITY" in source:
        raise _refused("doctype", "Tệp có khai báo DOCTYPE nên không được nhận: xuất lại sơ đồ từ công cụ vẽ.")
    # Read as UTF-8 whatever it declares: no other encoding can hide a doctype from the line above.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise _refused(
            "not-xml", f"Không đọc được tệp, dòng {_line(fault)}: tệp không phải sơ đồ BPMN hoặc bị hỏng."
        ) from fault
    if root is None or root.tag != f"{{{BPMN}}}definitions":
        raise _refused("not-bpmn", "Tệp không phải sơ đồ BPMN: chọn tệp .bpmn do công cụ vẽ quy trình xuất ra.")
    return root


def _line(fault: Exception) -> int:
    return getattr(fault, "lineno", None) or 1


def _refused(code: str, message: str) -> InvalidDefinition:
    return InvalidDefinition([error(code, None, message)])


def _executable_process(root: Any) -> Any:
    processes = root.findall(f"{{{BPMN}}}process")
    if not processes:
        raise _refused("no-process", "Sơ đồ chưa có quy trình nào.")
    executable = [process for process in processes if process.get("isExecutable") == "true"]
    if not executable:
        raise _refused(
            "not-executable", "Chưa có quy trình nào được đánh dấu chạy được (Executable): bật trong thuộc tính."
        )
    if len(executable) > 1:
        names = ", ".join(f"“{process.get('name') or process.get('id')}”" for process in executable)
        raise _refused(
            "several-processes", f"Sơ đồ có nhiều quy trình chạy được ({names}): mỗi tệp chỉ một, còn lại vẽ thu gọn."
        )
    return executable[0]


def local(element: Any) -> str:
    """The tag without its namespace, empty for tags of other vocabularies."""
    tag = element.tag
    prefix = f"{{{BPMN}}}"
    return tag[len(prefix) :] if isinstance(tag, str) and tag.startswith(prefix) else ""


class _Reader:
    """Collects the shapes and arrows of one process, and what is wrong with them."""

    def __init__(self, root: Any) -> None:
        self.messages = {m.get("id"): m.get("name") or "" for m in root.findall(f"{{{BPMN}}}message")}
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.findings: list[Finding] = []
        self.lane_names: dict[str, str] = {}
        self.lane_properties: dict[str, dict[str, str]] = {}
        self.lane_of: dict[str, str] = {}

    def read(self, process: Any, process_id: str) -> Drawing:
        self._lanes(process)
        self._scope(process, process_id)
        return Drawing(
            process_id=process_id, name=process.get("name") or process_id, properties=properties_of(process),
            nodes=self.nodes, flows=self.flows, findings=tuple(self.findings), lanes=self._lanes_by_node(),
        )  # fmt: skip

    def _lanes(self, process: Any) -> None:
        for lane in process.iterfind(f".//{{{BPMN}}}lane"):
            lane_id = lane.get("id") or ""
            self.lane_names[lane_id] = lane.get("name") or ""
            self.lane_properties[lane_id] = properties_of(lane)
            for reference in lane.iterfind(f"{{{BPMN}}}flowNodeRef"):
                # Nested lanes come after the lane around them, so the innermost one wins.
                self.lane_of[(reference.text or "").strip()] = lane_id

    def _lanes_by_node(self) -> dict[str, Mapping[str, str]]:
        return {
            node_id: self.lane_properties[self._lane(node)] for node_id, node in self.nodes.items() if self._lane(node)
        }

    def _lane(self, node: Node) -> str:
        """The lane of a shape; inside a sub-process, the lane of the sub-process."""
        current: Node | None = node
        while current is not None:
            if current.id in self.lane_of:
                return self.lane_of[current.id]
            current = self.nodes.get(current.scope)
        return ""

    def _scope(self, owner: Any, scope: str) -> None:
        for element in owner:
            tag = local(element)
            if tag == "sequenceFlow":
                self._flow(element)
            elif tag and tag not in DECORATION:
                self._node(element, tag, scope)

    def _flow(self, element: Any) -> None:
        flow_id = element.get("id") or ""
        source, target = element.get("sourceRef") or "", element.get("targetRef") or ""
        if self._taken(flow_id, element):
            return
        condition = element.find(f"{{{BPMN}}}conditionExpression")
        text = "".join(condition.itertext()).strip() if condition is not None else ""
        self.flows[flow_id] = Flow(flow_id, element.get("name") or "", source, target, text or None)

    def _taken(self, element_id: str, element: Any) -> bool:
        if not element_id:
            name = (element.get("name") or local(element))[:80]
            self.findings.append(error("without-id", None, f"Phần tử “{name}” thiếu mã (id): xóa rồi vẽ lại."))
        elif element_id in self.nodes or element_id in self.flows:
            self.findings.append(
                error("duplicate-id", element_id, f"Mã “{element_id[:80]}” dùng cho hai phần tử: đổi một mã.")
            )
        else:
            return False
        return True

    def _node(self, element: Any, tag: str, scope: str) -> None:
        node_id = element.get("id") or ""
        if self._taken(node_id, element):
            return
        definitions = [child for child in element if local(child).endswith(("EventDefinition", "eventDefinitionRef"))]
        self.nodes[node_id] = Node(
            id=node_id,
            kind=tag,
            name=" ".join((element.get("name") or "").split()),
            scope=scope,
            lane=self._lane_name(node_id, scope),
            properties=properties_of(element),
            documentation=_documentation(element),
            event=_event(definitions),
            message=self._message(element, definitions),
            timer=_timer(definitions),
            attached_to=element.get("attachedToRef"),
            interrupting=element.get("cancelActivity", "true") == "true",
            default=element.get("default"),
            script=_text(element, "script"),
            loop=_loop(element),
        )
        if element.get("triggeredByEvent") == "true":
            what = f"Quy trình con theo sự kiện {self.nodes[node_id].label} không dùng được"
            self.findings.append(error("event-subprocess", node_id, f"{what}: vẽ sự kiện ở viền của bước."))
        if tag == "subProcess":
            self._scope(element, node_id)

    def _lane_name(self, node_id: str, scope: str) -> str:
        while node_id not in self.lane_of and scope in self.nodes:
            node_id, scope = scope, self.nodes[scope].scope
        return self.lane_names.get(self.lane_of.get(node_id, ""), "")

    def _message(self, element: Any, definitions: list[Any]) -> str | None:
        """The message's name: references lead to a message of the file."""
        for carrier in (element, *definitions):
            if carrier.get("messageRef"):
                return self.messages.get(carrier.get("messageRef").split(":")[-1], "")
        return None


def _event(definitions: list[Any]) -> str:
    if not definitions:
        return "none"
    if len(definitions) > 1:
        return "multiple"
    known = {
        "messageEventDefinition": "message",
        "timerEventDefinition": "timer",
        "terminateEventDefinition": "terminate",
    }
    return known.get(local(definitions[0]), local(definitions[0]))


def _timer(definitions: list[Any]) -> tuple[str, str] | None:
    for definition in definitions:
        for child in definition:
            if local(child) in ("timeDate", "timeDuration", "timeCycle"):
                return local(child), "".join(child.itertext()).strip()
    return None


def _loop(element: Any) -> Loop | None:
    standard = element.find(f"{{{BPMN}}}standardLoopCharacteristics")
    marks = element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    if standard is None and marks is None:
        return None
    if marks is None:
        return Loop(True, False, None, None, None, None, None)
    item = marks.find(f"{{{BPMN}}}inputDataItem")
    return Loop(
        standard=False,
        sequential=marks.get("isSequential") == "true",
        cardinality=_text(marks, "loopCardinality"),
        collection=_text(marks, "loopDataInputRef"),
        item=item.get("name") or item.get("id") if item is not None else None,
        output=_text(marks, "loopDataOutputRef"),
        until=_text(marks, "completionCondition"),
    )


def _text(element: Any, tag: str) -> str | None:
    child = element.find(f"{{{BPMN}}}{tag}")
    return ("".join(child.itertext()).strip() or None) if child is not None else None


def _documentation(element: Any) -> str:
    return "\n".join(text for text in (_strings(element)) if text)


def _strings(element: Any) -> Iterator[str]:
    for child in element.iterfind(f"{{{BPMN}}}documentation"):
        yield "".join(child.itertext()).strip()


def properties_of(element: Any) -> dict[str, str]:
    """The `spiffworkflow:property` entries of an element, spaces trimmed."""
    path = f"{{{BPMN}}}extensionElements/{{{SPIFF}}}properties/{{{SPIFF}}}property"
    return {entry.get("name", "").strip(): entry.get("value", "").strip() for entry in element.iterfind(path)}
