"""What reading a plan gives: frozen data, and the same as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from webapp.plans.reading.blocks import Place
from webapp.plans.reading.bodies import Duty
from webapp.plans.reading.deliverables import Deliverable
from webapp.plans.reading.targets import Indicator


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A likely fault of reading and its remedy: proposed, never applied."""

    field: str  # the JSON field that holds `before`
    before: str
    after: str
    why: str

    def to_json(self) -> dict[str, str]:
        return {"field": self.field, "from": self.before, "to": self.after, "why": self.why}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One of the times that a timing cell names, with what is to be done then."""

    text: str
    kind: str  # year, years, date, month, quarter, half_year, continuous, yearly, yearly_month, …, blocked, unknown
    from_year: int | None = None
    to_year: int | None = None
    quarter: int | None = None
    month: int | None = None
    day: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None  # the last day in time: "trước ngày" excludes the day that it names
    recurrence: str | None = None  # yearly, half_yearly, quarterly, monthly, weekly, ad_hoc
    waits_for: str | None = None  # what must arrive before this phase begins
    month_of_period: int | None = None  # of a recurrence: which month has `day`; one beyond its last is the next's
    weekday: int | None = None  # of each week, 1 is Monday
    times: int | None = None  # how often within each period, where more than once

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "kind": self.kind,
            "from_year": self.from_year,
            "to_year": self.to_year,
            "quarter": self.quarter,
            "month": self.month,
            "day": self.day,
            "starts_on": self.starts_on.isoformat() if self.starts_on else None,
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
            "recurrence": self.recurrence,
            "last_year": self.to_year,
            "waits_for": self.waits_for,
            "month_of_period": self.month_of_period,
            "weekday": self.weekday,
            "times": self.times,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A timing cell, classified."""

    kind: str  # that of its only phase; "phases" for several; "none" for an empty cell
    from_year: int | None = None
    to_year: int | None = None
    phases: tuple[Phase, ...] = ()

    def to_json(self) -> dict[str, Any]:
        phases = [phase.to_json() for phase in self.phases]
        return {"kind": self.kind, "from_year": self.from_year, "to_year": self.to_year, "phases": phases}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSource:
    """A task as it stands in the file."""

    places: tuple[Place, ...]
    raw: tuple[str, ...]  # the rows, cells parted by tabs, markup kept
    ordinal_text: str
    lead_text: str
    coordinators_text: str

    def to_json(self) -> dict[str, Any]:
        return {
            "where": ", ".join(str(place) for place in self.places),
            "places": [place.to_json() for place in self.places],
            "raw": list(self.raw),
            "ordinal_text": self.ordinal_text,
            "lead_text": self.lead_text,
            "coordinators_text": self.coordinators_text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReading:
    """One row of the appendix, page-broken parts joined again, its words as they stand."""

    group: str  # Roman numeral; "" where the plan has no groups
    group_index: int | None  # position in the plan's groups, which may repeat a numeral
    section: str | None  # heading below the group, where there is one
    ordinal: str
    content: str
    leads: tuple[str, ...]
    coordinators: tuple[str, ...]
    vague_leads: tuple[str, ...]  # those of the leads that name no single unit
    vague_coordinators: tuple[str, ...]
    timing_text: str
    timing: Timing
    product_text: str
    note: str
    is_conditional: bool
    blocked_until: str | None
    extra: tuple[tuple[str, str], ...]  # columns of other kinds, heading and text
    warnings: tuple[str, ...]
    repairs: tuple[Repair, ...]
    source: TaskSource
    deliverables: tuple[Deliverable, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    needs_decision: bool = False  # offered from the body: a person says whether it is a task

    def to_json(self) -> dict[str, Any]:
        return {
            "group": self.group,
            "group_index": self.group_index,
            "section": self.section,
            "ordinal": self.ordinal,
            "content": self.content,
            "leads": list(self.leads),
            "coordinators": list(self.coordinators),
            "vague_leads": list(self.vague_leads),
            "vague_coordinators": list(self.vague_coordinators),
            "timing_text": self.timing_text,
            "timing": self.timing.to_json(),
            "product_text": self.product_text,
            "note": self.note,
            "conditional": self.is_conditional,
            "blocked_until": self.blocked_until,
            "extra": [{"column": column, "text": text} for column, text in self.extra],
            "warnings": list(self.warnings),
            "repairs": [repair.to_json() for repair in self.repairs],
            "source": self.source.to_json(),
            "deliverables": [deliverable.to_json() for deliverable in self.deliverables],
            "indicators": [indicator.to_json() for indicator in self.indicators],
            "needs_decision": self.needs_decision,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReading:
    """A heading that tasks stand under."""

    group: str  # Roman numeral
    label: str  # as the plan numbers it: "I", "A", "1"; "" where it does not
    title: str
    part: str | None  # the heading above the groups ("A. …"), where there is one
    place: Place

    def to_json(self) -> dict[str, Any]:
        source = {"where": str(self.place), "places": [self.place.to_json()]}
        named = {"group": self.group, "label": self.label, "title": self.title, "part": self.part}
        return named | {"source": source}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReference:
    """Another document that the plan names."""

    kind: str  # "Kế hoạch", "Quyết định", …
    number: str
    date: str | None  # YYYY-MM-DD
    text: str
    place: Place

    def to_json(self) -> dict[str, Any]:
        source = {"where": str(self.place), "places": [self.place.to_json()]}
        return {"kind": self.kind, "number": self.number, "date": self.date, "text": self.text, "source": source}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingDuty:
    """A sentence that asks for reports, with its day where it gives one."""

    text: str
    date_text: str | None  # "trước ngày 15/12"
    day: int | None
    month: int | None  # None with a day: that day of each month or quarter
    month_of_period: (
        int | None
    )  # of each month or quarter the month that has the day; one beyond its last is the next's
    year: int | None
    excludes_day: bool  # "trước ngày": the day itself is already late
    frequency: str  # yearly, nine_monthly, half_yearly, quarterly, …, ad_hoc, once, mid_term, final or ""
    recipient: str | None
    via: str | None
    place: Place

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "date_text": self.date_text,
            "day": self.day,
            "month": self.month,
            "month_of_period": self.month_of_period,
            "year": self.year,
            "excludes_day": self.excludes_day,
            "frequency": self.frequency,
            "recipient": self.recipient,
            "via": self.via,
            "source": {"where": str(self.place), "places": [self.place.to_json()]},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHead:
    """What the document says about itself."""

    number: str | None  # "12/KH-UBND"; None while blank
    code: str | None  # "KH-UBND"
    date: str | None  # YYYY-MM-DD; None while blank
    date_text: str | None
    place_name: str | None
    issuer: str | None
    title: str | None
    appendix_title: str | None
    legal_bases: tuple[DocumentReference, ...] = ()
    replaces: tuple[DocumentReference, ...] = ()
    reporting_duties: tuple[ReportingDuty, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "code": self.code,
            "document_type": self.code.split("-")[0] if self.code else None,
            "date": self.date,
            "date_text": self.date_text,
            "place_name": self.place_name,
            "issuer": self.issuer,
            "title": self.title,
            "appendix_title": self.appendix_title,
            "legal_bases": [reference.to_json() for reference in self.legal_bases],
            "replaces": [reference.to_json() for reference in self.replaces],
            "reporting_duties": [duty.to_json() for duty in self.reporting_duties],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Text that was not understood, for a person to look at."""

    text: str
    reason: str
    place: Place | None = None

    def to_json(self) -> dict[str, Any]:
        where = {"where": str(self.place), "places": [self.place.to_json()]} if self.place else None
        return {"text": self.text, "reason": self.reason, "source": where}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the body of a plan without appendix may mean as tasks: nothing of it holds until a person says so."""

    groups: tuple[GroupReading, ...] = ()
    tasks: tuple[TaskReading, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "groups": [group.to_json() for group in self.groups],
            "tasks": [task.to_json() for task in self.tasks],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReading:
    """A plan's file, read: to be checked by a person before anything is made of it."""

    file_kind: str  # "txt", "docx", "xlsx" or "pdf"
    head: PlanHead
    groups: tuple[GroupReading, ...]
    tasks: tuple[TaskReading, ...]
    unread: tuple[Unread, ...]
    passed_over: tuple[Unread, ...] = field(default=())  # understood, no task: headers, page numbers
    warnings: tuple[str, ...] = ()
    indicators: tuple[Indicator, ...] = ()  # of the body; those of a row stand with it
    duties: tuple[Duty, ...] = ()
    offer: Offer = field(default_factory=Offer)

    def to_json(self) -> dict[str, Any]:
        """The reading as `quytrinh plan read --json` prints it; its schema is docs/plan-reading.schema.json."""
        plan = self.head.to_json() | {
            "file_kind": self.file_kind,
            "groups": [group.to_json() for group in self.groups],
            "warnings": list(self.warnings),
        }
        return {
            "plan": plan,
            "tasks": [task.to_json() for task in self.tasks],
            "unread": [piece.to_json() for piece in self.unread],
            "passed_over": [piece.to_json() for piece in self.passed_over],
            "indicators": [indicator.to_json() for indicator in self.indicators],
            "duties": [duty.to_json() for duty in self.duties],
            "offered": self.offer.to_json(),
        }
