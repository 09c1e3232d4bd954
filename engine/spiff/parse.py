"""Reading an uploaded drawing: hostile bytes in, a plain description of one process out."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from lxml import etree

from engine.spiff.check_attributes import attribute_findings
from engine.spiff.drawing import EVENT_KINDS, NO_LANE, Drawing, Flow, Lane, Loop, Node
from engine.spiff.findings import Finding, InvalidDefinition, error
from engine.spiff.naming import BPMN, Naming, local, quoted

SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"

MAX_BYTES = 4 * 1024 * 1024  # a busy diagram has 200 kB
MAX_TAGS = 60_000  # opening and closing ones; a busy diagram has some 3,000
MAX_SHAPES = 250
"""SpiffWorkflow's parser recurses along the arrows, and nobody reads a larger drawing."""
MAX_ARROWS = 2 * MAX_SHAPES
LONGEST_PROPERTY = 10_000

DECORATION = frozenset(
    {
        "association", "auditing", "category", "correlationSubscription", "dataInputAssociation", "dataObject",
        "dataObjectReference", "dataOutputAssociation", "dataStoreReference", "documentation", "extensionElements",
        "group", "humanPerformer", "incoming", "ioBinding", "ioSpecification", "laneSet", "monitoring",
        "multiInstanceLoopCharacteristics", "outgoing", "performer", "potentialOwner", "property", "resourceRole",
        "sequenceFlow", "standardLoopCharacteristics", "supports", "textAnnotation",
    }
)  # fmt: skip
"""Children of a process that carry no behaviour of their own, or are read together with their owner."""


CODED = ("signal", "error", "escalation")
SPLIT = "chia thành nhiều quy trình nối nhau bằng thông điệp"


@lru_cache(maxsize=4)  # A drawing that is deployed is looked at for what it calls, checked and compiled.
def read_drawing(source: bytes) -> Drawing:
    """Read one process. Raises InvalidDefinition where there is nothing to look at."""
    root = read_xml(source)
    process = _executable_process(root)
    process_id = process.get("id") or ""
    if not process_id:
        raise InvalidDefinition(
            [error("process-without-id", None, "Quy trình chưa có mã (id): đặt mã trong phần thuộc tính.")]
        )
    drawing = _Reader(root, process, process_id).read()
    if len(drawing.nodes) > MAX_SHAPES or len(drawing.flows) > MAX_ARROWS:
        size = f"{len(drawing.nodes)} hình, {len(drawing.flows)} mũi tên"
        raise _refused("too-many-shapes", f"Sơ đồ quá lớn ({size}; nhiều nhất {MAX_SHAPES} và {MAX_ARROWS}): {SPLIT}.")
    return _named(drawing, Naming(root))


def _named(drawing: Drawing, naming: Naming) -> Drawing:
    """With what everything in it is called."""
    nodes = {
        id: replace(node, label=naming.label(id), phrase=naming.phrase(id), title=naming.title(id))
        for id, node in drawing.nodes.items()
    }
    flows = {id: replace(flow, label=naming.label(id)) for id, flow in drawing.flows.items()}
    return replace(drawing, nodes=nodes, flows=flows)


def read_xml(source: bytes) -> Any:
    """The root of a BPMN file; nothing it names is opened or expanded. Raises InvalidDefinition."""
    if len(source) > MAX_BYTES:
        raise _refused("too-large", "Tệp quá lớn: sơ đồ nhiều nhất 4 MB.")
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
        raise _refused("not-xml", _why_unread(source, fault)) from fault
    if root is None or root.tag != f"{{{BPMN}}}definitions":
        raise _refused("not-bpmn", "Tệp không phải sơ đồ BPMN: chọn tệp .bpmn do công cụ vẽ quy trình xuất ra.")
    return root


def _why_unread(source: bytes, fault: Exception) -> str:
    try:
        source.decode()
    except UnicodeDecodeError:
        return "Tệp không phải sơ đồ BPMN, hoặc không ở bảng mã UTF-8: chọn tệp .bpmn, xuất lại với bảng mã UTF-8."
    return f"Không đọc được tệp, dòng {_line(fault)}: tệp không phải sơ đồ BPMN hoặc bị hỏng."


def _line(fault: Exception) -> int:
    return getattr(fault, "lineno", None) or 1


def _refused(code: str, message: str) -> InvalidDefinition:
    return InvalidDefinition([error(code, None, message)])


def _executable_process(root: Any) -> Any:
    processes = root.findall(f"{{{BPMN}}}process")
    if not processes:
        raise _refused("no-process", "Sơ đồ chưa có quy trình nào: vẽ các bước, từ một sự kiện bắt đầu đến kết thúc.")
    executable = [process for process in processes if _is_true(process, "isExecutable")]
    if not executable:
        which = f"Quy trình {_listed(processes)} chưa được đánh dấu chạy được"
        only = processes[0].get("id") if len(processes) == 1 else None
        raise InvalidDefinition([error("not-executable", only, f"{which} (Executable): bật trong thuộc tính.")])
    if len(executable) > 1:
        names = _listed(executable)
        raise _refused(
            "several-processes", f"Sơ đồ có nhiều quy trình chạy được ({names}): mỗi tệp chỉ một, còn lại vẽ thu gọn."
        )
    return executable[0]


def _listed(processes: list[Any]) -> str:
    return ", ".join(quoted(process.get("name") or process.get("id") or "") for process in processes)


