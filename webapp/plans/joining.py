"""Two rows of a draft that are one: a row of the paper that was torn over two pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Command, handles
from engine.errors import Kind, Rejected
from engine.transaction import Transaction
from webapp.permissions import Permission
from webapp.plans.adding import reschedule
from webapp.plans.assigning import put_units
from webapp.plans.drafts import draft_task
from webapp.plans.facts import PlanRevised
from webapp.plans.issuing import earliest_day, find_plan, leads_of
from webapp.plans.models import PlanTask, PlanTaskState, UnitPart
from webapp.plans.places import place_of
from webapp.plans.reading.wording import starts_afresh
from webapp.plans.revising import assign_open, recorded
from webapp.plans.undoing import undoable

# How the reading says that a cell is empty, and where its text would be.
_MISSING: Final = {"chưa có thời gian thực hiện.": "timing_text", "chưa có sản phẩm.": "product_text"}


class NotMergeable(Rejected):
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeTasks(Command):
    """Join a row with the one above it in its group, of which it is the rest. Nothing of either is lost."""

    permission = Permission.MANAGE_PLANS

    plan_task_id: UUID  # the lower of the two: it disappears


@handles(MergeTasks)
def merge_tasks(command: MergeTasks, tx: Transaction) -> UUID:
    """Return the id of the row that they are now. Raises NotFound, NotBeingDrafted, NotMergeable."""
    lower = draft_task(tx, command.plan_task_id)
    upper = _above(tx, lower)
    place = place_of(lower)
    with undoable(tx, upper.plan_id, f"gộp {place} vào {place_of(upper)}", [upper]) as change:
        with recorded(tx, upper):
            _join(tx, upper, lower)
        tx.record(PlanRevised(upper.plan_id, upper.id, {"merged": f"{place}: {lower.content}"}))
        change.remove(tx, lower, upper)
        change.shift(tx, lower.position + 1, None, -1)
    return upper.id


def _above(tx: Transaction, lower: PlanTask) -> PlanTask:
    """Raises NotMergeable."""
    query = sa.select(PlanTask).where(PlanTask.group_id == lower.group_id, PlanTask.position < lower.position)
    upper = tx.session.scalar(query.order_by(PlanTask.position.desc()).limit(1))
    if upper is None:
        raise NotMergeable("Dòng này đứng đầu nhóm nên không có dòng trên để gộp vào.")
    if {upper.state, lower.state} != {PlanTaskState.DRAFT}:
        raise NotMergeable("Chỉ gộp được hai dòng sẽ giao. Hãy lấy lại dòng đã bỏ hoặc đã xong trước khi gộp.")
    if upper.continues_id and lower.continues_id:
        raise NotMergeable("Cả hai dòng đều có hồ sơ đang chạy nên không gộp được.")
    return upper


def _join(tx: Transaction, upper: PlanTask, lower: PlanTask) -> None:
    """Cell by cell, as the reading joins a row that a page parts."""
    timing = upper.timing_text
    for name in ("content", "timing_text", "product_text", "note"):
        setattr(upper, name, joined(getattr(upper, name), getattr(lower, name)))
    if not timing:
        for name in ("due_on", "is_recurring", "until_year"):
            setattr(upper, name, getattr(lower, name))
    elif upper.timing_text != timing:
        reschedule(upper, upper.timing_text, earliest_day(find_plan(tx, upper.plan_id), local_date(tx.now)).year)
    upper.is_conditional = upper.is_conditional or lower.is_conditional
    upper.blocked_until = joined(upper.blocked_until or "", lower.blocked_until or "") or None
    upper.continues_id = upper.continues_id or lower.continues_id
    upper.warnings = _united(
        _told(upper.warnings, upper), _told(lower.warnings, upper), list(_join_units(upper, lower))
    )
    upper.repairs = _united(upper.repairs, lower.repairs, [])
    upper.source = _both(upper.source, lower.source)
    assign_open(tx, upper)


def joined(upper: str, lower: str) -> str:
    """Two parts of a cell: a sentence that goes on stays one, what begins anew begins a line; the same stands once."""
    if not upper or not lower or upper == lower:
        return upper or lower
    if upper.endswith("/"):
        return upper + lower
    return upper + ("\n" if upper.endswith((".", ";", ":")) and starts_afresh(lower) else " ") + lower


def _join_units(upper: PlanTask, lower: PlanTask) -> Iterator[str]:
    """Every unit of either, by its first part; two rows with leads of their own are doubtful."""
    new = [row for row in leads_of(lower) if row.unit_id not in {lead.unit_id for lead in leads_of(upper)}]
    if leads_of(upper) and new:
        names = "; ".join(row.unit.short_name for row in new)
        yield f"Hai dòng được gộp có chủ trì khác nhau: đã thêm {names} làm đơn vị chủ trì; cần kiểm tra."
    for name, part in (("lead_text", UnitPart.LEAD), ("coordinators_text", UnitPart.COORDINATOR)):
        cells = getattr(upper, name), getattr(lower, name)
        whole = all(any(row.part is part for row in task.units) for task in (upper, lower))
        text = "; ".join(dict.fromkeys(cells)) if whole else joined(*cells)
        setattr(upper, name, text.strip("; "))
    put_units(upper, _parts(upper, lower))


def _parts(upper: PlanTask, lower: PlanTask) -> list[tuple[UnitPart, UUID]]:
    """Each unit once; there is one second lead at most, and a unit leads where either row says so."""
    has_second = any(row.part is UnitPart.SECOND_LEAD for row in upper.units)
    rows = [(row.part, row.unit_id) for row in upper.units]
    for row in lower.units:
        is_third = has_second and row.part is UnitPart.SECOND_LEAD
        rows.append((UnitPart.COORDINATOR if is_third else row.part, row.unit_id))
    found: dict[UUID, UnitPart] = {}
    for part, unit_id in sorted(rows, key=lambda row: list(UnitPart).index(row[0])):
        found.setdefault(unit_id, part)
    return [(part, unit_id) for unit_id, part in found.items()]


def _told(warnings: str, row: PlanTask) -> str:
    """A row's warnings, but for cells that it has now: the rest of a row has few of its own."""
    present = tuple(words for words, name in _MISSING.items() if getattr(row, name))
    return orjson.dumps([warning for warning in orjson.loads(warnings) if not warning.endswith(present)]).decode()


def _united(upper: str, lower: str, more: list[str]) -> str:
    """Lists in JSON, each entry once."""
    found: list[Any] = []
    for entry in [*orjson.loads(upper), *orjson.loads(lower), *more]:
        found += [entry] if entry not in found else []
    return orjson.dumps(found).decode()


def _both(upper: str, lower: str) -> str:
    """What both rows are in the file, and where."""
    one, other = orjson.loads(upper), orjson.loads(lower)
    if one == other:
        return upper
    lists = {name: [*one.get(name, ()), *other.get(name, ())] for name in ("raw", "extra")}
    where = "; ".join(filter(None, dict.fromkeys((one.get("where", ""), other.get("where", "")))))
    return orjson.dumps({**other, **one, **lists, "where": where}).decode()
