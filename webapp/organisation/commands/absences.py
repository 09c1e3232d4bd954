"""Absences: from, to, and who stands in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import LOCAL, local_date
from engine.command import Actor, Command, handles
from engine.errors import NotFound, PermissionDenied
from engine.transaction import Transaction
from webapp.notifications.telling import Notice, notify
from webapp.organisation.desks import SIGNERS, people_at
from webapp.organisation.facts import AbsenceEnded, AbsenceEntered
from webapp.organisation.models import Absence, Person, Role
from webapp.organisation.refusals import (
    AbsenceOver,
    AbsencesOverlap,
    AbsenceTooLong,
    DaysReversed,
    HeldElsewhere,
    ProxyAway,
    ProxyForOneself,
    ProxyIsOneself,
    UnknownProxy,
)
from webapp.permissions import Permission

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterAbsence(Command):
    """Have everything that reaches a person reach a proxy too, from one day to another, both included.

    Everybody may do so for themselves, a head for the people of the unit, an administrator for anybody.
    """

    permission = Permission.SIGNED_IN

    person_id: UUID
    proxy_id: UUID
    from_day: date
    to_day: date
    reason: str = ""


@handles(EnterAbsence)
def enter_absence(command: EnterAbsence, tx: Transaction) -> UUID:
    """Return the absence's id. Raises NotFound, PermissionDenied, FieldRefused."""
    person = _find(tx, command.person_id)
    if not may_speak_for(tx.actor, person):
        raise PermissionDenied
    _require_days(tx, command)
    _require_proxy(tx, person, command)
    absence = Absence(
        tenant_id=tx.tenant_id, person_id=person.id, proxy_id=command.proxy_id, from_day=command.from_day,
        to_day=command.to_day, reason=command.reason, created_at=tx.now,
    )  # fmt: skip
    tx.session.add(absence)
    tx.session.flush()
    tx.record(
        AbsenceEntered(
            absence.id, person.id, command.proxy_id, command.from_day.isoformat(), command.to_day.isoformat()
        )
    )
    _tell_proxy(tx, person, absence)
    return absence.id


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAbsence(Command):
    """The person is back, or doesn't go: the proxy stands in no longer."""

    permission = Permission.SIGNED_IN

    absence_id: UUID


@handles(EndAbsence)
def end_absence(command: EndAbsence, tx: Transaction) -> None:
    """Raises NotFound, PermissionDenied."""
    absence = tx.session.get(Absence, command.absence_id)
    if absence is None or absence.tenant_id != tx.tenant_id:
        raise NotFound
    person = _find(tx, absence.person_id, active=False)
    if not may_speak_for(tx.actor, person):
        raise PermissionDenied
    if absence.ended_at is None:
        _end(tx, absence)
        _tell_of_end(tx, person, absence)


def end_absences_of(tx: Transaction, person_id: UUID) -> None:
    """Somebody left: end what they are absent for and where they stand in."""
    for absence in _absences_with(tx, [person_id]):
        _end(tx, absence)
        if absence.proxy_id == person_id:
            _tell_absent(tx, absence, "không còn làm việc ở phường")


def end_absences_across_units(tx: Transaction, people: Iterable[UUID]) -> None:
    """Desks changed: nobody stands in any more for whom they share neither a unit nor a role with."""
    tx.session.flush()
    for absence in _absences_with(tx, people):
        person, proxy = (_find(tx, one, active=False) for one in (absence.person_id, absence.proxy_id))
        if not may_stand_in(person, proxy):
            _end(tx, absence)
            _tell_of_end(tx, person, absence)
            _tell_absent(tx, absence, "nay không cùng đơn vị, không cùng vai trò")


def _absences_with(tx: Transaction, people: Iterable[UUID]) -> Sequence[Absence]:
    """That are not over, of these people or with one of them standing in."""
    ids = list(people)
    query = sa.select(Absence).where(
        sa.or_(Absence.person_id.in_(ids), Absence.proxy_id.in_(ids)), Absence.ended_at.is_(None),
        Absence.to_day >= local_date(tx.now),
    )  # fmt: skip
    return tx.session.scalars(query).all()


def may_speak_for(actor: Actor, person: Person) -> bool:
    """Whether the actor may enter that person's absences: oneself, the head of a unit of theirs, an administrator."""
    if actor.id == person.id or actor.may(Permission.ADMINISTER):
        return True
    return any(f"{Role.HEAD}@{m.unit_id}" in actor.desks for m in person.memberships)


def heads_wholly(actor: Actor, person: Person) -> bool:
    """Whether the actor heads every unit of that person, and so has no less than the person has."""
    return all(f"{Role.HEAD}@{m.unit_id}" in actor.desks and m.role is not Role.ADMIN for m in person.memberships)


