"""SpiffWorkflow's parser, set to our kinds of shapes."""

# mypy: disallow-subclassing-any=False

from typing import Any

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

from engine.spiff import events, gateways, specs
from engine.spiff.parse import properties_of


class _Parser(TaskParser):
    """Order comes from the file, so that moving a shape on the page never changes what the process does."""

    PARALLEL_MI_CLASS = specs.ParallelInstances
    SEQUENTIAL_MI_CLASS = specs.SequentialInstances

    def get_position(self, node: Any = None) -> dict[str, float]:
        return {"x": 0.0, "y": 0.0}

    def _add_boundary_event(self, children: list[Any]) -> Any:
        split = events.BoundarySplit(self.spec, f"{self.bpmn_id}.BoundaryEventSplit", lane=self.task.lane)
        join = events.BoundaryJoin(self.spec, f"{self.bpmn_id}.BoundaryEventJoin", lane=self.task.lane)
        split.connect(self.task)
        self.task.connect(join)
        for event in children:
            split.connect(self.process_parser.parse_node(event))
        return split


class _EventParser(_Parser, EventDefinitionParser):
    """Timers and messages of our own."""

    def parse_timer_event(self, event: Any) -> events.TimerDefinition:
        for kind in ("timeDate", "timeDuration"):
            for node in event.iterfind(full_tag(kind)):
                return events.TimerDefinition("".join(node.itertext()).strip())
        raise ValueError("A timer without a date or duration.")

    def parse_message_event(self, message_event: Any) -> events.MessageDefinition:
        name = self.process_parser.parser.messages[message_event.get("messageRef")]
        return events.MessageDefinition(name, properties_of(self.node).get("payload"))

    def parse_terminate_event(self, event: Any) -> events.TerminateDefinition:
        return events.TerminateDefinition()

    def get_event_definition(self, xpaths: list[str]) -> Any:
        definition = super().get_event_definition(xpaths)
        ours = (events.TimerDefinition, events.MessageDefinition, events.TerminateDefinition)
        return definition if isinstance(definition, ours) else None


class _Activity(_Parser):
    pass


class _Script(_Parser, ScriptTaskParser):
    pass


class _SubProcess(_Parser, SubWorkflowParser):
    pass


class _Gateway(_Parser, GatewayParser):
    pass


class _ConditionalGateway(_Parser, ConditionalGatewayParser):
    """An arrow without a condition is the default one; that it is the only one was checked before."""

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
        return self._create_task(self.parse_message_event(self.node))


class _ProcessParser(ProcessParser):
    """One token per instance, on the start event that is chosen when the instance begins."""

    def create_spec(self) -> specs.Process:
        return specs.Process(name=self.bpmn_id, description=self.get_name(), filename=None)

    def add_tasks(self) -> None:
        for node in self.xpath("./bpmn:startEvent"):
            self.parse_node(node)


class Parser(BpmnParser):
    """Knows the shapes that we support, and no others."""

    PROCESS_PARSER_CLASS = _ProcessParser
    PARSER_CLASSES = {  # noqa: RUF012  overrides the library's
        full_tag("userTask"): (_Activity, specs.UserTask),
        full_tag("manualTask"): (_Activity, specs.UserTask),
        full_tag("scriptTask"): (_Script, specs.ScriptTask),
        full_tag("serviceTask"): (_Activity, specs.ServiceTask),
        full_tag("sendTask"): (_MessageTask, events.ThrowEvent),
        full_tag("receiveTask"): (_MessageTask, events.Catching),
        full_tag("subProcess"): (_SubProcess, specs.SubProcess),
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
