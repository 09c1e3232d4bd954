"""What forms let people choose from: lists by the names that forms use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from forms.definition import FormDefinition
from forms.fields import Option
from webapp.cycles.models import CycleEntry, EntryState
from webapp.identity import ROLE_NAMES
from webapp.indicators.recording import asked_of, options_of
from webapp.organisation.models import Membership, Person, Role, Unit, UnitKind
from webapp.plans.models import OccurrenceState, PlanTask, TaskGroup, TaskOccurrence
from webapp.plans.places import place_name

LONGEST_LABEL = 120


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form is filled in."""

    tenant_id: UUID
    instance_id: UUID
    unit_id: UUID | None  # of the desk whose step it is
    parties: Mapping[str, str]  # party → unit id


Provider = Callable[[Session, Place], Sequence[Option]]
OPTIONS: dict[str, Provider] = {}


def offers(name: str) -> Callable[[Provider], Provider]:
    """Register the list that forms know by this name."""

    def register(provider: Provider) -> Provider:
        OPTIONS[name] = provider
        return provider

    return register


def options_for(read: Session, form: FormDefinition, place: Place) -> dict[str, Sequence[Option]]:
    """The lists that a form names, and only those; a name that nobody offers gives an empty one."""
    return {name: OPTIONS[name](read, place) for name in sorted(names_in_form(form)) if name in OPTIONS}


def names_in_form(form: FormDefinition) -> set[str]:
    """The names of lists in a form, those in rows too."""
    fields = [*form.fields, *(column for field in form.fields for column in field.components)]
    return {field.options_name for field in fields if field.options_name}


@offers("person")
def people_of_unit(read: Session, place: Place) -> Sequence[Option]:
    """Who may be given the work: the people of the step's unit, its staff first."""
    return _people(read, Membership.unit_id == place.unit_id) if place.unit_id else ()


@offers("vice_chairs")
def vice_chairs(read: Session, place: Place) -> Sequence[Option]:
    """The vice chairs of the committee."""
    return _people(read, Unit.tenant_id == place.tenant_id, Membership.role == Role.VICE_CHAIR)


def _people(read: Session, *conditions: sa.ColumnElement[bool]) -> Sequence[Option]:
    rows = read.execute(
        sa.select(Person.id, Person.name, Membership.role, Membership.title)
        .join(Membership, Membership.person_id == Person.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Person.is_active, *conditions)
        .order_by(sa.case({Role.STAFF: 0, Role.FOCAL: 1}, value=Membership.role, else_=2), Person.search_key, Person.id)
    )
    labels: dict[str, str] = {}
    for row in rows:  # Somebody with two roles stands once, with the first.
        labels.setdefault(str(row.id), f"{row.name} ({row.title or ROLE_NAMES[row.role]})")
    return [Option(value, label) for value, label in labels.items()]


@offers("unit")
def units(read: Session, place: Place) -> Sequence[Option]:
    """The units in use, but for the leaders', which carries out nothing by itself; and those that a cycle asks."""
    asked = sa.select(CycleEntry.unit_id).where(CycleEntry.cycle_id == place.instance_id)
    works = sa.or_(Unit.kind != UnitKind.COMMITTEE, Unit.id.in_(asked))
    rows = read.execute(
        sa.select(Unit.id, Unit.name)
        .where(Unit.tenant_id == place.tenant_id, Unit.is_active, works)
        .order_by(Unit.position, Unit.name)
    )
    return [Option(str(row.id), row.name) for row in rows]


@offers("indicator")
def indicators(read: Session, place: Place) -> Sequence[Option]:
    """The indicators that a case reports on."""
    return options_of(asked_of(read, place.instance_id))


@offers("cycle_tasks")
def cycle_tasks(read: Session, place: Place) -> Sequence[Option]:
    """What a cycle can ask again, as its appendix lists it: the reports that it has, and those that it went without."""
    rows = read.execute(
        sa.select(
            CycleEntry.id, CycleEntry.state, TaskGroup.numeral, PlanTask.ordinal, PlanTask.content, Unit.short_name
        )
        .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
        .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .join(Unit, Unit.id == CycleEntry.unit_id)
        .where(
            CycleEntry.cycle_id == place.instance_id, CycleEntry.state.in_((EntryState.TAKEN, EntryState.MISSING)),
            TaskOccurrence.state != OccurrenceState.CANCELLED,
        )
        .order_by(TaskGroup.position, PlanTask.position, CycleEntry.id)
    )  # fmt: skip
    return [
        Option(str(r.id), f"{place_name(r.numeral, r.ordinal)} {_short(r.content)} ({r.short_name}{_missing(r.state)})")
        for r in rows
    ]


def _missing(state: EntryState) -> str:
    return ", không báo cáo trong kỳ" if state is EntryState.MISSING else ""


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