def may_stand_in(person: Person, proxy: Person) -> bool:
    """Whether they share a unit or a role; whoever signs for the committee leaves that to another who does."""
    units, roles = {m.unit_id for m in person.memberships}, {m.role for m in person.memberships}
    if not roles.isdisjoint(SIGNERS) and all(m.role not in SIGNERS for m in proxy.memberships):
        return False
    return any(m.unit_id in units or m.role in roles for m in proxy.memberships)


def _end(tx: Transaction, absence: Absence) -> None:
    absence.ended_at = tx.now
    tx.record(AbsenceEnded(absence.id, absence.person_id, absence.proxy_id))


def _find(tx: Transaction, person_id: UUID, *, active: bool = True) -> Person:
    person = tx.session.get(Person, person_id)
    if person is None or person.tenant_id != tx.tenant_id or (active and not person.is_active):
        raise NotFound
    return person


def _require_days(tx: Transaction, command: EnterAbsence) -> None:
    """Raises DaysReversed, AbsenceOver, AbsenceTooLong, AbsencesOverlap."""
    if command.to_day < command.from_day:
        raise DaysReversed
    if command.to_day < local_date(tx.now):
        raise AbsenceOver
    if command.to_day - command.from_day > LONGEST:
        raise AbsenceTooLong
    if _away(tx, command.person_id, command.from_day, command.to_day):
        raise AbsencesOverlap


def _require_proxy(tx: Transaction, person: Person, command: EnterAbsence) -> None:
    """Raises ProxyIsOneself, UnknownProxy, ProxyForOneself, HeldElsewhere, ProxyAway.

    Who enters an absence for somebody else would take that person's rights by naming themselves, unless they head
    all that the person belongs to. So would a head by naming one of their people, whom they may hand a code.
    """
    if command.proxy_id == person.id:
        raise ProxyIsOneself
    proxy = tx.session.get(Person, command.proxy_id)
    if proxy is None or proxy.tenant_id != tx.tenant_id or not proxy.is_active or not may_stand_in(person, proxy):
        raise UnknownProxy
    if proxy.id == tx.actor.id and not heads_wholly(tx.actor, person):
        raise ProxyForOneself
    if not (tx.actor.id == person.id or tx.actor.may(Permission.ADMINISTER) or heads_wholly(tx.actor, person)):
        raise HeldElsewhere
    if _away(tx, proxy.id, command.from_day, command.to_day):
        raise ProxyAway


def _away(tx: Transaction, person_id: UUID, from_day: date, to_day: date) -> bool:
    overlapping = sa.select(Absence.id).where(
        Absence.person_id == person_id,
        Absence.from_day <= to_day,
        Absence.to_day >= from_day,
        Absence.ended_at.is_(None),
    )
    return tx.session.scalar(overlapping.limit(1)) is not None


def _tell_proxy(tx: Transaction, person: Person, absence: Absence) -> None:
    notice = Notice(
        kind="absence", about=f"absence:{absence.id}", title=f"Bạn làm thay {person.name}",
        body=f"Việc của {person.name} {_days(absence)} hiện trong hộp việc của bạn.",
        path="/vang-mat", instance_id=None,
    )  # fmt: skip
    notify(tx, [absence.proxy_id], notice)


def _tell_of_end(tx: Transaction, person: Person, absence: Absence) -> None:
    """Nothing of what was over by itself."""
    today, body = local_date(tx.now), f"Không còn phải làm thay {_days(absence)}."
    if absence.to_day < today:
        return
    if absence.from_day <= today:
        body = f"Từ {tx.now.astimezone(LOCAL):%H:%M %d/%m/%Y} việc của {person.name} không còn ở hộp việc của bạn."
    notice = Notice(
        kind="absence", about=f"absence:{absence.id}:ended", title=f"Bạn thôi làm thay {person.name}",
        body=body, path="/vang-mat", instance_id=None,
    )  # fmt: skip
    notify(tx, [absence.proxy_id], notice)


def _tell_absent(tx: Transaction, absence: Absence, why: str) -> None:
    """Somebody who is away, and whose work would wait for nobody; the heads of their units, who may enter another."""
    person, proxy = _find(tx, absence.person_id, active=False), _find(tx, absence.proxy_id, active=False)
    notice = Notice(
        kind="absence", about=f"absence:{absence.id}:alone", title=f"Không còn ai làm thay {person.name}",
        body=f"{proxy.name} {why}. Hãy khai người khác làm thay {_days(absence)}.",
        path="/vang-mat", instance_id=None,
    )  # fmt: skip
    heads = (head for m in person.memberships for head in people_at(tx.session, f"{Role.HEAD}@{m.unit_id}"))
    notify(tx, dict.fromkeys([person.id, *heads]), notice)


def _days(absence: Absence) -> str:
    if absence.from_day == absence.to_day:
        return f"trong ngày {absence.to_day:%d/%m/%Y}"
    return f"từ {absence.from_day:%d/%m/%Y} đến hết {absence.to_day:%d/%m/%Y}"
