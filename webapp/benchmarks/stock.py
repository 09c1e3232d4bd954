"""SpiffWorkflow as it comes, with its specification cached: what a step costs whoever builds on it plainly.

Its own parser, task tree, script engine and converters; states as orjson and zstd, without the specification. The
drawing is the main way of the lifecycle, six steps of people: SpiffWorkflow's prediction does not end on all of it.
"""

from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import zstandard
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter, WorkflowConverter
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

DRAWING = Path(__file__).with_name("six_steps.bpmn")


class Stock:
    """Starts, restores and saves instances of the six steps."""

    def __init__(self) -> None:
        parser = BpmnParser()
        parser.add_bpmn_file(str(DRAWING))
        self._registry = BpmnWorkflowSerializer.configure()
        self._converter = BpmnWorkflowConverter(BpmnWorkflow, self._registry)
        self._spec = self._registry.restore(self._registry.convert(parser.get_spec("six_steps")))
        self._compressor, self._decompressor = zstandard.ZstdCompressor(level=3), zstandard.ZstdDecompressor()

    def accepted(self) -> bytes:
        """A case whose first step is done."""
        workflow = BpmnWorkflow(self._spec)
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
        workflow = BpmnWorkflow(self._spec, deserializing=True)
        workflow.tasks = self._converter.mapping_from_dict(saved["tasks"], UUID, workflow=workflow)
        workflow.task_tree = workflow.tasks[UUID(saved["root"])]
        self._converter.set_default_attributes(workflow, saved)
        return workflow
