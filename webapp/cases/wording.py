"""The engine's facts in sentences that an officer would write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar
from uuid import UUID

from orjson import loads

from engine import facts as f
from engine.calendar import LOCAL, due_day
from engine.commands.calendars import CalendarFollowed
from engine.events import Fact
from engine.models import InstanceState, TimerKind
from engine.records import dates_from_json
from engine.reminders import HOLDER, INITIATOR
from engine.spiff import Definition, from_text
from forms.definition import FormDefinition
from forms.notation import read_date
from webapp.cases.values import in_words
from webapp.identity import desk_name
from webapp.procedures.words import INPUTS, message_in_words


@dataclass(frozen=True, slots=True)
class Names:
    """What the facts' ids are called."""

    definition: Definition
    steps: Mapping[UUID, str]  # by user task
    people: Mapping[UUID, str]
    units: Mapping[str, str]
    form: Callable[[str], FormDefinition]  # by its id

    def element(self, element_id: str) -> str:
        """An element as the drawing calls it."""
        return self.definition.title_of(element_id)

    def message(self, message: str) -> str:
        """A message as the element that would wait for it is called."""
        waiting = (e.name for e in self.definition.elements.values() if e.message == message and e.name)
        return next(waiting, message_in_words(message))

    def stated(self, element_id: str, key: str, value: object) -> str:
        """A value of the case's data with its name: "Quyết định: Trả lại"."""
        element = self.definition.elements.get(element_id)
        form_id = element.properties.get("form") if element else None
        fields = self.form(form_id).fields if form_id else ()
        field = next((field for field in fields if field.key == key), None)
        words = in_words(field, value)
        return f"{field.label if field else key}: {self.people.get(_as_id(value) or NOBODY) or words}"

    def step(self, user_task_id: UUID) -> str:
        """A step, between quotation marks."""
        return f"“{self.steps.get(user_task_id, 'bước trước đó')}”"

    def person(self, person_id: UUID | None) -> str:
        """Somebody's name."""
        return self.people.get(person_id, "người đã rời hệ thống") if person_id else "Hệ thống"

    def desk(self, desk: str) -> str:
        """ "Trưởng đơn vị · Trạm Y tế"."""
        return desk_name(desk, self.units)

    def recipient(self, recipient: str) -> str:
        """Whom a reminder goes to."""
        special = {HOLDER: "người đang giữ việc", INITIATOR: "người mở hồ sơ"}
        return special.get(recipient) or self.desk(recipient)


NOBODY = UUID(int=0)
GONE = "đơn vị đã bỏ"


