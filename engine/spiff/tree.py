"""SpiffWorkflow's tasks and workflows, made lean and freed of the wall clock."""

# mypy: disallow-subclassing-any=False

from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState

from engine.ids import uuid7
from engine.spiff.expressions import ScriptEngine

ENDED = TaskState.COMPLETED | TaskState.CANCELLED | TaskState.ERROR
MOST_ANCESTORS = 300


class Task(SpiffTask):
    """A place in the tree where a token is or was.

    Its id is a UUID as text: as the saved state has it, and as quick to compare.
    """

    def __init__(
        self, workflow: Any, task_spec: Any, parent: Any = None, state: int = TaskState.FUTURE, id: str = ""
    ) -> None:
        super().__init__(workflow, task_spec, parent, state=state, id=id or str(uuid7()))

    @property
    def ended(self) -> bool:
        """Whether the token has left, or was taken away."""
        return bool(self._state & ENDED)

    @property
    def goes_on(self) -> bool:
        """Whether the token does so by itself, at once."""
        return self._state == TaskState.FUTURE or (self._state == TaskState.READY and not self.task_spec.manual)

    def keep(self, values: Mapping[str, Any]) -> None:
        """Put what was entered here, or came here, into the data of the process, under the shape's id."""
        self.workflow.variables[self.task_spec.bpmn_id] = dict(values)
        if "index" in self.internal_data:
            self.internal_data["entered"] = dict(values)

    def tell(self, values: Mapping[str, Any]) -> None:
        """What the process itself told this event; nothing from outside says so."""
        self.workflow.script_engine.assign(self, {self.task_spec.bpmn_id: dict(values)})
        self.keep(values)

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

    tasks: dict[str, Task]
    task_tree: Task
    completed: bool
    prefix: str
    """What stands before the ids of the shapes, to tell those of called processes apart: `call:` for each call."""

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
        self.prefix = ""

    @property
    def variables(self) -> dict[str, Any]:
        """What expressions see: the instance's data."""
        data: dict[str, Any] = self.script_engine.data
        return data

    def create_subprocess(self, my_task: Any, spec_name: str) -> "SubWorkflow":
        """Begin the sub-process, or the called process, of a task."""
        subprocess = self.restore_subprocess(my_task, {})
        subprocess.plant(subprocess.spec)
        return subprocess

    def restore_subprocess(self, caller: Any, variables: dict[str, Any]) -> "SubWorkflow":
        """The frame of a sub-process; the variables are a called process's own."""
        spec = self.subprocess_specs[caller.workflow.prefix + caller.task_spec.spec]
        self.subprocesses[caller.id] = subprocess = SubWorkflow(spec, caller, self, variables)
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
    """A running sub-process or called process."""

    def __init__(self, spec: Any, caller: Any, top_workflow: Workflow, variables: dict[str, Any]) -> None:
        super().__init__(spec, caller.id, top_workflow, deserializing=True)
        around = caller.workflow
        self.is_call: bool = caller.task_spec.is_call
        self.prefix = f"{around.prefix}{caller.task_spec.bpmn_id}:" if self.is_call else around.prefix
        # A sub-process shares what expressions see with the process around it; a called process has its own.
        self.variables: dict[str, Any] = variables if self.is_call else around.variables

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
