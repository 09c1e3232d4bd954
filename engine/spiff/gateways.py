"""Gateways, with the joining rules of BPMN 2.0.2, clause 13.4.

SpiffWorkflow reads off the tree who has arrived, and counts arrivals again on the next turn of a loop. Here each
arrival is a waiting task until it is consumed, so loops, and several tokens on one arrow, need no care.
"""

# mypy: disallow-subclassing-any=False

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.exclusive_gateway import ExclusiveGateway as ExclusiveMixin
from SpiffWorkflow.specs.MultiChoice import MultiChoice
from SpiffWorkflow.util.task import TaskState

from engine.spiff.check_flow import reached
from engine.spiff.definitions import WalkFailed
from engine.spiff.expressions import element_of
from engine.spiff.specs import Lean


class ExclusiveGateway(Lean, ExclusiveMixin, BpmnSpecMixin):
    """The first arrow whose condition holds, else the default."""

    def _grow(self, my_task: Any) -> None:
        """The run hook grows the one child that is chosen."""

    def _run_hook(self, my_task: Any) -> bool:
        chosen = next(_holding(self, my_task), self.default_task_spec)
        if chosen is None:
            raise _nowhere(self, my_task)
        my_task._add_child(self._wf_spec.task_specs[chosen])
        return True


def _holding(gateway: Any, my_task: Any) -> Iterator[str]:
    return (
        name for condition, name in gateway.cond_task_specs if condition is not None and condition._matches(my_task)
    )


def _nowhere(gateway: Any, my_task: Any) -> WalkFailed:
    name = gateway.bpmn_name or gateway.bpmn_id
    return WalkFailed(element_of(my_task), f"Ở cổng “{name}” không điều kiện nào đúng và không có nhánh mặc định.")


class _Joining(Lean):
    """A gateway that may have to wait for other tokens."""

    waits_for_others = True

    def _update_hook(self, my_task: Any) -> bool:
        others = [task for task in my_task.workflow.standing() if task.task_spec is self and task is not my_task]
        consumed = self._consumed(my_task, [task for task in others if task._state == TaskState.WAITING])
        if my_task._state != TaskState.WAITING:
            Lean._update_hook(self, my_task)
            my_task._set_state(TaskState.WAITING)
        for task in consumed or ():
            task.cancel()
        return consumed is not None

    def _consumed(self, my_task: Any, others: list[Any]) -> list[Any] | None:
        """The other arrivals that are used up when this one goes on, None when it has to wait."""
        raise NotImplementedError


def _input(task: Any) -> str:
    return str(task.parent.task_spec.name)


class ParallelGateway(_Joining, BpmnSpecMixin):
    """Waits for one token on every incoming arrow."""

    def _consumed(self, my_task: Any, others: list[Any]) -> list[Any] | None:
        missing: Counter[str] = Counter(self._inputs)
        missing[_input(my_task)] -= 1
        consumed = []
        for task in others:
            if missing[_input(task)] > 0:
                missing[_input(task)] -= 1
                consumed.append(task)
        return None if +missing else consumed


class InclusiveGateway(_Joining, MultiChoice, BpmnSpecMixin):
    """Waits while a token elsewhere could still reach an arrow that has none; leaves by every condition that holds.

    It looks once all else rests, whoever came first before the others: a token about to enter a step with events on its
    border is before all of them.
    """

    def test(self) -> None:
        MultiChoice.test(self)

    def _consumed(self, my_task: Any, others: list[Any]) -> list[Any] | None:
        if len(self._inputs) > 1 and any(task.goes_on for task in my_task.workflow.tasks.values()):
            return None
        arrived = {_input(my_task): my_task}
        for task in others:
            arrived.setdefault(_input(task), task)
        missing = set(self._inputs) - arrived.keys()
        for token in tokens(my_task.workflow, self) if missing else ():
            if self._leads_to(token, missing) and not self._leads_to(token, arrived):
                return None
        return [task for task in arrived.values() if task is not my_task]

    def _leads_to(self, token: str, inputs: Iterable[str]) -> bool:
        return any(token in self._ways_to(name) for name in inputs)

    def _ways_to(self, name: str) -> set[str]:
        """Every shape from which an arrow of this gateway can be reached without passing the gateway itself."""
        known: dict[str, set[str]] = self.__dict__.setdefault("_ways", {})
        if name not in known:
            shapes = self._wf_spec.task_specs
            known[name] = reached([name], lambda at: [before for before in shapes[at]._inputs if before != self.name])
        return known[name]

    def _grow(self, my_task: Any) -> None:
        """The run hook grows the children that are chosen."""

    def _run_hook(self, my_task: Any) -> bool:
        chosen = list(_holding(self, my_task))
        if not chosen:
            chosen = [name for condition, name in self.cond_task_specs if condition is None]
        if not chosen:
            raise _nowhere(self, my_task)
        for name in chosen:
            my_task._add_child(self._wf_spec.task_specs[name])
        return True


def tokens(workflow: Any, gateway: Any) -> list[str]:
    """Where tokens are in a process, but for those that already wait at the gateway."""
    return [
        task.task_spec.name
        for task in workflow.tasks.values()
        if not task.ended and not (task.task_spec is gateway and task._state == TaskState.WAITING)
    ]
