"""The only room that knows SpiffWorkflow: checks drawings, compiles them, and drives their instances."""

from engine.spiff.calls import called_in, process_id_in
from engine.spiff.check import check_bpmn
from engine.spiff.check_steps import UNIT
from engine.spiff.codec import CodecError, from_text, to_text
from engine.spiff.compile import compile_bpmn
from engine.spiff.definitions import (
    SIGNAL,
    Context,
    Definition,
    Element,
    NotWaiting,
    SentMessage,
    ServiceStep,
    StartEvent,
    Step,
    Waiting,
    WaitingMessage,
    WaitingTimer,
    Waits,
    WalkFailed,
)
from engine.spiff.drive import Walk
from engine.spiff.expressions import LAST_DOER, assign, hangs_on, is_in, remove, value_at
from engine.spiff.findings import Finding, InvalidDefinition
from engine.spiff.jump import CannotGoBack
from engine.spiff.load import load_definition
from engine.spiff.naming import Naming, capital
from engine.spiff.parse import MAX_BYTES, forms_named, properties_of, read_xml

__all__ = [
    "LAST_DOER",
    "MAX_BYTES",
    "SIGNAL",
    "UNIT",
    "CannotGoBack",
    "CodecError",
    "Context",
    "Definition",
    "Element",
    "Finding",
    "InvalidDefinition",
    "Naming",
    "NotWaiting",
    "SentMessage",
    "ServiceStep",
    "StartEvent",
    "Step",
    "Waiting",
    "WaitingMessage",
    "WaitingTimer",
    "Waits",
    "Walk",
    "WalkFailed",
    "assign",
    "called_in",
    "capital",
    "check_bpmn",
    "compile_bpmn",
    "forms_named",
    "from_text",
    "hangs_on",
    "is_in",
    "load_definition",
    "process_id_in",
    "properties_of",
    "read_xml",
    "remove",
    "to_text",
    "value_at",
]