def _as_id(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Sentence:
    """What happened, and how it looks."""

    what: str
    note: str = ""
    icon: str = "point"
    tone: str = "calm"


F = TypeVar("F", bound=Fact)
Worded = Callable[[Any, Names], Sentence | None]
HAPPENED: dict[type[Fact], Worded] = {}
"""What somebody did, or what happened by itself."""
FOLLOWED: dict[type[Fact], Callable[[Any, Names], str]] = {}
"""What followed from it; an empty sentence is not worth telling."""


def happened(fact_type: type[Fact]) -> Callable[[Worded], Worded]:
    """Register the words for something that happened."""

    def register(function: Worded) -> Worded:
        HAPPENED[fact_type] = function
        return function

    return register


def followed(fact_type: type[Fact]) -> Callable[[Callable[[Any, Names], str]], Callable[[Any, Names], str]]:
    """Register the words for what follows."""

    def register(function: Callable[[Any, Names], str]) -> Callable[[Any, Names], str]:
        FOLLOWED[fact_type] = function
        return function

    return register


# --- what happened ---


@happened(f.InstanceStarted)
def _started(fact: f.InstanceStarted, names: Names) -> Sentence:
    return Sentence(f"Mở hồ sơ theo quy trình “{names.definition.name}”", icon="player-play", tone="brand")


@happened(f.UserTaskCompleted)
def _completed(fact: f.UserTaskCompleted, names: Names) -> Sentence:
    return Sentence(names.element(fact.element_id), icon="check", tone="good")


@happened(f.UserTaskClaimed)
def _claimed(fact: f.UserTaskClaimed, names: Names) -> Sentence:
    return Sentence(f"Nhận việc {names.step(fact.user_task_id)}", icon="hand-click")


@happened(f.UserTaskReleased)
def _released(fact: f.UserTaskReleased, names: Names) -> Sentence:
    return Sentence(f"Trả việc {names.step(fact.user_task_id)} về đơn vị", icon="arrow-back-up")


@happened(f.UserTaskAssigned)
def _assigned(fact: f.UserTaskAssigned, names: Names) -> Sentence:
    what = f"Giao việc {names.step(fact.user_task_id)} cho {names.person(fact.assignee_id)}"
    return Sentence(what, note=fact.reason or "", icon="user-share")


@happened(f.UserTaskFreed)
def _freed(fact: f.UserTaskFreed, names: Names) -> Sentence:
    return Sentence(f"Trả việc {names.step(fact.user_task_id)} về bộ phận", note=fact.reason, icon="arrow-back-up")


@happened(f.UserTaskSkipped)
def _skipped(fact: f.UserTaskSkipped, names: Names) -> Sentence:
    stated = "; ".join(names.stated(fact.element_id, key, value) for key, value in fact.values.items())
    note = f"{fact.reason}\nDữ liệu ghi cho bước: {stated}" if stated else fact.reason
    what = f"Bỏ qua bước “{names.element(fact.element_id)}”"
    return Sentence(what, note=note, icon="arrow-forward-up", tone="warn")


@happened(f.DueTimeChanged)
def _due_changed(fact: f.DueTimeChanged, names: Names) -> Sentence:
    moved = f"{_until(fact.previous)} → {_until(fact.due_at)}"
    what = f"Đổi hạn bước “{names.element(fact.element_id)}”: {moved}"
    return Sentence(what, note=fact.reason, icon="calendar-event", tone="warn")


@happened(f.WentBack)
def _went_back(fact: f.WentBack, names: Names) -> Sentence:
    what = f"Cho hồ sơ quay lại bước “{names.element(fact.element_id)}”"
    return Sentence(what, note=fact.reason, icon="corner-up-left", tone="warn")


@happened(f.VariableCorrected)
def _corrected(fact: f.VariableCorrected, names: Names) -> Sentence:
    element_id, _, key = fact.variable.partition(".")
    old = names.stated(element_id, key, from_text(fact.old))
    new = names.stated(element_id, key, from_text(fact.new)).rpartition(": ")[2]
    known = INPUTS.get(fact.variable)
    old = f"{known}: {old.rpartition(': ')[2]}" if known else f"{names.element(element_id)} · {old}"
    what = f"Sửa dữ liệu {old} → {new}"
    return Sentence(what, note=fact.reason, icon="edit", tone="warn")


@happened(f.MessageDelivered)
def _delivered(fact: f.MessageDelivered, names: Names) -> Sentence:
    note = str(fact.payload.get("reason") or "") or _document(fact.payload)
    return Sentence(names.element(fact.element_id), note=note, icon="mail")


def _document(payload: Mapping[str, Any]) -> str:
    """The document that a message tells of, if it does."""
    number, day = payload.get("number"), read_date(str(payload.get("issued_on") or ""))
    return f"{number} ngày {day:%d/%m/%Y}" if number and day else ""


@happened(f.MessageKept)
def _kept(fact: f.MessageKept, names: Names) -> Sentence:
    return Sentence(f"Đến sớm, giữ lại chờ bước nhận: {names.message(fact.message)}", icon="mail")


@happened(f.MessageExpired)
def _expired(fact: f.MessageExpired, names: Names) -> Sentence:
    what = f"Quá thời gian giữ mà không có bước nào nhận: {names.message(fact.message)}"
    return Sentence(what, icon="mail", tone="warn")


@happened(f.ServiceCompleted)
def _serviced(fact: f.ServiceCompleted, names: Names) -> Sentence:
    return Sentence(f"Hệ thống đã làm: {names.element(fact.element_id)}", icon="settings")


@happened(f.ServiceErred)
def _erred(fact: f.ServiceErred, names: Names) -> Sentence:
    what = f"Hệ thống báo lỗi “{fact.code}”: {names.element(fact.element_id)}"
    return Sentence(what, note="Hồ sơ đi theo nhánh lỗi của sơ đồ.", icon="alert-triangle", tone="warn")


@happened(f.TimerFired)
def _fired(fact: f.TimerFired, names: Names) -> Sentence:
    late = " (chạy muộn)" if fact.late else ""
    if fact.kind is TimerKind.FLOW:
        return Sentence(f"Đến hẹn: {names.element(fact.element_id)}{late}", icon="clock", tone="warn")
    told = ", ".join(names.recipient(recipient) for recipient in fact.recipients.split())
    what = f"{level_words(fact.level)}: {names.element(fact.element_id)}{late}"
    if fact.kind is TimerKind.ESCALATION:
        return Sentence(what, note=f"Đã báo: {told}", icon="clock-exclamation", tone="bad")
    return Sentence(what, note=f"Đã nhắc: {told}", icon="bell")


@happened(f.DatesChanged)
def _dates(fact: f.DatesChanged, names: Names) -> Sentence | None:
    before, after = dates_from_json(fact.previous), dates_from_json(fact.dates)
    moved = [
        f"{DATE_NAMES.get(name, name)}: {_day(before.get(name))} → {_day(after.get(name), 'không còn')}"
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]
    return Sentence(f"Đổi hạn. {'; '.join(moved)}", note=fact.reason, icon="calendar-event", tone="warn")


@happened(f.PartiesChanged)
def _parties(fact: f.PartiesChanged, names: Names) -> Sentence:
    before, after = loads(fact.previous), loads(fact.parties)
    moved = {(before.get(party), unit) for party, unit in after.items() if before.get(party) not in (None, unit)}
    words = sorted(f"{names.units.get(old, GONE)} → {names.units.get(new, GONE)}" for old, new in moved)
    return Sentence(
        f"Đổi đơn vị{'. ' if words else ''}{'; '.join(words)}", note=fact.reason, icon="building", tone="warn"
    )


@followed(f.UserTaskMoved)
def _moved(fact: f.UserTaskMoved, names: Names) -> str:
    freed = "" if fact.assignee_id else ", chờ người nhận"
    return f"{names.step(fact.user_task_id)} chuyển sang {names.desk(fact.desk)}{freed}"


@happened(CalendarFollowed)
def _calendar(fact: CalendarFollowed, names: Names) -> Sentence:
    return Sentence("Tính lại hạn theo lịch làm việc", note=fact.reason, icon="calendar-event", tone="warn")


@happened(f.InstanceSuspended)
def _suspended(fact: f.InstanceSuspended, names: Names) -> Sentence:
    return Sentence("Tạm dừng hồ sơ", note=fact.reason, icon="player-pause", tone="warn")


@happened(f.InstanceResumed)
def _resumed(fact: f.InstanceResumed, names: Names) -> Sentence:
    return Sentence("Cho hồ sơ chạy tiếp", note=fact.reason, icon="player-play", tone="brand")


@happened(f.InstanceMigrated)
def _migrated(fact: f.InstanceMigrated, names: Names) -> Sentence:
    lost = f" Không còn chờ: {', '.join(fact.let_go)}." if fact.let_go else ""
    return Sentence("Chuyển hồ sơ sang bản quy trình mới", note=fact.reason + lost, icon="arrow-right", tone="brand")


@happened(f.InstanceEnded)
def _ended(fact: f.InstanceEnded, names: Names) -> Sentence | None:
    if fact.outcome != InstanceState.CANCELLED:
        return None  # Follows from a step.
    return Sentence("Hủy hồ sơ", note=fact.reason or "", icon="ban", tone="bad")


@happened(f.IncidentRaised)
def _incident(fact: f.IncidentRaised, names: Names) -> Sentence:
    return Sentence("Có sự cố, quản trị viên đã được báo", note=fact.message, icon="alert-triangle", tone="bad")


@happened(f.IncidentResolved)
def _resolved(fact: f.IncidentResolved, names: Names) -> Sentence:
    return Sentence("Đã xử lý sự cố", note=fact.resolution, icon="circle-check", tone="good")


# --- what followed ---


@followed(f.UserTaskCreated)
def _created(fact: f.UserTaskCreated, names: Names) -> str:
    whom = names.person(fact.assignee_id) if fact.assignee_id else names.desk(fact.desk)
    due = f", hạn {_day(due_day(fact.due_at))}" if fact.due_at else ""
    return f"Đến bước “{fact.task_name}” ({whom}){due}"


@followed(f.UserTaskCancelled)
def _cancelled(fact: f.UserTaskCancelled, names: Names) -> str:
    return f"Bước {names.step(fact.user_task_id)} không còn cần làm"


@followed(f.UserTaskRescheduled)
def _rescheduled(fact: f.UserTaskRescheduled, names: Names) -> str:
    step = names.step(fact.user_task_id)
    return f"Hạn bước {step} dời đến {_day(due_day(fact.due_at))}" if fact.due_at else f"Bước {step} không còn hạn"


@followed(f.VariablesRestored)
def _restored(fact: f.VariablesRestored, names: Names) -> str:
    return "Dữ liệu của hồ sơ trở lại như trước bước ấy"


@followed(f.SubscriptionOpened)
def _waits(fact: f.SubscriptionOpened, names: Names) -> str:
    element = names.definition.elements.get(fact.element_id)
    return f"Chuyển sang chờ: {element.name}" if element and element.properties.get("stage") else ""


@followed(f.MessageSent)
def _sent(fact: f.MessageSent, names: Names) -> str:
    return names.element(fact.element_id)


@followed(f.InstanceEnded)
def _finished(fact: f.InstanceEnded, names: Names) -> str:
    return "Hồ sơ kết thúc" if fact.outcome != InstanceState.CANCELLED else ""


# --- words ---

DATE_NAMES = {
    "deadline": "Hạn của nhiệm vụ", "report_by": "Hạn của đơn vị", "submit_by": "Hạn gửi thành phố",
    "send_by": "Hạn gửi báo cáo kỳ", "granted_until": "Được gia hạn đến hết",
}  # fmt: skip


def level_words(level: str) -> str:
    """A level of a table of reminders: "-5wd 08:00" is "Nhắc trước hạn 5 ngày làm việc"."""
    offset = level.split()[0]
    if offset.endswith("h"):
        hours = int(offset.removesuffix("h"))
        return f"Quá hạn {hours} giờ" if hours > 0 else f"Nhắc trước hạn {-hours} giờ"
    days = int(offset.removesuffix("wd"))
    if days > 0:
        return f"Quá hạn {days} ngày làm việc"
    return f"Nhắc trước hạn {-days} ngày làm việc" if days else "Nhắc vào ngày hạn"


def _until(due: datetime | None) -> str:
    """The last day in time, with the hour where it is not the whole day."""
    if due is None:
        return "chưa có"
    clock = due.astimezone(LOCAL)
    return f"{clock:%H:%M %d/%m/%Y}" if clock.time() != time() else _day(due_day(due))


def _day(day: date | datetime | None, without: str = "chưa có") -> str:
    return f"{day:%d/%m/%Y}" if day else without
