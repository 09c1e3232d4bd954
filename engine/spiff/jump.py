"""Setting an instance back to an earlier step: a new token there, and none left on the way ahead of it."""

from collections.abc import Collection, Iterable
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.util.task import TaskState

from engine.spiff.check_flow import reached
from engine.spiff.definitions import Definition
from engine.spiff.drawing import Drawing
from engine.spiff.events import SPLIT, BoundaryEvent, EventGateway
from engine.spiff.expressions import element_of
from engine.spiff.fitting import Fitting, Token
from engine.spiff.gateways import ParallelGateway
from engine.spiff.specs import EndJoin, stand_by
from engine.spiff.tree import Task, Workflow

BEFORE = ". Hãy chọn bước trước chỗ tách nhánh."
INSTEAD = ": hãy chọn bước ở trước phần ấy, cả phần sẽ làm lại."


class CannotGoBack(Exception):  # noqa: N818  expected, not an error
    """A token at that step would never get on; the message says why, and what to do instead."""


def go_back(
    definition: Definition, drawing: Drawing, workflow: Workflow, element_id: str, turns: Collection[str] = ()
) -> frozenset[str]:
    """Put a token before a step and take away those on the way ahead of it; return the elements on that way.

    Tokens that no arrow leads to from there (parallel branches, what may happen at any time) stay. Sub-processes
    around the step go on where they run, else they are entered anew; of an event sub-process, which may run several
    times at once, that which is one of `turns`. Raises CannotGoBack.
    """
    path = _path_to(definition, element_id)
    again: set[str] = set()
    tree: Any = workflow
    for name, inner in zip(path, [*path[1:], None], strict=True):
        running = _running(tree, name, turns) if inner else None
        begin = [_entry(tree.spec, name)] if running is None else _ways_out(tree.spec, name)
        ahead = _ahead(tree.spec, begin)
        if running is None:
            _require_no_event(tree.spec, name)
            ahead |= _wait_again(tree)
        _take_away(tree, ahead, running)
        if running is None:
            _require_passed(tree, begin[0])
            _require_same_way(tree, drawing, name)
        _require_joins_fed(tree, ahead, begin if running is None else [])
        _require_all_joined(tree, drawing, drawing.nodes[name].scope, [Token(name)] if running is None else [])
        again |= _elements(definition, tree.spec, ahead - ({name} if inner else set()))
        entered = running or _enter(tree, name, inside=bool(inner))
        if inner:
            tree = workflow.subprocesses[entered.id]
    return frozenset(again)


# ── where the step lies ──


def _path_to(definition: Definition, element_id: str) -> list[str]:
    """The sub-processes around a step, outermost first, then the step. Raises CannotGoBack."""
    if ":" in element_id:
        raise CannotGoBack(f"Bước này nằm trong quy trình được gọi nên không quay lại riêng nó được{INSTEAD}")
    path = [element_id]
    spec = next((spec for spec in _specs(definition) if element_id in spec.task_specs), None)
    if spec is None:
        raise CannotGoBack("Quy trình của hồ sơ không có bước này.")
    while spec is not definition.spec:
        spec, caller = _around(definition, spec)
        path.insert(0, caller)
    return path


def _specs(definition: Definition) -> list[Any]:
    """Those of the process itself: what lies behind a call is another process."""
    own = (name for name, element in definition.elements.items() if element.kind == "subProcess" and ":" not in name)
    return [definition.spec, *(definition.subprocess_specs[name] for name in own)]


def _around(definition: Definition, inner: Any) -> tuple[Any, str]:
    """The process that holds a sub-process, and the shape it stands for. Raises CannotGoBack if it is repeated."""
    for spec in _specs(definition):
        for name, shape in spec.task_specs.items():
            stands_for = isinstance(shape, SubWorkflowTask) and definition.subprocess_specs.get(shape.spec) is inner
            if stands_for and name == shape.bpmn_id:
                return spec, str(name)
    raise CannotGoBack(f"Bước này nằm trong phần được làm nhiều lần nên không quay lại riêng nó được{INSTEAD}")