class _Reader:
    """Collects the shapes and arrows of one process, and what is wrong with them."""

    def __init__(self, root: Any, process: Any, process_id: str) -> None:
        self.naming = Naming(root)
        self.process = process
        self.process_id = process_id
        self.messages = {m.get("id"): (m.get("name") or "").strip() for m in root.findall(f"{{{BPMN}}}message")}
        self.codes = _codes(root)
        self.lanes = _lanes(process)
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.findings: list[Finding] = []

    def read(self) -> Drawing:
        self._long_properties()
        self._scope(self.process, self.process_id, NO_LANE)
        name = (self.process.get("name") or "").strip() or self.process_id
        properties = properties_of(self.process)
        return Drawing(self.process_id, name, properties, self.nodes, self.flows, tuple(self.findings))

    def _long_properties(self) -> None:
        for entry in self.process.iter(f"{{{SPIFF}}}property"):
            if len(entry.get("value", "")) > LONGEST_PROPERTY:
                name = entry.get("name", "")[:60]
                entry.set("value", "")
                message = f"Thuộc tính “{name}” dài quá {LONGEST_PROPERTY} ký tự: viết ngắn lại."
                self.findings.append(error("too-long", None, message))

    def _scope(self, owner: Any, scope: str, lane: Lane) -> None:
        for element in owner:
            tag = local(element)
            if tag == "sequenceFlow":
                self._flow(element)
            elif tag and tag not in DECORATION:
                self._node(element, tag, scope, lane)

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
        elif element_id == self.process_id or element_id in self.nodes or element_id in self.flows:
            self.findings.append(
                error("duplicate-id", element_id, f"Mã “{element_id[:80]}” dùng cho hai phần tử: đổi một mã.")
            )
        else:
            return False
        return True

    def _node(self, element: Any, tag: str, scope: str, around: Lane) -> None:
        node_id = element.get("id") or ""
        if self._taken(node_id, element):
            return
        definitions = [child for child in element if local(child).endswith(("EventDefinition", "eventDefinitionRef"))]
        self.nodes[node_id] = Node(
            id=node_id,
            kind=tag,
            name=" ".join((element.get("name") or "").split()),
            scope=scope,
            lane=self.lanes.get(node_id, around),
            properties=properties_of(element),
            documentation=_documentation(element),
            event=_event(definitions),
            message=self._message(element, definitions),
            code=self._code(definitions),
            timer=_timer(definitions),
            attached_to=(element.get("attachedToRef") or "").split(":")[-1] or None,
            interrupting=_is_true(element, "isInterrupting" if tag == "startEvent" else "cancelActivity", "true"),
            default=element.get("default"),
            script=_text(element, "script"),
            loop=_loop(element),
            called=element.get("calledElement", "").split(":")[-1] or None if tag == "callActivity" else None,
            triggered=self._is_triggered(element, tag, scope),
        )
        repeats = element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
        self.findings += attribute_findings(element, repeats, self.naming)
        if tag == "subProcess":
            self._scope(element, node_id, self.nodes[node_id].lane)

    def _is_triggered(self, element: Any, tag: str, scope: str) -> bool:
        around = self.nodes.get(scope)
        starts = tag == "startEvent" and around is not None and around.triggered
        return starts or (tag == "subProcess" and _is_true(element, "triggeredByEvent"))

    def _message(self, element: Any, definitions: list[Any]) -> str | None:
        """The message's name: references lead to a message of the file."""
        for carrier in (element, *definitions):
            if carrier.get("messageRef"):
                return self.messages.get(carrier.get("messageRef").split(":")[-1], "")
        return None

    def _code(self, definitions: list[Any]) -> str | None:
        """The signal's name, or the code of the error or escalation: empty where the reference leads to none."""
        for definition in definitions:
            for kind in CODED:
                if definition.get(f"{kind}Ref"):
                    return self.codes.get((kind, definition.get(f"{kind}Ref").split(":")[-1]), "")
        return None


def _codes(root: Any) -> dict[tuple[str, str], str]:
    """What signals, errors and escalations are known by, by kind and id."""
    return {
        (kind, element.get("id", "")): (element.get(f"{kind}Code") or element.get("name") or "").strip()
        for kind in CODED
        for element in root.findall(f"{{{BPMN}}}{kind}")
    }


def _lanes(process: Any) -> dict[str, Lane]:
    """The lane of each shape that lies in one; nested lanes come after the lane around them, so the innermost wins."""
    lanes: dict[str, Lane] = {}
    for element in process.iterfind(f".//{{{BPMN}}}lane"):
        lane = Lane(element.get("name") or "", properties_of(element))
        for reference in element.iterfind(f"{{{BPMN}}}flowNodeRef"):
            lanes[(reference.text or "").strip()] = lane
    return lanes


def _is_true(element: Any, attribute: str, default: str = "false") -> bool:
    return element.get(attribute, default).strip() in ("true", "1")


def _event(definitions: list[Any]) -> str:
    if not definitions:
        return "none"
    if len(definitions) > 1:
        return "multiple"
    kind = local(definitions[0]).removesuffix("EventDefinition")
    return kind if kind in EVENT_KINDS else local(definitions[0])


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
        again, most = _text(standard, "loopCondition"), (standard.get("loopMaximum") or "").strip() or None
        return Loop(True, True, None, None, None, None, None, again, most, _is_true(standard, "testBefore"))
    item = marks.find(f"{{{BPMN}}}inputDataItem")
    return Loop(
        standard=False,
        sequential=_is_true(marks, "isSequential"),
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


def forms_named(source: bytes) -> list[str]:
    """The forms that a drawing's elements name; none where it cannot be read."""
    try:
        elements = [e for e in read_xml(source).iter() if e.find(f"{{{BPMN}}}extensionElements") is not None]
    except InvalidDefinition:
        return []
    named = (properties_of(element).get("form") for element in elements if isinstance(element.tag, str))
    return list(dict.fromkeys(form_id for form_id in named if form_id))
