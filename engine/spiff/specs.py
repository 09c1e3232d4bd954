"""The kinds of shapes that an instance can stand on.

SpiffWorkflow predicts every way ahead, exponentially in the number of parallel gateways in a row, and keeps what it
predicted in the instance's state. Here the tree grows only where a token goes: a task gets its children on completion.
"""

# mypy: disallow-subclassing-any=False

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask, SimpleBpmnTask, _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask
from SpiffWorkflow.bpmn.specs.mixins.script_task import ScriptTask as ScriptTaskMixin
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask as SubWorkflowMixin
from SpiffWorkflow.util.task import TaskState

from engine.spiff.definitions import WalkFailed
from engine.spiff.expressions import element_of
from forms.values import is_number

MOST_INSTANCES = 100
"""Of one multi-instance step: wide fan-out is many process instances, never one with many children."""


class Lean(BpmnTaskSpec):
    """Grows its children when it completes."""

    waits_for_others = False

    def _predict(self, my_task: Any, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Nothing is predicted."""

    def _on_complete(self, my_task: Any) -> None:
        self._grow(my_task)
        super()._on_complete(my_task)

    def _grow(self, my_task: Any) -> None:
        for spec in self.outputs:
            my_task._add_child(spec)


# ── the frame of a process ──


class Start(Lean, BpmnStartTask):
    """The root of the tree; only the start event that began the instance follows."""

    def _grow(self, my_task: Any) -> None:
        chosen = my_task.internal_data.get("start")
        for spec in self.outputs:
            if chosen in (None, spec.name):
                my_task._add_child(spec)


class End(Lean, SimpleBpmnTask):
    """Completing it completes the process."""


class EndJoin(Lean, _EndJoin):
    """Waits until no token is left anywhere else."""

    waits_for_others = True

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        return all(task.ended or task.task_spec is self for task in my_task.workflow.tasks.values())

    def _run_hook(self, my_task: Any) -> bool:
        return True


class Process(BpmnProcessSpec):
    """A process or sub-process, with lean tasks for its frame."""

    def __init__(self, name: Any = None, description: Any = None, filename: Any = None, svg: Any = None) -> None:
        super().__init__(name, description, filename, svg)
        self.task_specs.clear()
        self.start = Start(self, "Start")
        self.end = EndJoin(self, f"{self.name}.EndJoin")
        self.end.connect(End(self, "End"))


# ── activities ──


class UserTask(Lean, BpmnSpecMixin):
    """A person completes it."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.manual = True


class ServiceTask(Lean, BpmnSpecMixin):
    """A job completes it: once run it stays STARTED."""

    def _run_hook(self, my_task: Any) -> None:
        return None


class ScriptTask(Lean, ScriptTaskMixin, BpmnSpecMixin):
    """Lines of `name = expression`."""


class SubProcess(Lean, SubWorkflowMixin, BpmnSpecMixin):
    """An expanded sub-process: its own tree, the same data."""

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


# ── one activity, many times ──


class MultiInstance(Lean, MultiInstanceTask, BpmnSpecMixin):
    """Counts its instances in its own state, so that finished ones can be pruned.

    The item is local to its instance. What they enter is gathered under the output's name, in the items' order.
    """

    def _update_hook(self, my_task: Any) -> bool:
        BpmnTaskSpec._update_hook(self, my_task)
        items = self._items(my_task)
        my_task.internal_data.update(items=items, begun=0, done=0, results=[None] * len(items))
        if not items:
            self._gather(my_task)
            return True
        my_task._set_state(TaskState.STARTED)
        for _ in items[:1] if self.sequential else items:
            self._begin_next(my_task)
        return False

    def _items(self, my_task: Any) -> list[Any]:
        items = self._collection(my_task) if self.data_input is not None else self._indices(my_task)
        if not isinstance(items, list):
            what = f"Bước lặp “{self.bpmn_name or self.bpmn_id}” không nhận được danh sách hay số lần"
            raise WalkFailed(element_of(my_task), f"{what}: xem lại biểu thức của phần lặp.")
        if len(items) > MOST_INSTANCES:
            raise WalkFailed(element_of(my_task), f"Bước lặp nhiều hơn {MOST_INSTANCES} lần: tách thành nhiều hồ sơ.")
        return items

    def _collection(self, my_task: Any) -> object:
        return my_task.workflow.script_engine.evaluate(my_task, self.data_input.bpmn_id)

    def _indices(self, my_task: Any) -> object:
        count = my_task.workflow.script_engine.evaluate(my_task, self.cardinality)
        whole = is_number(count) and count >= 0 and count == int(count)  # Forms hand whole numbers over as floats.
        return list(range(min(int(count), MOST_INSTANCES + 1))) if whole else None

    def _begin_next(self, my_task: Any) -> None:
        index = my_task.internal_data["begun"]
        my_task.internal_data["begun"] = index + 1
        child = my_task._add_child(self._wf_spec.task_specs[self.task_spec])
        child.internal_data["index"] = index
        child.data.update(my_task.data)
        if self.input_item is not None:
            child.data[self.input_item.bpmn_id] = my_task.internal_data["items"][index]
        child.task_spec._update(child)

    def merge_child(self, workflow: Any, child: Any) -> None:
        """An instance is done: begin the next, or go on when all are."""
        my_task = child.parent
        state = my_task.internal_data
        state["done"] += 1
        state["results"][child.internal_data["index"]] = child.internal_data.get("entered")
        if state["done"] == len(state["items"]) or self._enough(my_task):
            for other in my_task.children:
                other.cancel()
            self._gather(my_task)
            my_task._set_state(TaskState.READY)
        elif self.sequential:
            self._begin_next(my_task)

    def _enough(self, my_task: Any) -> bool:
        return self.condition is not None and bool(my_task.workflow.script_engine.evaluate(my_task, self.condition))

    def _gather(self, my_task: Any) -> None:
        if self.data_output is not None:
            results = [result for result in my_task.internal_data["results"] if result is not None]
            my_task.workflow.script_engine.assign(my_task, {self.data_output.bpmn_id: results})
        my_task.internal_data = {}


class ParallelInstances(MultiInstance):
    """All instances at once."""

    sequential = False


class SequentialInstances(MultiInstance):
    """One instance after the other."""

    sequential = True
