"""SpiffWorkflow as it comes, with its specification cached: what a step costs whoever builds on it plainly.

Its own parser, task tree, script engine and converters; states as orjson and zstd, without the specification.
"""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import zstandard
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter, WorkflowConverter
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.spiff.parse import read_xml
from webapp.procedures.bundles import shipped_diagram

LIFECYCLE = "task_lifecycle"
LISTENS_AGAIN = (
    "mark_not_reported_to_cycle_cutoff", "open_difficulty_to_difficulty_raised", "move_deadline_to_extension_requested",
)  # fmt: skip
"""Arrows by which the three listeners beside the way of a task begin anew."""
ANSWERS = "case", "accept", "execute", "assign_decision", "unit_review", "check", "self_check", "submitted"
"""What the conditions of the lifecycle ask."""
_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_DOTTED = re.compile(rf"\b({'|'.join(ANSWERS)})\.(\w+)")


def six_steps() -> Any:
    """The main way of the lifecycle, six steps of people and nothing beside them."""
    return read_xml(Path(__file__).with_name("six_steps.bpmn").read_bytes())


def lifecycle() -> Any:
    """The shipped lifecycle, as far as SpiffWorkflow takes it.

    Its prediction does not end where listeners side by side begin anew, so each listens once. An instance starts by
    itself; what expressions and services of ours do is left out, since the step that is measured asks none of them.
    """
    root = read_xml(shipped_diagram(LIFECYCLE))
    process = root.find(f"{_BPMN}process")
    for flow in process.iter(f"{_BPMN}sequenceFlow"):
        if flow.get("id") in LISTENS_AGAIN:
            _end(process, flow)
    start = process.find(f"{_BPMN}startEvent")
    start.remove(start.find(f"{_BPMN}messageEventDefinition"))
    for timer in process.iter(f"{_BPMN}timeDate"):
        timer.tag, timer.text = f"{_BPMN}timeDuration", '"P3D"'
    for task in process.iter(f"{_BPMN}serviceTask", f"{_BPMN}sendTask", f"{_BPMN}scriptTask"):
        task.tag = f"{_BPMN}task"
    for condition in process.iter(f"{_BPMN}conditionExpression"):
        condition.text = _DOTTED.sub(r"\1.get('\2')", condition.text)
    return root


def _end(process: Any, flow: Any) -> None:
    """Have an arrow lead to an end of its own."""
    for incoming in process.iter(f"{_BPMN}incoming"):
        if incoming.text == flow.get("id"):
            incoming.getparent().remove(incoming)
            break
    end = etree.SubElement(process, f"{_BPMN}endEvent", id=f"{flow.get('id')}_end")
    etree.SubElement(end, f"{_BPMN}incoming").text = flow.get("id")
    flow.set("targetRef", end.get("id"))


class Stock:
    """Starts, restores and saves instances of a drawing in which a task is accepted, then executed."""

    def __init__(self, root: Any) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(root)
        name = root.find(f"{_BPMN}process").get("id")
        self._registry = BpmnWorkflowSerializer.configure()
        self._converter = BpmnWorkflowConverter(BpmnWorkflow, self._registry)
        self._spec = self._as_restored(parser.get_spec(name))
        self._parts = {key: self._as_restored(part) for key, part in parser.get_subprocess_specs(name).items()}
        self._compressor, self._decompressor = zstandard.ZstdCompressor(level=3), zstandard.ZstdDecompressor()

    def _as_restored(self, spec: Any) -> Any:
        return self._registry.restore(self._registry.convert(spec))

    def accepted(self) -> bytes:
        """A case whose first step is done."""
        workflow = BpmnWorkflow(self._spec, self._parts)
        workflow.task_tree.data.update({name: {} for name in ANSWERS})
        workflow.do_engine_steps()
        return self._do(workflow, "accept", {"decision": "accept", "officer": "0" * 32})

    def execute(self, state: bytes) -> bytes:
        """Restore, do the second step, run to the next wait, save."""
        return self._do(self._load(state), "execute", {"outcome": "done"})

    def _do(self, workflow: Any, name: str, entered: dict[str, Any]) -> bytes:
        task = next(task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.name == name)
        task.data[name] = entered
        task.run()
        workflow.refresh_timers()
        workflow.do_engine_steps()
        return self._save(workflow)

    def _save(self, workflow: Any) -> bytes:
        saved = WorkflowConverter.to_dict(self._converter, workflow)
        return bytes(self._compressor.compress(orjson.dumps(saved)))

    def _load(self, state: bytes) -> Any:
        saved = orjson.loads(self._decompressor.decompress(state))
        workflow = BpmnWorkflow(self._spec, self._parts, deserializing=True)
        workflow.tasks = self._converter.mapping_from_dict(saved["tasks"], UUID, workflow=workflow)
        workflow.task_tree = workflow.tasks[UUID(saved["root"])]
        self._converter.set_default_attributes(workflow, saved)
        return workflow
