"""What a ward knows at the end of a reporting cycle: the facts behind its report, its annexes and its data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from webapp.documents.rendering.content import Signer


class Status(StrEnum):
    """Where a task stands: one of the four buckets that superiors ask for, or beside them."""

    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    IN_TIME = "in_time"
    OVERDUE = "overdue"
    NOTHING_AROSE = "nothing_arose"
    WAITING = "waiting"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """As a report writes it."""
        return _LABELS[self]


BUCKETS = (Status.DONE_ON_TIME, Status.DONE_LATE, Status.IN_TIME, Status.OVERDUE)
BESIDE = (Status.NOTHING_AROSE, Status.WAITING, Status.CANCELLED)
_WORST_FIRST = (
    Status.OVERDUE, Status.IN_TIME, Status.WAITING,
    Status.DONE_LATE, Status.DONE_ON_TIME, Status.NOTHING_AROSE, Status.CANCELLED,
)  # fmt: skip
_LABELS = {
    Status.DONE_ON_TIME: "Hoàn thành đúng hạn",
    Status.DONE_LATE: "Hoàn thành chậm",
    Status.IN_TIME: "Chưa hoàn thành, còn trong hạn",
    Status.OVERDUE: "Chưa hoàn thành, quá hạn",
    Status.NOTHING_AROSE: "Không phát sinh",
    Status.WAITING: "Chờ điều kiện",
    Status.CANCELLED: "Đã hủy",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What one unit reported about a task, as far as the report uses it."""

    unit: str
    text: str
    supplements: str = ""
    """The cycle for which it came too late, where it did: it is reported now."""


