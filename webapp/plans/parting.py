"""A row of a draft that is several: one for each phase of its timing, or a part of what it says by itself."""

import re
from dataclasses import dataclass
from uuid import UUID

from engine.calendar import local_date
from engine.command import Command, handles
from engine.errors import Kind, Rejected
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.organisation.refusals import FieldRefused
from webapp.permissions import Permission
from webapp.plans.adding import reschedule
from webapp.plans.assigning import put_units
from webapp.plans.drafts import draft_task
from webapp.plans.facts import PlanRevised
from webapp.plans.issuing import earliest_day, find_plan
from webapp.plans.joining import joined
from webapp.plans.models import PlanTask
from webapp.plans.places import place_of
from webapp.plans.reading.timing import read_blocking, read_timing
from webapp.plans.undoing import Change, undoable

EDGES = " \n;,"
"""What parts one piece of a text from the next."""


class NotSeveralPhases(Rejected):
    kind = Kind.CONFLICT
    message = "Ô thời gian của dòng này không có nhiều giai đoạn nên không tách được."


class NoPart(FieldRefused):
    field = "part"
    message = "Phần tách ra phải là một đoạn liền nhau, đúng từng chữ, trong nội dung của dòng này."


class NothingLeft(NoPart):
    message = "Dòng này phải còn giữ một phần nội dung. Xóa bớt những chữ ở lại dòng này."


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitTask(Command):
    """Part a row whose timing names several phases into one row for each: every phase is a case of its own."""

    permission = Permission.MANAGE_PLANS

    plan_task_id: UUID


@handles(SplitTask)
def split_task(command: SplitTask, tx: Transaction) -> int:
    """Return how many rows it is now. Raises NotFound, NotBeingDrafted, NotSeveralPhases."""
    task = draft_task(tx, command.plan_task_id)
    phases = [phase.text for phase in read_timing(task.timing_text).phases]
    if len(phases) < 2:
        raise NotSeveralPhases
    was = task.timing_text
    with undoable(tx, task.plan_id, f"tách nhiệm vụ {place_of(task)} thành {len(phases)} dòng", [task]) as change:
        _split(tx, task, phases, change)
    tx.record(PlanRevised(task.plan_id, task.id, {"split": f"{was} → {' | '.join(phases)}"}))
    return len(phases)


def _split(tx: Transaction, task: PlanTask, phases: list[str], change: Change) -> None:
    year = earliest_day(find_plan(tx, task.plan_id), local_date(tx.now)).year
    for row, phase in zip(_repeated(tx, task, len(phases), change), phases, strict=True):
        row.timing_text = phase
        row.blocked_until = read_blocking(phase, row.note, row.content)
        reschedule(row, phase, year)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitOff(Command):
    """Make a row of its own of a part of what another says; both have the units, the time and the product of that."""

    permission = Permission.MANAGE_PLANS

    plan_task_id: UUID
    part: str


@handles(SplitOff)
def split_off(command: SplitOff, tx: Transaction) -> UUID:
    """Return the new row's id. Raises NotFound, NotBeingDrafted, NoPart, NothingLeft."""
    task = draft_task(tx, command.plan_task_id)
    part, rest = _parted(task.content, command.part)
    with undoable(tx, task.plan_id, f"tách nhiệm vụ {place_of(task)} thành 2 dòng", [task]) as change:
        kept, new = _repeated(tx, task, 2, change)
        kept.content, new.content = rest, part
    tx.record(PlanRevised(task.plan_id, task.id, {"split": f"{rest} | {part}"}))
    return new.id


def _parted(content: str, part: str) -> tuple[str, str]:
    """The part as it stands in the content, and what is left; nothing is lost. Raises NoPart, NothingLeft."""
    words = r"\s+".join(map(re.escape, part.strip(EDGES).split()))
    found = re.search(rf"(?<!\w){words}(?!\w)", content) if words else None
    if found is None:
        raise NoPart
    before, after = content[: found.start()].strip(), content[found.end() :].lstrip(EDGES + ".").rstrip(EDGES)
    rest = joined(before if after else before.strip(EDGES), after)
    if not rest:
        raise NothingLeft
    return found[0], rest


def _repeated(tx: Transaction, task: PlanTask, count: int, change: Change) -> list[PlanTask]:
    """The row and its copies right behind it, numbered: "3 (1)", "3 (2)"."""
    change.shift(tx, task.position + 1, None, count - 1)
    copies = [_copy(task, task.position + number) for number in range(1, count)]
    change.created += [str(copy.id) for copy in copies]
    ordinal = task.ordinal
    for number, row in enumerate((task, *copies), 1):
        row.ordinal = f"{ordinal} ({number})"
    return [task, *copies]


def _copy(task: PlanTask, position: int) -> PlanTask:
    copied = (
        "tenant_id", "plan_id", "group_id", "ordinal", "content", "lead_text", "coordinators_text", "product_text",
        "note", "is_conditional", "blocked_until", "source", "timing_text", "due_on", "is_recurring", "until_year",
    )  # fmt: skip
    row = PlanTask(id=uuid7(), position=position, **{name: getattr(task, name) for name in copied})
    put_units(row, [(unit.part, unit.unit_id) for unit in task.units])
    task.group.tasks.append(row)
    return row
