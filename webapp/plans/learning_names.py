"""Which unit people choose for a name is learned: proposed, and said so, where the ward reads the same name again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.command import Command, handles
from engine.errors import NotFound
from engine.transaction import Transaction
from webapp.organisation.models import Unit
from webapp.permissions import Permission
from webapp.plans.drafts import draft_plan
from webapp.plans.facts import PlanRevised
from webapp.plans.learning import forget_name, learn_name
from webapp.plans.matching import UnitMatcher, matcher_of
from webapp.plans.models import PlanTask, UnitPart
from webapp.plans.reading import read_coordinators, read_leads
from webapp.plans.reading.units import is_vague
from webapp.plans.reading.wording import shorten
from webapp.plans.undoing import Change, undoable

LEADING = (UnitPart.LEAD, UnitPart.SECOND_LEAD)
Parts = Sequence[tuple[UnitPart, UUID]]


def learn_names(tx: Transaction, task: PlanTask, before: Parts, change: Change) -> None:
    """Learn what a person chose in a row instead of what its names were taken for, where that is plain."""
    after = [(row.part, row.unit_id) for row in task.units]
    if after == list(before):
        return
    matcher = matcher_of(tx.session, tx.tenant_id)
    cells = (
        (read_leads(task.lead_text).names, LEADING),
        (read_coordinators(task.coordinators_text).names, (UnitPart.COORDINATOR,)),
    )
    for names, parts in cells:
        had, has = ({unit_id for part, unit_id in given if part in parts} for given in (before, after))
        pieces = [piece for written in names for piece in matcher.cut(written)]
        for name, unit_id in _chosen(matcher, pieces, had, has):
            _learn(tx, matcher, name, unit_id, change)


def _chosen(matcher: UnitMatcher, names: Sequence[str], had: set[UUID], has: set[UUID]) -> Iterator[tuple[str, UUID]]:
    """The one name that was in doubt or meant nobody, with the one unit that no other name means."""
    matches = {name: matcher.match(name) for name in names if not is_vague(name)}
    meant = {match.unit_id for match in matches.values() if match is not None}
    open_names = [
        name for name, match in matches.items() if match is None or not (match.is_certain or match.unit_id in has)
    ]
    new = has - meant
    if len(open_names) == 1 and len(new) == 1 and not new & had:
        yield open_names[0], new.pop()


def _learn(tx: Transaction, matcher: UnitMatcher, name: str, unit_id: UUID, change: Change) -> None:
    """What was learned before for the name, and was wrong, is forgotten."""
    match = matcher.match(name)
    if match is not None and match.learned:
        change.unnamed.append((name, str(match.unit_id), forget_name(tx, name, match.unit_id)))
    learn_name(tx, name, unit_id)
    change.named.append((name, str(unit_id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetName(Command):
    """A name is not to be taken for that unit any more in plans to come; the draft's rows stay as they are."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    name: str
    unit_id: UUID


@handles(ForgetName)
def forget_learned_name(command: ForgetName, tx: Transaction) -> None:
    """Raises NotFound, NotBeingDrafted."""
    plan, unit = draft_plan(tx, command.plan_id), tx.session.get(Unit, command.unit_id)
    if unit is None or unit.tenant_id != tx.tenant_id:
        raise NotFound
    with undoable(tx, plan.id, f"bỏ nhớ tên “{shorten(command.name)}”") as change:
        times = forget_name(tx, command.name, unit.id)
        if not times:
            raise NotFound("Tên này không còn được nhớ.")
        change.unnamed.append((command.name, str(unit.id), times))
    tx.record(PlanRevised(plan.id, None, {"forgotten": f"{command.name} → {unit.name}"}))