class ContributionState(StrEnum):
    """What came of asking a coordinating unit."""

    RESULT = "result"
    NOTHING_AROSE = "nothing_arose"
    NOT_OUR_DUTY = "not_our_duty"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a coordinating unit did for a task, or that nothing came from it."""

    unit: str
    state: ContributionState
    text: str = ""
    """Its result, or why it has none."""


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """A target of the plan and what was reached."""

    name: str
    target: str
    """With its operator and unit, as the plan has it: "≥ 3%"; empty where the plan names none."""
    value: str
    unit: str = ""
    period: str = ""


@dataclass(frozen=True, slots=True)
class YearValue:
    """What was reached in a year."""

    year: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorStanding:
    """An indicator of the plan with the ward's figure, all units together."""

    name: str
    part_of: str = ""
    """The indicator that it is a part of (trong đó)."""
    owner: str = ""
    """Who answers for it; empty where the plan names nobody."""
    task: str = ""
    """The task that it belongs to, as "I.3"; empty where it is the plan's own."""
    target: str = ""
    """In words: "≥ 3%"; empty where the plan names no figure."""
    operator: str = ""
    amount: float | None = None
    most: float | None = None
    unit: str = ""
    period: str = ""
    by_year: int | None = None
    denominator: str = ""
    baseline: float | None = None
    baseline_year: int | None = None
    cumulative: bool = False
    value: float | None = None
    reached: str = ""
    """The value in words: "2,4%"."""
    allowance: str = ""
    """How much of what may not be exceeded is used, in words."""
    calculation: str = ""
    """How it was made of what the units reported."""
    state: str = ""
    state_name: str = ""
    years: tuple[YearValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """What one lead did in this cycle for a task of the plan's appendix."""

    ordinal: str
    """As numbered in the appendix: "3", "3.6"."""
    content: str
    lead_unit: str
    """With two leads, both names joined by "; "."""
    status: Status
    coordinating_units: tuple[str, ...] = ()
    due: date | None = None
    completed_on: date | None = None
    statements: tuple[Statement, ...] = ()
    """Empty where the unit didn't report, or where what it said was set aside."""
    contributions: tuple[Contribution, ...] = ()
    """Of the units that were asked, those too from which nothing came."""
    indicators: tuple[IndicatorResult, ...] = ()
    deliverables: tuple[str, ...] = ()
    self_reported: bool = False
    """The focal unit reports on its own task."""
    entry: str = ""
    """By which whoever gathered the results knows this one."""


@dataclass(frozen=True, slots=True)
class GroupResult:
    """A group of the appendix with its tasks."""

    numeral: str
    title: str
    tasks: tuple[TaskResult, ...]

    @property
    def name(self) -> str:
        """With its numeral; the one group of a plan without groups has none."""
        return f"{self.numeral}. {self.title}" if self.numeral else self.title

    @property
    def by_task(self) -> tuple[tuple[TaskResult, ...], ...]:
        """The results, task by task: several of a task that several units lead, each on its own."""
        return tuple(tuple(of_one) for _, of_one in groupby(self.tasks, key=lambda one: (one.ordinal, one.content)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difficulty:
    """Something that stands in the way, and what the unit asks for."""

    unit: str
    text: str
    recommendation: str = ""
    answer: str = ""
    """What the ward or the city has answered so far."""
    group: str = ""
    """With `ordinal` the task that it is about; both empty where it is about none."""
    ordinal: str = ""

    def is_about(self, group: GroupResult, task: TaskResult) -> bool:
        """Whether it stands in the way of that task; of one that several units lead, where the unit's own result is."""
        leads = {one.lead_unit for one in group.tasks if one.ordinal == task.ordinal}
        is_there = (self.group, self.ordinal) == (group.numeral, task.ordinal)
        return is_there and (self.unit == task.lead_unit or self.unit not in leads)


@dataclass(frozen=True, slots=True)
class MissingUnit:
    """A unit whose report had not come at the cut-off."""

    unit: str
    reason: str
    reminded_on: tuple[date, ...]
    tasks: tuple[str, ...] = ()
    """The tasks it owes, as "I.3"."""


@dataclass(frozen=True, slots=True)
class PlanReference:
    """The plan reported on."""

    title: str
    number: str
    """With its code: "45/KH-UBND"."""
    issued: date
    agency: str


@dataclass(frozen=True, slots=True)
class Period:
    """The reporting cycle: what it covers and until when."""

    label: str
    """As it ends a sentence: "năm 2026", "6 tháng đầu năm 2027"; a name that is no span of time stands in brackets."""
    starts: date
    ends: date
    report_by: date
    """The last day in time for the units."""
    submit_by: date
    """The last day in time for the ward."""
    cutoff: date
    """The day on which the data was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolidatedData:
    """Everything that a consolidated report is drafted from."""

    agency: str
    """The ward's People's Committee in running text: "Ủy ban nhân dân phường …"."""
    place: str
    focal_unit: str
    plan: PlanReference
    period: Period
    groups: tuple[GroupResult, ...]
    addressees: tuple[str, ...]
    recipients: tuple[str, ...]
    """The lines of "Nơi nhận", without dashes; the last one is "Lưu: VT, VHXH"."""
    signer: Signer
    code: str = "BC-UBND"
    difficulties: tuple[Difficulty, ...] = ()
    recommendations: tuple[str, ...] = ()
    """The ward's own, beside those that came with a difficulty."""
    missing: tuple[MissingUnit, ...] = ()
    indicators: tuple[IndicatorStanding, ...] = ()
    """The plan's, each with the figure of the whole ward."""
    sections: tuple[tuple[str, str], ...] = ()
    """Headings that the asking letter wants covered, with the drafter's words; those without words are left out."""
    replaces: tuple[str, date] | None = None
    """Number and day of the version before, which the city returned or the ward corrects."""
    subject: str = ""
    introduction: str = ""
    assessment: str = ""
    next_steps: str = ""
    """These four are the drafter's own words; where empty the report words or omits them itself."""

    @property
    def tasks(self) -> tuple[TaskResult, ...]:
        """All results in the order of the appendix."""
        return tuple(task for group in self.groups for task in group.tasks)


def status_together(statuses: Iterable[Status]) -> Status:
    """Where a task stands that several units lead, each on its own: it is done when all have done it."""
    return min(statuses, key=_WORST_FIRST.index)


def count_by_status(groups: Iterable[GroupResult]) -> Counter[Status]:
    """How many tasks stand where; a task counts once, however many units lead it."""
    return Counter(status_together(one.status for one in of_one) for group in groups for of_one in group.by_task)
