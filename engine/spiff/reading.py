"""SpiffWorkflow's parser, set to our kinds of shapes."""

# mypy: disallow-subclassing-any=False

from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import (
    BoundaryEventParser,
    EndEventParser,
    EventDefinitionParser,
    IntermediateCatchEventParser,
    IntermediateThrowEventParser,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    ConditionalGatewayParser,
    GatewayParser,
    ScriptTaskParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs.data_spec import TaskDataReference

from engine.spiff import events, gateways, repeats, specs
from engine.spiff.drawing import Drawing, Loop, Node
from engine.spiff.naming import BPMN


def skeleton(drawing: Drawing) -> Any:
    """The file that SpiffWorkflow gets to see: shapes and arrows, and nothing that we did not read ourselves."""
    root = etree.Element(f"{{{BPMN}}}definitions", nsmap={"bpmn": BPMN})
    process = _element(root, "process", id=drawing.process_id, name=drawing.name, isExecutable="true")
    _fill(process, drawing.process_id, drawing)
    return root


def _fill(parent: Any, scope: str, drawing: Drawing) -> None:
    for node in drawing.inside(scope):
        cancels = str(node.interrupting).lower()
        element = _element(
            parent, node.kind, id=node.id, name=node.title, attachedToRef=node.attached_to, cancelActivity=cancels,
            default=node.default,
        )  # fmt: skip
        if node.loop is not None:
            _element(element, "multiInstanceLoopCharacteristics")
        if node.kind == "subProcess":
            _fill(element, node.id, drawing)
        for flow in drawing.outgoing(node.id):
            _element(parent, "sequenceFlow", id=flow.id, sourceRef=flow.source, targetRef=flow.target)


def _element(parent: Any, tag: str, **attributes: str | None) -> Any:
    return etree.SubElement(parent, f"{{{BPMN}}}{tag}", {k: v for k, v in attributes.items() if v is not None})


class _Parser(TaskParser):
    """Takes everything but shapes and arrows from our own reading of the file."""

    @property
    def drawn(self) -> Node:
        """The shape as we read it."""
        node: Node = self.process_parser.parser.drawing.nodes[self.bpmn_id]
        return node

    def _add_multiinstance_task(self, loop_characteristics: Any) -> None:
        loop = self.drawn.loop
        assert loop is not None
        original: Any = self.spec.task_specs.pop(self.bpmn_id)
        self.task = (self._again if loop.standard else self._many)(loop)
        self._copy_task_attrs(original)

    def _again(self, loop: Loop) -> Any:
        most = int(loop.most) if loop.most else None
        return repeats.StandardLoop(
            self.spec, self.bpmn_id, "", most, loop.again, loop.test_before, bpmn_name=self.drawn.name
        )

    def _many(self, loop: Loop) -> Any:
        spec_class = repeats.SequentialInstances if loop.sequential else repeats.ParallelInstances
        return spec_class(
            self.spec, self.bpmn_id, "", cardinality=loop.cardinality, data_input=_reference(loop.collection),
            data_output=_reference(loop.output), input_item=_reference(loop.item), condition=loop.until,
            bpmn_name=self.drawn.name,
        )  # fmt: skip

    # Order comes from the file, so that moving a shape on the page never changes what the process does.
    def get_position(self, node: Any = None) -> dict[str, float]:
        return {"x": 0.0, "y": 0.0}

    def _add_boundary_event(self, children: list[Any]) -> Any:
        split = events.BoundarySplit(self.spec, f"{self.bpmn_id}{events.SPLIT}", lane=self.task.lane)
        join = events.BoundaryJoin(self.spec, f"{self.bpmn_id}{events.JOIN}", lane=self.task.lane)
        split.connect(self.task)
        self.task.connect(join)
        for event in children:
            split.connect(self.process_parser.parse_node(event))
        return split


def _reference(name: str | None) -> TaskDataReference | None:
    return TaskDataReference(name) if name else None


_CODED = {"error": events.ErrorDefinition, "escalation": events.EscalationDefinition}


class _EventParser(_Parser, EventDefinitionParser):
    """Timers, messages and ends of our own kind."""

    def get_event_definition(self, xpaths: list[str]) -> Any:
        return _definition(self.drawn)


def _definition(drawn: Node) -> Any:
    payload = drawn.properties.get("payload")
    if drawn.message:
        return events.MessageDefinition(drawn.message, payload)
    if drawn.timer is not None:
        return events.TimerDefinition(drawn.timer[1])
    if drawn.event == "signal":
        return events.SignalDefinition(drawn.code or "", payload)
    if drawn.event in _CODED:
        return _CODED[drawn.event](drawn.code, payload)
    return events.TerminateDefinition() if drawn.event == "terminate" else None


class _Activity(_Parser):
    pass


class _Script(_Parser, ScriptTaskParser):
    def get_script(self) -> str:
        return self.drawn.script or ""


class _SubProcess(_Parser, SubWorkflowParser):
    pass


class _Call(_Parser):
    """What it runs is put in when the definition is loaded."""

    def create_task(self) -> Any:
        own = self.drawn.properties
        return specs.CallActivity(
            self.spec, self.bpmn_id, own.get("inputs", ""), own.get("outputs", ""), subworkflow_spec=self.bpmn_id,
            **self.bpmn_attributes,
        )  # fmt: skip


class _Gateway(_Parser, GatewayParser):
    pass


class _ConditionalGateway(_Parser, ConditionalGatewayParser):
    """An arrow without a condition is the default one; that it is the only one was checked before."""

    def parse_condition(self, sequence_flow: Any) -> str | None:
        condition: str | None = self.process_parser.parser.drawing.flows[sequence_flow.get("id")].condition
        return condition

    def connect_outgoing(self, outgoing_task: Any, sequence_flow_node: Any, is_default: bool) -> None:
        unconditional = self.parse_condition(sequence_flow_node) is None
        super().connect_outgoing(outgoing_task, sequence_flow_node, is_default or unconditional)


class _Start(_EventParser, StartEventParser):
    pass


class _End(_EventParser, EndEventParser):
    pass


class _Boundary(_EventParser, BoundaryEventParser):
    pass


class _Catch(_EventParser, IntermediateCatchEventParser):
    pass


class _Throw(_EventParser, IntermediateThrowEventParser):
    pass


class _MessageTask(_EventParser):
    """Send and receive tasks name their message themselves."""

    def create_task(self) -> Any:
        return self._create_task(self.get_event_definition([]))


class _ProcessParser(ProcessParser):
    """One token per instance, on the start event that is chosen when the instance begins."""

    def create_spec(self) -> specs.Process:
        return specs.Process(name=self.bpmn_id, description=self.get_name(), filename=None)

    def add_tasks(self) -> None:
        for start in self.parser.drawing.event_starts(self.bpmn_id):
            self._stand_by(start)
        for node in self.xpath("./bpmn:startEvent"):
            self.parse_node(node)

    def _stand_by(self, start: Node) -> None:
        """An event sub-process: its start waits beside the process, the rest is a sub-process behind it."""
        event = events.EventStart(self.spec, start.id, _definition(start), start.interrupting, bpmn_name=start.name)
        subprocess = self.parse_node(self.get_node_by_id(start.scope))
        self.spec.start.connect(event)
        event.connect(subprocess)
        subprocess.connect(self.spec.end)


class Parser(BpmnParser):
    """Knows the shapes that we support, and no others."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__()
        self.drawing = drawing
        self.add_bpmn_xml(skeleton(drawing))

    PROCESS_PARSER_CLASS = _ProcessParser
    PARSER_CLASSES = {  # noqa: RUF012  overrides the library's
        full_tag("userTask"): (_Activity, specs.UserTask),
        full_tag("manualTask"): (_Activity, specs.UserTask),
        full_tag("scriptTask"): (_Script, specs.ScriptTask),
        full_tag("serviceTask"): (_Activity, specs.ServiceTask),
        full_tag("sendTask"): (_MessageTask, events.ThrowEvent),
        full_tag("receiveTask"): (_MessageTask, events.Catching),
        full_tag("subProcess"): (_SubProcess, specs.SubProcess),
        full_tag("callActivity"): (_Call, specs.CallActivity),
        full_tag("startEvent"): (_Start, events.StartEvent),
        full_tag("endEvent"): (_End, events.EndEvent),
        full_tag("intermediateCatchEvent"): (_Catch, events.Catching),
        full_tag("intermediateThrowEvent"): (_Throw, events.ThrowEvent),
        full_tag("boundaryEvent"): (_Boundary, events.BoundaryEvent),
        full_tag("exclusiveGateway"): (_ConditionalGateway, gateways.ExclusiveGateway),
        full_tag("inclusiveGateway"): (_ConditionalGateway, gateways.InclusiveGateway),
        full_tag("parallelGateway"): (_Gateway, gateways.ParallelGateway),
        full_tag("eventBasedGateway"): (_Gateway, events.EventGateway),
    }
