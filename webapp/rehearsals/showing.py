"""What a rehearsal's page shows: what waits, what would come next, who has heard of what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from engine.calendar import LOCAL, Calendar, due_day, local_date
from engine.models import TimerKind
from engine.spiff import Element
from engine.upcoming import Upcoming
from webapp.identity import ROLE_NAMES
from webapp.organisation.desks import people_at
from webapp.organisation.models import Role
from webapp.presentation import moment
from webapp.procedures.words import message_in_words, recipient_in_words
from webapp.rehearsals.acts import Act, ActKind
from webapp.rehearsals.queries import Kept
from webapp.rehearsals.stage import Played, Step

MORNING = time(8, 5, tzinfo=LOCAL)
"""When the day's reminders have gone out."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that may be done now."""

    kind: ActKind
    element_id: str
    name: str
    who: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Jump:
    """A moment to go to."""

    to: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Done:
    """An act as the list shows it."""

    name: str
    who: str
    at: datetime


class Ward:
    """The ward's units and people, for putting desks into words."""

    def __init__(self, read: Session, units: Mapping[str, str], people: Mapping[UUID, str]) -> None:
        self._read = read
        self._units = units
        self.people = people

    def desk(self, desk: str) -> str:
        """`head@<unit>` as people say it."""
        role, _, unit = desk.partition("@")
        return f"{ROLE_NAMES[Role(role)]} – {self._units.get(unit, unit)}" if unit else recipient_in_words(desk)

    def doer(self, step: Step) -> str:
        """The person who has a step, else the desk where it lies."""
        return self.people.get(step.assignee_id, "") if step.assignee_id else self.desk(step.desk)

    def holders(self, desk: str) -> list[tuple[str, str]]:
        """Who sits there, to choose from."""
        return [(str(one), self.people.get(one, "")) for one in people_at(self._read, desk)]


def choices(played: Played, ward: Ward) -> list[Choice]:
    """People's steps first, then the software's, then messages that may arrive."""
    elements = played.definition.elements
    steps = [
        Choice(ActKind.COMPLETE, step.element_id, step.name, ward.doer(step), step.due_at) for step in played.steps
    ]
    services = [
        Choice(ActKind.SERVICE, one, played.definition.title_of(one), "Phần mềm", None) for one in played.services
    ]
    messages = [
        Choice(ActKind.MESSAGE, one, elements[one].name or _message(elements[one]), "Thông điệp đến", None)
        for one in played.messages
    ]
    return [*steps, *services, *messages]


def _message(element: Element) -> str:
    """What an event without a name waits for."""
    return message_in_words(element.message, with_code=True) if element.message else element.title


def jumps(played: Played, calendar: Calendar) -> list[Jump]:
    """To the next reminder, to the nearest deadline, and some working days on."""
    today = local_date(played.now)
    found = [Jump(datetime.combine(calendar.shift(today, n), MORNING), f"{n} ngày làm việc nữa") for n in (1, 3, 10)]
    dues = sorted({step.due_at for step in played.steps if step.due_at and step.due_at > played.now})
    found += [Jump(due, f"Đến hết hạn, {due_day(due):%d/%m/%Y}") for due in dues[:1]]
    ahead = sorted({timer.at for timer in played.timers if timer.at > played.now})
    found += [Jump(at + timedelta(minutes=1), f"Đến lần nhắc hoặc mốc kế tiếp, {moment(at)}") for at in ahead[:1]]
    return sorted(found, key=lambda jump: jump.to)


def acts_done(kept: Kept, played: Played, ward: Ward) -> list[Done]:
    """What was done, in order."""
    return [
        Done(_did(act, played), ward.people.get(act.actor_id, "") if act.actor_id else "", act.at) for act in kept.acts
    ]


def _did(act: Act, played: Played) -> str:
    if act.kind is ActKind.WAIT:
        return f"Chờ đến {moment(act.at)}"
    return played.definition.title_of(act.element_id)


def ahead_in_words(timer: Upcoming, played: Played, ward: Ward) -> tuple[datetime, str, str]:
    """When, what and for whom."""
    name = played.definition.title_of(timer.element_id)
    if timer.kind == TimerKind.FLOW:
        return timer.at, f"Mốc thời gian: {name}", ""
    what = "Báo cấp trên" if timer.kind == TimerKind.ESCALATION else "Nhắc việc"
    holder = next((ward.doer(step) for step in played.steps if step.element_id == timer.element_id), "")
    told = (holder if one == "holder" and holder else ward.desk(one) for one in timer.recipients.split())
    return timer.at, f"{what}: {name}", ", ".join(dict.fromkeys(told))


def sent_in_words(played: Played) -> list[tuple[datetime, str]]:
    """Messages to other cases, each called as the event that sends it."""
    events = played.definition.elements.values()
    names = {event.message: event.name for event in events if event.message in played.definition.sent_messages}
    return [(at, names.get(message) or message_in_words(message, with_code=True)) for at, message in played.sent]
