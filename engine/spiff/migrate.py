"""Carrying the tokens of a saved case into another version of its drawing.

SpiffWorkflow's own migration resets what waits. Here each token keeps its id, its state and what is local to it, and is
put under the shape of the new version that takes its place; so whatever hangs on the id (a claim, a draft, a due time,
a job under way) goes on. What is over is not carried: a case that waits needs of its past only the data.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.util.task import TaskState

from engine.errors import ServiceUnderway, StructureDiffers
from engine.spiff import events, gateways, specs
from engine.spiff.check_flow import reached
from engine.spiff.clock import due_at
from engine.spiff.definitions import Context
from engine.spiff.drawing import Drawing, Flow
from engine.spiff.drive import Walk
from engine.spiff.expressions import element_of
from engine.spiff.fitting import Fitting, Token
from engine.spiff.naming import capital
from engine.spiff.places import Place, can_be_let_go, check_place, places_of
from engine.spiff.tree import Task, Workflow
from engine.spiff.versions import Version, inside, kept_calls, proposed


class Passage:
    """The way from one version to another; one serves any number of cases."""

    def __init__(self, old: Version, new: Version, mapping: Mapping[str, str], new_fields: frozenset[str]) -> None:
        """`new_fields` are process variables (`step.field`) that the old version's forms did not have."""
        self.old, self.new = old, new
        self.mapping = dict(mapping)
        self.new_fields = new_fields
        self.places: dict[str, Place] = places_of(old.drawing)
        self.fitting = Fitting(new.drawing)
        self.calls = {call: self._behind(call, *both) for call, both in kept_calls(old, new, mapping).items()}

    def _behind(self, call: str, old: Version, new: Version) -> "Passage":
        """The way of the process that is called there; what the mapping does not say of it goes by itself."""
        prefix = f"{self.mapping[call]}:"
        fields = {name.removeprefix(prefix) for name in self.new_fields if name.startswith(prefix)}
        return Passage(old, new, proposed(old, new) | inside(call, self.mapping), frozenset(fields))

    @property
    def renamed(self) -> dict[str, str]:
        """The places that have another id in the new version."""
        return {old: new for old, new in self.mapping.items() if old != new}

    def renamed_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What the data hold under ids that the new version calls otherwise, by those."""
        return {new: data[old] for old, new in self.renamed.items() if old in data and new not in data}

    def name_of(self, element_id: str) -> str:
        """What a place of the old version is called."""
        return self.old.definition.elements[element_id].name or element_id

    def carry(self, walk: Walk) -> "Carried":
        """The case in the new version, nothing there begun yet. Raises CannotMigrate."""
        carried = Carried(self, walk)
        carried.carry()
        carried.check()
        return carried


@dataclass
class _Tree:
    """One process or sub-process that is being carried."""

    old: Any
    new: Any
    spec: Any
    root: Task
    passage: Passage  # of its process
    tokens: list[Token] = field(default_factory=list)
    gateways: dict[str, Task] = field(default_factory=dict)  # by the old one's id
    interrupted: bool = False  # an event sub-process runs instead of all else


class Carried:
    """One case on its way: its walk in the new version, and what is different there."""

    def __init__(self, passage: Passage, walk: Walk) -> None:
        self.passage = passage
        self._old, self._engine = walk.parts
        new = passage.new.definition
        self._workflow = Workflow(new.spec, new.subprocess_specs, self._engine)
        self.walk = Walk(new, self._workflow, self._engine)
        self.let_go: list[str] = []  # waits of the old version that the new one lacks
        self.begun: list[Task] = []  # events that only the new version has
        self._placed: dict[str, Task] = {}
        self._trees: dict[Any, _Tree] = {}  # by the old workflow, which knows no equals
        self._split: dict[str, Task] = {}  # by the activity's id and its task's

    # ── trees ──

    def carry(self) -> None:
        """Put every token where it belongs. Raises CannotMigrate."""
        for tree in self._old.living():
            if tree is self._old:
                self._carry_tree(tree, self._workflow, self.passage.new.definition.spec, self.passage)
            elif tree.parent_task_id in self._placed:
                self._carry_subprocess(tree)
        self._rename_data()

    def check(self) -> None:
        """Whether the case can go on from there. Raises StructureDiffers, DataMissing."""
        for tree in self._trees.values():
            tree.passage.fitting.check_tokens(tree.tokens)
            tree.passage.fitting.check_data(tree.tokens, tree.new.variables, tree.passage.new_fields)

    def _carry_subprocess(self, old: Any) -> None:
        caller = self._placed[old.parent_task_id]
        around = self._trees[old.caller.workflow].passage
        within = around.calls.get(_id(old.caller)) if old.is_call else around
        if within is None:
            name = self.passage.name_of(element_of(old.caller))
            raise StructureDiffers(f"Hồ sơ đang ở trong quy trình được gọi “{name}” mà bản mới không gọi ở đó nữa.")
        new = self._workflow.restore_subprocess(caller, dict(old.variables) if old.is_call else {})
        self._carry_tree(old, new, new.spec, within)

    def _rename_data(self) -> None:
        """What was entered in a step is known by the step's id: the new version asks for it by the new one."""
        for tree in self._trees.values():
            data: dict[str, Any] = tree.new.variables
            renamed = tree.passage.renamed_data(data)
            data.update(renamed)
            if renamed and data is self._engine.data:
                self._engine.assigned.append(("", renamed))

    def _carry_tree(self, old: Any, new: Any, spec: Any, passage: Passage) -> None:
        root = Task(new, spec.start, None, TaskState.COMPLETED, old.task_tree.id)
        root.data = old.task_tree.data | passage.renamed_data(old.task_tree.data)
        new.task_tree = root
        self._trees[old] = tree = _Tree(old, new, spec, root, passage)
        for task in old.standing():
            if not task.ended and not isinstance(task.task_spec, specs.EndJoin):  # A branch that is over needs no mark.
                self._carry_token(task, tree)
        if not tree.interrupted:
            self._begin_others(root, tree)

    def _carry_token(self, task: Task, tree: _Tree) -> None:
        element_id = _id(task)
        if isinstance(task.task_spec, gateways._Joining):
            self._carry_arrival(task, tree, element_id)
        elif task.parent is not None and task.parent.id in self._placed and "index" in task.internal_data:
            host = self._placed[task.parent.id]
            self._place(task, tree, host.task_spec.task_spec, host)
        elif self._is_let_go(element_id, tree.passage):
            self.let_go.append(element_of(task))
        elif task.task_spec.stands_by:
            self._carry_start(task, tree, element_id)
        elif any(before.stands_by for before in task.task_spec.inputs):
            self._carry_begun(task, tree, element_id)
        else:
            self._carry_wait(task, tree, element_id)

    def _is_let_go(self, element_id: str, passage: Passage) -> bool:
        return element_id not in passage.mapping and can_be_let_go(passage.places[element_id], passage.mapping)

    # ── tokens ──

    def _carry_wait(self, task: Task, tree: _Tree, element_id: str) -> None:
        passage = tree.passage
        check_place(element_id, passage.mapping, passage.old.drawing, passage.new.drawing)
        name = passage.mapping[element_id]
        spec = tree.spec.task_specs[name]
        if isinstance(spec, specs.ServiceTask):
            self._check_service(element_id, name, passage)
        if isinstance(task.task_spec, events.BoundaryEvent):
            assert task.parent is not None
            self._place(task, tree, name, self._placed[task.parent.id])
            return
        self._place(task, tree, name, self._above(task, tree, spec))
        if not _is_behind_gateway(self._placed[task.id]):
            tree.tokens.append(Token(name))

    def _carry_start(self, task: Task, tree: _Tree, element_id: str) -> None:
        """The start of an event sub-process, which waits beside the process."""
        passage = tree.passage
        for each in (element_id, passage.old.drawing.nodes[element_id].scope):
            check_place(each, passage.mapping, passage.old.drawing, passage.new.drawing)
        self._place(task, tree, passage.mapping[element_id], tree.root)

    def _carry_begun(self, task: Task, tree: _Tree, element_id: str) -> None:
        """An event sub-process that runs, behind the start that has come; no arrow joins it to the tokens beside it."""
        passage, (start,) = tree.passage, task.task_spec.inputs
        for each in (element_id, start.name):
            check_place(each, passage.mapping, passage.old.drawing, passage.new.drawing)
        begun = tree.spec.task_specs[passage.mapping[start.name]]
        if begun.cancel_activity != start.cancel_activity:
            label = capital(passage.old.drawing.nodes[element_id].phrase)
            raise StructureDiffers(f"{label} đang chạy: một bản ngắt việc đang làm, bản kia thì không.", element_id)
        above = Task(tree.new, begun, tree.root, TaskState.COMPLETED)
        self._place(task, tree, passage.mapping[element_id], above)
        tree.interrupted |= start.cancel_activity

    def _above(self, task: Task, tree: _Tree, spec: Any) -> Task:
        """The task that the new shape needs above it: what opens its border events, or its event gateway."""
        split = tree.spec.task_specs.get(f"{spec.name}{events.SPLIT}")
        old_parent = task.parent
        if split is not None:
            above = Task(tree.new, split, tree.root, TaskState.COMPLETED)
            if old_parent is not None and isinstance(old_parent.task_spec, events.BoundarySplit):
                self._placed[old_parent.id] = above
            self._begin_others(above, tree)
            return above
        gateway = next((i for i in spec._inputs if isinstance(tree.spec.task_specs[i], events.EventGateway)), None)
        was_behind = _is_behind_gateway(task)
        if gateway is None and not was_behind:
            return tree.root
        return self._gateway(task, tree, gateway, task._parent if was_behind else task.id)

    def _gateway(self, task: Task, tree: _Tree, gateway: str | None, key: str) -> Task:
        """All events that wait behind one gateway must go behind one."""
        if key not in tree.gateways:
            spec = tree.spec.task_specs[gateway] if gateway else tree.spec.start
            tree.gateways[key] = Task(tree.new, spec, tree.root, TaskState.COMPLETED)
            if gateway is not None:
                tree.tokens.append(Token(gateway))
                self._begin_others(tree.gateways[key], tree)
        elif gateway is None or tree.gateways[key].task_spec.name != gateway:
            where = _id(task)
            label = capital(tree.passage.old.drawing.nodes[where].phrase)
            raise StructureDiffers(f"{label} không còn chung cổng sự kiện với các sự kiện khác đang chờ.", where)
        return tree.gateways[key]

    def _begin_others(self, above: Task, tree: _Tree) -> None:
        """Begin events that the old version did not have; one that it had and that does not wait has come already."""
        known = {*tree.passage.mapping.values(), *tree.passage.places}
        for name in above.task_spec._outputs:
            spec = tree.spec.task_specs[name]
            if isinstance(spec, events.Catching) and name not in known:
                self.begun.append(above._add_child(spec))

    def _carry_arrival(self, task: Task, tree: _Tree, element_id: str) -> None:
        """A token that waits for others at a gateway: what counts is by which arrow it came."""
        new, old = tree.passage.new.drawing, tree.passage.old.drawing
        gateway, before = new.nodes.get(element_id), old.nodes[element_id]
        assert task.parent is not None
        if gateway is None or gateway.kind != before.kind:
            raise StructureDiffers(f"Hồ sơ đang chờ ở cổng {before.label}, bản mới không có cổng đó.", element_id)
        arrow = _same_arrow(_id(task.parent), element_id, old, new)
        if arrow is None:
            raise StructureDiffers(f"Các nhánh vào cổng {before.label} của bản mới khác bản cũ.", element_id)
        above = Task(tree.new, tree.spec.task_specs[arrow.source], tree.root, TaskState.COMPLETED)
        self._place(task, tree, element_id, above)
        tree.tokens.append(Token(element_id, arrow.id))

    def _place(self, task: Task, tree: _Tree, name: str, above: Task) -> None:
        placed = Task(tree.new, tree.spec.task_specs[name], above, task._state, task.id)
        placed.internal_data, placed.data = task.internal_data, task.data | tree.passage.renamed_data(task.data)
        self._placed[task.id] = placed

    def _check_service(self, element_id: str, name: str, passage: Passage) -> None:
        old, new = passage.old.definition.services[element_id], passage.new.definition.services[name]
        if element_id != name or old.service != new.service:
            raise ServiceUnderway(f"Dịch vụ “{old.name}” đang chạy cho hồ sơ: đợi xong rồi thử lại.", element_id)

    # ── times ──

    def retime(self, entered: Mapping[UUID, datetime], seen_at: Callable[[datetime], Context]) -> None:
        """Timers whose text is another in the new version are counted anew, from when their step was entered."""
        for task in self._changed_timers():
            beside = task.parent.children if task.parent and not task.task_spec.stands_by else []
            moments = (entered.get(UUID(other.id)) for other in beside)
            moment = next(filter(None, moments), None)
            context = seen_at(moment) if moment is not None else self._engine.context
            with self.walk.as_of(context):
                definition = task.task_spec.event_definition
                definition.retime(task, due_at(definition.expression, self._engine, task))

    def _changed_timers(self) -> Iterator[Task]:
        for tree in self._trees.values():
            old, new = tree.passage.old.drawing.nodes, tree.passage.new.drawing.nodes
            named = {there: here for here, there in tree.passage.mapping.items()}
            for task in (self._placed[waiting.id] for waiting in self.walk.waits.timers):
                if task.workflow is tree.new and old[named[_id(task)]].timer != new[_id(task)].timer:
                    yield task

    def begin(self) -> None:
        """Open what only the new version has, and let gateways that wait look again. Raises WalkFailed."""
        for task in self.begun:
            task.task_spec._update(task)
        for tree in self._workflow.living():
            tree.update_waiting_tasks()


def _id(task: Task) -> str:
    """The id of a task's shape on the drawing of its own process."""
    return str(task.task_spec.bpmn_id or task.task_spec.name)


def _same_arrow(source: str, gateway: str, old: Drawing, new: Drawing) -> Flow | None:
    """The arrow into a gateway that is what one from `source` was; shapes may have been added on it, or taken away."""
    here = {flow.source: flow for flow in new.incoming(gateway)}
    gone = {flow.source for flow in old.incoming(gateway)} - here.keys()
    if source in here:
        return here[source]

    def among_added(node_id: str) -> list[str]:
        return [flow.target for flow in new.outgoing(node_id) if flow.target not in old.nodes]

    came = reached([source], among_added) if source in new.nodes else set()
    candidates = (here.keys() & came) or (here.keys() - old.nodes.keys() if gone == {source} else set())
    return here[candidates.pop()] if len(candidates) == 1 else None


def _is_behind_gateway(task: Task) -> bool:
    return task.parent is not None and isinstance(task.parent.task_spec, events.EventGateway)
