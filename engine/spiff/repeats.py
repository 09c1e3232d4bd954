"""Activities that are done many times: for each of several, or again while a condition holds."""

# mypy: disallow-subclassing-any=False

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask, StandardLoopTask
from SpiffWorkflow.util.task import TaskState

from engine.spiff.definitions import WalkFailed
from engine.spiff.expressions import element_of, value_at
from engine.spiff.specs import Lean, SubProcess
from forms.expressions import evaluate
from forms.values import is_number

MOST_INSTANCES = 100
"""Of one multi-instance step: wide fan-out is many process instances, never one with many children."""
COUNTER = "loopCounter"
"""What BPMN calls the number of turns that a loop has done."""
COUNTS = ("numberOfInstances", "numberOfActiveInstances", "numberOfCompletedInstances", "numberOfTerminatedInstances")
IN_LOOPS = frozenset({COUNTER, *COUNTS, "count"})
"""What conditions of repeated activities may use beside the data; `count(field, value)` is a function."""


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
        item = {self.input_item.bpmn_id: my_task.internal_data["items"][index]} if self.input_item is not None else {}
        _begin(my_task, self._wf_spec.task_specs[self.task_spec], item)

    def merge_child(self, workflow: Any, child: Any) -> None:
        """An instance is done: begin the next, or go on when all are."""
        my_task = child.parent
        state = my_task.internal_data
        state["done"] += 1
        within = self._said_within(child)
        state["results"][child.internal_data["index"]] = within or child.internal_data.get("entered")
        if state["done"] == len(state["items"]) or self._enough(my_task, within):
            for other in my_task.children:
                other.cancel()
            self._gather(my_task)
            my_task._set_state(TaskState.READY)
        elif self.sequential:
            self._begin_next(my_task)

    def _said_within(self, child: Any) -> dict[str, Any]:
        """What was said in an instance of a sub-process, by name; a called process says what its outputs are."""
        if not isinstance(child.task_spec, SubProcess) or child.task_spec.is_call:
            return {}
        item = self.input_item.bpmn_id if self.input_item is not None else None
        return {name: value for name, value in child.data.items() if name != item and name not in child.parent.data}

    def _enough(self, my_task: Any, within: dict[str, Any]) -> bool:
        """Asked as the instance sees it that is just done."""
        if self.condition is None:
            return False
        results, begun, done = (my_task.internal_data[name] for name in ("results", "begun", "done"))
        names = {**within, **dict(zip(COUNTS, (len(results), begun - done, done, 0), strict=True))}

        def count(field: str, value: object) -> int:
            """How many of those that are done have entered a value in a field; in a sub-process, of `step.field`."""
            entered = [result for result in results if result is not None]
            return sum(bool(evaluate("a == b", {"a": value_at(result, str(field)), "b": value})) for result in entered)

        engine = my_task.workflow.script_engine
        return bool(engine.evaluate(my_task, self.condition, names, {"count": count}))

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


class StandardLoop(Lean, StandardLoopTask, BpmnSpecMixin):
    """Does its activity again while the condition holds, asked before or after each turn."""

    def _update_hook(self, my_task: Any) -> bool:
        BpmnTaskSpec._update_hook(self, my_task)
        my_task.internal_data.update(begun=0, done=0)
        if self.test_before and not self._again(my_task):
            return self._leave(my_task)
        my_task._set_state(TaskState.STARTED)
        self._begin_next(my_task)
        return False

    def _begin_next(self, my_task: Any) -> None:
        _begin(my_task, self._wf_spec.task_specs[self.task_spec], {COUNTER: my_task.internal_data["done"]})

    def merge_child(self, workflow: Any, child: Any) -> None:
        """A turn is done: begin the next, or go on."""
        my_task = child.parent
        my_task.internal_data["done"] += 1
        if self._again(my_task):
            self._begin_next(my_task)
        else:
            self._leave(my_task)
            my_task._set_state(TaskState.READY)

    def _again(self, my_task: Any) -> bool:
        done = my_task.internal_data["done"]
        if self.maximum is not None and done >= self.maximum:
            return False
        engine = my_task.workflow.script_engine
        return self.condition is None or bool(engine.evaluate(my_task, self.condition, {COUNTER: done}))

    def _leave(self, my_task: Any) -> bool:
        my_task.internal_data = {}
        return True


def turns_around(task: Any) -> list[str]:
    """Each turn of a repeated activity, or of an event sub-process, that a task lies in or is; the outermost first."""
    turns, current = [], task
    while True:
        if "index" in current.internal_data:
            many = isinstance(current.parent.task_spec, MultiInstance)
            turns.append(f"{element_of(current)}/{current.parent.id if many else current.id}/{current.id}")
        elif current.parent is not None and current.parent.task_spec.stands_by:
            turns.append(f"{element_of(current)}/{current.id}/{current.id}")
        if current.workflow.parent_task_id is None:
            return turns[::-1]
        current = current.workflow.caller


def _begin(my_task: Any, spec: Any, local: dict[str, Any]) -> None:
    """One more instance; what is local to it, it alone sees."""
    index = my_task.internal_data["begun"]
    my_task.internal_data["begun"] = index + 1
    child = my_task._add_child(spec)
    child.internal_data["index"] = index
    child.data.update(my_task.data, **local)
    child.task_spec._update(child)
