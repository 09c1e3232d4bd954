"""SpiffWorkflow's serializer, told how to write and restore our kinds of shapes."""

# mypy: disallow-subclassing-any=False

from typing import Any

from SpiffWorkflow.bpmn.serializer.default.process_spec import BpmnProcessSpecConverter
from SpiffWorkflow.bpmn.serializer.default.task_spec import (
    BoundaryEventConverter,
    BpmnStartTaskConverter,
    BpmnTaskSpecConverter,
    ConditionalGatewayConverter,
    EventConverter,
    ExclusiveGatewayConverter,
    MultiInstanceTaskConverter,
    ScriptTaskConverter,
    StandardLoopTaskConverter,
    SubWorkflowConverter,
)
from SpiffWorkflow.bpmn.serializer.helpers.registry import DefaultRegistry
from SpiffWorkflow.bpmn.serializer.helpers.spec import BpmnDataSpecificationConverter, EventDefinitionConverter
from SpiffWorkflow.bpmn.specs.data_spec import TaskDataReference

from engine.spiff import events, gateways, repeats, specs


class _TimerConverter(EventDefinitionConverter):
    def to_dict(self, event_definition: Any) -> dict[str, Any]:
        return {**super().to_dict(event_definition), "expression": event_definition.expression}


class _MessageConverter(EventDefinitionConverter):
    def to_dict(self, event_definition: Any) -> dict[str, Any]:
        return {**super().to_dict(event_definition), "payload": event_definition.payload}


class _CodedConverter(_MessageConverter):
    def to_dict(self, event_definition: Any) -> dict[str, Any]:
        return {**super().to_dict(event_definition), "code": event_definition.code}


class _CallConverter(SubWorkflowConverter):
    def to_dict(self, spec: Any) -> dict[str, Any]:
        return {**super().to_dict(spec), "given": spec.given, "returned": spec.returned}


CONVERTERS = {
    TaskDataReference: BpmnDataSpecificationConverter,
    events.TimerDefinition: _TimerConverter,
    events.MessageDefinition: _MessageConverter,
    events.SignalDefinition: _MessageConverter,
    events.ErrorDefinition: _CodedConverter,
    events.EscalationDefinition: _CodedConverter,
    events.TerminateDefinition: EventDefinitionConverter,
    specs.Process: BpmnProcessSpecConverter,
    specs.Start: BpmnStartTaskConverter,
    specs.End: BpmnTaskSpecConverter,
    specs.EndJoin: BpmnTaskSpecConverter,
    specs.UserTask: BpmnTaskSpecConverter,
    specs.ServiceTask: BpmnTaskSpecConverter,
    specs.ScriptTask: ScriptTaskConverter,
    specs.SubProcess: SubWorkflowConverter,
    specs.CallActivity: _CallConverter,
    repeats.ParallelInstances: MultiInstanceTaskConverter,
    repeats.SequentialInstances: MultiInstanceTaskConverter,
    repeats.StandardLoop: StandardLoopTaskConverter,
    gateways.ExclusiveGateway: ExclusiveGatewayConverter,
    gateways.InclusiveGateway: ConditionalGatewayConverter,
    gateways.ParallelGateway: BpmnTaskSpecConverter,
    events.EventGateway: BpmnTaskSpecConverter,
    events.StartEvent: EventConverter,
    events.EndEvent: EventConverter,
    events.Catching: EventConverter,
    events.ThrowEvent: EventConverter,
    events.BoundaryEvent: BoundaryEventConverter,
    events.EventStart: BoundaryEventConverter,
    events.BoundarySplit: BpmnTaskSpecConverter,
    events.BoundaryJoin: BpmnTaskSpecConverter,
}


def registry() -> Any:
    """A serializer for specifications; instances are written by `state`."""
    known = DefaultRegistry()
    for cls, converter in CONVERTERS.items():
        converter(cls, known)
    return known
