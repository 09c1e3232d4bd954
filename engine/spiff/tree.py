"""SpiffWorkflow's tasks and workflows, made lean and freed of the wall clock."""

# mypy: disallow-subclassing-any=False

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState

from engine.ids import uuid7
from engine.spiff.expressions import ScriptEngine

ENDED = TaskState.COMPLETED | TaskState.CANCELLED | TaskState.ERROR
MOST_ANCESTORS = 300


class Task(SpiffTask):
    """A place in the tree where a token is or was."""

    def __init__(
        self, workflow: Any, task_spec: Any, parent: Any = None, state: int = TaskState.FUTURE, id: UUID | None = None
    ) -> None:
        super().__init__(workflow, task_spec, parent, state=state, id=id or uuid7())

    @property
    def ended(self) -> bool:
        """Whether the token has left, or was taken away."""
        return bool(self._state & ENDED)

    def _add_child(self, task_spec: Any, state: int = TaskState.FUTURE) -> "Task":
        return Task(self.workflow, task_spec, self, state=state)

    def cancel(self) -> None:
        """Take the token away, with those of the instances below it; pruning forgets them."""
        if self.ended:
            return
        self._set_state(TaskState.CANCELLED)
        for child in self.children:
            child.cancel()
        self.task_spec._on_cancel(self)

    def _set_state(self, value: int) -> None:
        """Without SpiffWorkflow's log records, which cost more than the step itself."""
        self._state = value


class _Tree:
    """What a workflow and a sub-process have in common."""

    tasks: dict[UUID, Task]
    task_tree: Task
    completed: bool

    def plant(self, spec: Any) -> None:
        """Put the first token on the start."""
        self.task_tree = Task(self, spec.start)
        self.task_tree._ready()

    def standing(self) -> list[Task]:
        """Every task, in the order in which they came to be: parents before their children.

        SpiffWorkflow's own iterator stops silently at depth 1000.
        """
        return list(self.tasks.values())

    def update_waiting_tasks(self) -> None:
        """Let the gateways that wait for others look again; nothing else changes by itself."""
        for task in self.standing():
            if task._state == TaskState.WAITING and task.task_spec.waits_for_others:
                task.task_spec._update(task)

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        return {}


class Workflow(_Tree, BpmnWorkflow):
    """A process instance."""

    def __init__(self, spec: Any, subprocess_specs: Any, engine: ScriptEngine) -> None:
        super().__init__(spec, subprocess_specs, script_engine=engine, deserializing=True)

    def create_subprocess(self, my_task: Any, spec_name: str) -> "SubWorkflow":
        """Begin the sub-process of a task."""
        subprocess = SubWorkflow(self.subprocess_specs[spec_name], my_task.id, self)
        subprocess.plant(subprocess.spec)
        self.subprocesses[my_task.id] = subprocess
        return subprocess

    def living(self) -> Iterator[Any]:
        """This workflow and its running sub-processes, each after the one that called it."""
        yield self
        alive = [self.tasks]
        for caller_id, subprocess in list(self.subprocesses.items()):
            caller = next((tasks[caller_id] for tasks in alive if caller_id in tasks), None)
            if caller is not None and not caller.ended:
                alive.append(subprocess.tasks)
                yield subprocess


class SubWorkflow(_Tree, BpmnSubWorkflow):
    """A running sub-process."""

    def __init__(self, spec: Any, parent_task_id: UUID, top_workflow: Workflow) -> None:
        super().__init__(spec, parent_task_id, top_workflow, deserializing=True)

    @property
    def caller(self) -> Task:
        """The task that this sub-process carries out."""
        task: Task = self.top_workflow.get_task_from_id(self.parent_task_id)
        return task

    def _mark_complete(self, task: Any) -> None:
        """Hand control back to the caller, which is run next."""
        self.completed = True
        if not self.caller.ended:
            self.caller._set_state(TaskState.READY)


def ancestors(task: Task) -> int:
    """How deep a task lies, counted through the sub-processes around it."""
    depth, current = 0, task
    while True:
        parent = current.parent
        if parent is None:
            if current.workflow.parent_task_id is None:
                return depth
            parent = current.workflow.caller
        depth, current = depth + 1, parent