def _entry(spec: Any, name: str) -> str:
    return f"{name}{SPLIT}" if f"{name}{SPLIT}" in spec.task_specs else name


def _ways_out(spec: Any, name: str) -> list[str]:
    """What follows an activity, by its border too."""
    shapes = {name, _entry(spec, name)}
    return [following for shape in shapes for following in spec.task_specs[shape]._outputs if following not in shapes]


def _ahead(spec: Any, begin: Iterable[str], past: str | None = None) -> set[str]:
    """Every shape that can be reached; not beyond `past`."""
    return reached(begin, lambda name: spec.task_specs[name]._outputs if name != past else ())


def _elements(definition: Definition, spec: Any, names: set[str]) -> set[str]:
    """Ids on the drawing, with those inside of sub-processes."""
    found = set()
    for shape in (spec.task_specs[name] for name in names):
        found.add(str(shape.bpmn_id or shape.name))
        is_own = isinstance(shape, SubWorkflowTask) and not shape.is_call
        below = definition.subprocess_specs.get(shape.spec) if is_own else None
        if below is not None:
            found |= _elements(definition, below, set(below.task_specs))
    return found


# ── moving the tokens ──


def _running(tree: Any, caller: str, turns: Collection[str]) -> Task | None:
    """The running sub-process of that name; of an event sub-process that which is one of these turns."""
    of_name = (task for task in tree.standing() if task.task_spec.name == caller and task._state == TaskState.STARTED)
    return next((task for task in of_name if task.id in turns or not task.parent.task_spec.stands_by), None)


def _take_away(tree: Any, ahead: set[str], running: Task | None) -> None:
    for task in tree.standing()[1:]:
        if _place(task) in ahead and not task.ended and not _belongs_to(task, running):
            task.cancel()


def _place(task: Task) -> str:
    """Where a token is; one that waits for others is still on its arrow, and each of many instances at their shape."""
    if task.parent is not None and task._state == TaskState.WAITING and task.task_spec.waits_for_others:
        return _place(task.parent)
    return element_of(task) if "index" in task.internal_data else str(task.task_spec.name)


def _belongs_to(task: Task, running: Task | None) -> bool:
    """Whether it is the sub-process that goes on, or an event that waits on its border."""
    if running is None:
        return False
    waits_beside = isinstance(task.task_spec, BoundaryEvent) and task._state == TaskState.WAITING
    return task is running or (waits_beside and task._parent == running._parent)


def _enter(tree: Any, name: str, *, inside: bool) -> Task:
    """A new token; `inside`: at a sub-process, whose own first tokens are taken away again."""
    spec = tree.spec.task_specs[_entry(tree.spec, name)]
    token: Task = tree.task_tree._add_child(spec)
    spec._update(token)
    if not inside:
        return token
    if spec.name != name:
        token.run()
        token = next(task for task in token.children if task.task_spec.name == name)
    below: Any = token.workflow.top_workflow.subprocesses[token.id]
    below.task_tree._set_state(TaskState.COMPLETED)
    stand_by(below)
    return token


def _require_no_event(spec: Any, name: str) -> None:
    """Raises CannotGoBack at an event sub-process: only its event begins it."""
    if any(before.stands_by for before in spec.task_specs[name].inputs):
        raise CannotGoBack("Bước này nằm trong quy trình con theo sự kiện: nó chỉ chạy khi sự kiện ấy đến.")


def _wait_again(tree: Any) -> set[str]:
    """Where an event sub-process has interrupted all else, it is taken back: all of them wait again."""
    interrupted = {
        shape.task_spec.name
        for shape in tree.standing()
        if not shape.ended and any(_interrupts(before) for before in shape.task_spec.inputs)
    }
    if interrupted:
        stand_by(tree)
    return interrupted


