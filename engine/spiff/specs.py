"""The kinds of shapes that an instance can stand on.

SpiffWorkflow predicts every way ahead, exponentially in the number of parallel gateways in a row, and keeps what it
predicted in the instance's state. Here the tree grows only where a token goes: a task gets its children on completion.
"""

# mypy: disallow-subclassing-any=False

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask, SimpleBpmnTask, _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.script_task import ScriptTask as ScriptTaskMixin
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask as SubWorkflowMixin
from SpiffWorkflow.util.task import TaskState

from engine.spiff.expressions import assign
from engine.spiff.instances import keep_apart


class Lean(BpmnTaskSpec):
    """Grows its children when it completes."""

    waits_for_others = False
    stands_by = False
    """Waits beside its process for what may come, and does not keep it from ending."""
    gets_data = False
    """Has something entered from outside, kept under its id."""
    waits_as: Mapping[int, str] = MappingProxyType({})
    """By a task's state, under which name of `Waits` an instance that stands here waits."""

    def _predict(self, my_task: Any, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Nothing is predicted."""

    def _on_complete(self, my_task: Any) -> None:
        if self.gets_data and self.bpmn_id in my_task.workflow.variables:
            keep_apart(my_task, self.bpmn_id)
        self._grow(my_task)
        super()._on_complete(my_task)

    def _grow(self, my_task: Any) -> None:
        for spec in self.outputs:
            my_task._add_child(spec)


# ── the frame of a process ──


class Start(Lean, BpmnStartTask):
    """The root of the tree; only the start event that began the instance follows."""

    def _grow(self, my_task: Any) -> None:
        chosen = my_task.internal_data.get("start", self._wf_spec.begin)
        for spec in self.outputs:
            if spec.stands_by or chosen in (None, spec.name):
                my_task._add_child(spec)


def stand_by(tree: Any) -> None:
    """Let the event sub-processes of a process wait for their starts, where none of them does."""
    for spec in tree.spec.start.outputs:
        if spec.stands_by:
            spec._update(tree.task_tree._add_child(spec))


class End(Lean, SimpleBpmnTask):
    """Completing it completes the process."""


class EndJoin(Lean, _EndJoin):
    """Waits until no token is left anywhere else."""

    waits_for_others = True

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        others = (task for task in my_task.workflow.tasks.values() if not task.ended and task.task_spec is not self)
        return all(task.task_spec.stands_by and task._state == TaskState.WAITING for task in others)

    def _run_hook(self, my_task: Any) -> bool:
        for task in my_task.workflow.standing():
            if task.task_spec.stands_by:
                task.cancel()
        return True


class Process(BpmnProcessSpec):
    """A process or sub-process, with lean tasks for its frame."""

    def __init__(self, name: Any = None, description: Any = None, filename: Any = None, svg: Any = None) -> None:
        super().__init__(name, description, filename, svg)
        self.task_specs.clear()
        self.start = Start(self, "Start")
        self.end = EndJoin(self, f"{self.name}.EndJoin")
        self.end.connect(End(self, "End"))
        self.begin: str | None = None  # the start event by which calls begin


# ── activities ──


class UserTask(Lean, BpmnSpecMixin):
    """A person completes it."""

    gets_data = True
    waits_as = MappingProxyType({TaskState.READY: "user_tasks"})

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.manual = True


class ServiceTask(Lean, BpmnSpecMixin):
    """A job completes it: once run it stays STARTED."""

    gets_data = True
    waits_as = MappingProxyType({TaskState.STARTED: "services"})

    def _run_hook(self, my_task: Any) -> None:
        return None


class ScriptTask(Lean, ScriptTaskMixin, BpmnSpecMixin):
    """Lines of `name = expression`."""


class SubProcess(Lean, SubWorkflowMixin, BpmnSpecMixin):
    """An expanded sub-process: its own tree, the same data."""

    is_call = False

    def _update_hook(self, my_task: Any) -> bool:
        BpmnTaskSpec._update_hook(self, my_task)
        my_task._set_state(TaskState.STARTED)
        self.start_workflow(my_task)
        return False

    def start_workflow(self, my_task: Any) -> None:
        subprocess = my_task.workflow.top_workflow.create_subprocess(my_task, self.spec)
        subprocess.task_tree.data.update(my_task.data)

    def _on_cancel(self, my_task: Any) -> None:
        subprocess = my_task.workflow.top_workflow.subprocesses.pop(my_task.id, None)
        for task in subprocess.standing() if subprocess is not None else ():
            task.cancel()


class CallActivity(SubProcess):
    """Another process, with data of its own: only what `inputs` and `outputs` name goes in and out."""

    is_call = True

    def __init__(self, wf_spec: Any, bpmn_id: str, given: str = "", returned: str = "", **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.given = given  # `name = expression` entries, parted by `;`
        self.returned = returned

    def start_workflow(self, my_task: Any) -> None:
        values = my_task.workflow.script_engine.entries(my_task, self.given)
        subprocess = my_task.workflow.top_workflow.create_subprocess(my_task, self.spec)
        for name, value in values.items():
            assign(subprocess.variables, name, value)

    def _run_hook(self, my_task: Any) -> bool:
        """The called process is done: its outputs are kept under the id of the call."""
        subprocess = my_task.workflow.top_workflow.subprocesses[my_task.id]
        if self.returned:
            engine = my_task.workflow.script_engine
            entered: dict[str, Any] = {}
            for name, value in engine.entries(subprocess.task_tree, self.returned).items():
                assign(entered, name, value)
            my_task.tell(entered)
        return True