def _interrupts(spec: Any) -> bool:
    return spec.stands_by and bool(spec.cancel_activity)


def _require_passed(tree: Any, entry: str) -> None:
    """No token that stays may still come by: then the instance stands before the step. Raises CannotGoBack."""
    if any(entry in _ahead(tree.spec, [_place(task)]) for task in tree.standing()[1:] if not task.ended):
        raise CannotGoBack("Hồ sơ đang ở trước bước này, hoặc đã quay lại trước nó: làm tiếp sẽ đến.")


def _require_same_way(tree: Any, drawing: Drawing, name: str) -> None:
    """No token that stays is on a way that is taken instead of the step's: both would go on. Raises CannotGoBack."""
    fitting, scope = Fitting(drawing), drawing.nodes[name].scope
    for token in _tokens(tree, drawing):
        if not fitting.may_stand_together(scope, Token(name), token):
            here = drawing.nodes[token.element_id].phrase
            raise CannotGoBack(f"Hồ sơ đang ở {here}, thuộc nhánh khác với nhánh của bước này{BEFORE}")


def _require_joins_fed(tree: Any, ahead: set[str], begin: list[str]) -> None:
    """Each parallel gateway ahead must still get a token by every one of its arrows. Raises CannotGoBack."""
    left = [task for task in tree.standing()[1:] if not task.ended]
    for join in (tree.spec.task_specs[name] for name in sorted(ahead)):
        if isinstance(join, ParallelGateway) and len(join._inputs) > 1:
            arrived = {_place(task) for task in left if task.task_spec is join}
            moving = [_place(task) for task in left if task.task_spec is not join]
            coming = _ahead(tree.spec, [*begin, *moving], past=join.name)
            if not set(join._inputs) <= coming | arrived:
                raise CannotGoBack(_never_joined(join.bpmn_name or join.name))


def _require_all_joined(tree: Any, drawing: Drawing, scope: str, entered: list[Token]) -> None:
    """Where an event came several times, gateways wait for as many branches. Raises CannotGoBack if one is missing."""
    stuck = Fitting(drawing).stuck(scope, [*entered, *_tokens(tree, drawing)])
    if stuck is not None and stuck.element is not None:
        join = drawing.nodes[stuck.element].title
        raise CannotGoBack(f"Nhiều lượt đang cùng đi đến “{join}”: quay lại bước này thì có lượt chờ mãi{BEFORE}")


def _tokens(tree: Any, drawing: Drawing) -> Collection[Token]:
    """Where the tokens are; what waits beside one for an event is none, nor is a branch that is over."""
    found: dict[str, Token] = {}
    for task in tree.standing()[1:]:
        here, before = _shape(task), _shape(task.parent)
        if task.ended or isinstance(task.task_spec, EndJoin) or _is_beside(task):
            continue
        if task.task_spec.waits_for_others and task._state == TaskState.WAITING:
            arrow = next(flow.id for flow in drawing.incoming(here) if flow.source == before)
            found[task.id] = Token(here, arrow)
        elif isinstance(task.parent.task_spec, EventGateway):
            found[task._parent] = Token(before)
        else:
            found[task.id] = Token(here)
    return found.values()


def _is_beside(task: Any) -> bool:
    waits_on_border = isinstance(task.task_spec, BoundaryEvent) and task._state == TaskState.WAITING
    by_event = task.task_spec.stands_by or task.parent.task_spec.stands_by
    return waits_on_border or by_event or "index" in task.internal_data


def _shape(task: Any) -> str:
    return str(task.task_spec.bpmn_id or task.task_spec.name)


def _never_joined(name: str) -> str:
    why = f"Bước này nằm ở một trong các nhánh song song đã gom lại tại “{name}”"
    return f"{why}: quay lại riêng nhánh ấy thì hồ sơ chờ mãi các nhánh kia{BEFORE}"
