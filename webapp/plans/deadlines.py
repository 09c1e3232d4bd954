"""Days by which a plan asks for reports, read out of its own words and turned into last days in time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from engine.calendar import Calendar
from engine.text import fold
from webapp.cycles.models import CycleKind
from webapp.cycles.periods import LAST_MONTH_OF_FIRST_HALF

FEWEST_DAYS = 6
"""Working days that consolidating and signing take, between the units' last day and the ward's."""
_CITY = ("so ", "thanh pho", "thanh uy", "bo ")
_OFTEN_FIRST = ("once", "yearly", "half_yearly", "quarterly", "monthly", "weekly", "ad_hoc", "")


def duties_in(reading: str | None) -> Sequence[Mapping[str, Any]]:
    """The reports that a plan asks for, as its reading was stored."""
    found: Sequence[Mapping[str, Any]] = orjson.loads(reading or "{}").get("plan", {}).get("reporting_duties", ())
    return found


@dataclass(frozen=True, slots=True)
class ProposedDay:
    """A last day in time that the plan's words give."""

    day: date
    words: str  # as the plan says it: "trước ngày 05/12"
    where: str  # "dòng 149"
    excludes_day: bool
    rank: int  # of the yearly before more frequent ones

    @property
    def source(self) -> str:
        """What stands as the day's source."""
        return f"Kế hoạch này, {self.where}: “{self.words}”"


@dataclass(frozen=True, slots=True)
class ProposedDays:
    report_by: tuple[ProposedDay, ...] = ()  # D: units to the ward
    submit_by: tuple[ProposedDay, ...] = ()  # T: the ward to the city


def contradicting(days: Sequence[ProposedDay]) -> tuple[ProposedDay, ...]:
    """Different days that are said for one report; the first, which is the earlier, governs."""
    alike = {day.day: day for day in reversed(days) if day.rank == days[0].rank}
    return tuple(alike[day] for day in sorted(alike)) if len(alike) > 1 else ()


@dataclass(frozen=True, slots=True)
class ProposedCycle:
    """What a plan's words say of one kind of report."""

    kind: CycleKind
    year: int | None  # of a review
    sentences: tuple[tuple[str, str], ...]  # each with its place
    days: ProposedDays


_KINDS = {"half_yearly": CycleKind.HALF_YEAR, "mid_term": CycleKind.MIDTERM, "final": CycleKind.FINAL}
_ASKS_YEARLY = ("yearly", "once")
_WITHIN_A_YEAR = ("quarterly", "monthly", "weekly")
_MIDDLE_OF_THE_YEAR, _END_OF_THE_YEAR = range(5, 8), range(11, 13)


def proposed_cycles(
    duties: Sequence[Mapping[str, Any]], calendar: Calendar, today: date
) -> dict[CycleKind, ProposedCycle]:
    """The kinds of reports that a plan asks for, with or without days."""
    found = {}
    for kind in (CycleKind.YEAR, *_KINDS.values()):
        own = [duty for duty in duties if _kind(duty, duties) is kind]
        if any(duty["frequency"] in (*_ASKS_YEARLY, *_KINDS) or duty["day"] for duty in own):
            said = dict.fromkeys((duty["text"], duty["source"]["where"]) for duty in own)
            years = [duty["year"] for duty in own if duty["year"] and kind is not CycleKind.YEAR]
            days = proposed_days(own, calendar, today, kind)
            found[kind] = ProposedCycle(kind, max(years, default=None), tuple(said), days)
    return found


def asked_more_often(duties: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """The sentences, with their places, that ask for reports within a year: no calendar opens their cycles."""
    own = (duty for duty in duties if _kind(duty, duties) is CycleKind.AD_HOC)
    return tuple(dict.fromkeys((duty["text"], duty["source"]["where"]) for duty in own))


def _kind(duty: Mapping[str, Any], beside: Sequence[Mapping[str, Any]]) -> CycleKind:
    """What is asked every half-year is asked in its second half for the whole year; every quarter, at its end.

    Beside such a report a day in the middle of the year, whatever it is said of, is that of the first half.
    """
    if duty["month"] in _MIDDLE_OF_THE_YEAR and any(each["frequency"] == "half_yearly" for each in beside):
        return CycleKind.HALF_YEAR
    if duty["frequency"] == "half_yearly" and (duty["month"] or 0) > LAST_MONTH_OF_FIRST_HALF:
        return CycleKind.YEAR
    if duty["frequency"] in _WITHIN_A_YEAR and duty["month"] not in _END_OF_THE_YEAR:
        return CycleKind.AD_HOC
    return _KINDS.get(duty["frequency"], CycleKind.YEAR)


def proposed_days(
    duties: Sequence[Mapping[str, Any]], calendar: Calendar, today: date, kind: CycleKind = CycleKind.YEAR
) -> ProposedDays:
    """The next day of each duty of a kind that names one: the yearly before more frequent ones, the earlier first."""
    dated = (duty for duty in duties if duty["day"] and duty["month"] and _kind(duty, duties) is kind)
    found = [(_goes_to_city(duty), day) for duty in dated if (day := _proposed(duty, calendar, today))]
    found.sort(key=lambda each: (each[1].rank, each[1].day))
    return ProposedDays(
        tuple(day for to_city, day in found if not to_city), tuple(day for to_city, day in found if to_city)
    )


def contradictions(duties: Sequence[Mapping[str, Any]], calendar: Calendar, today: date) -> Iterator[str]:
    """What the plan's own words, or the letter that they repeat, say against each other about its reports."""
    for proposed in proposed_cycles(duties, calendar, today).values():
        for whose, days in (("đơn vị báo cáo", proposed.days.report_by), ("gửi thành phố", proposed.days.submit_by)):
            if alike := contradicting(days):
                told = " và ".join(f"“{each.words}” ({each.where})" for each in alike)
                yield f"Hạn {whose} ghi {told}: mâu thuẫn, áp dụng hạn sớm hơn, {alike[0].day:%d/%m/%Y}."
        yield from _reversed(proposed.days)


def _reversed(days: ProposedDays) -> Iterator[str]:
    """The ward can't report to the city before its units have."""
    units, city = (next(iter(each), None) for each in (days.report_by, days.submit_by))
    if units is not None and city is not None and (city.day.month, city.day.day) <= (units.day.month, units.day.day):
        yield (
            f"Đơn vị báo cáo “{units.words}” ({units.where}) nhưng phường phải gửi thành phố “{city.words}” "
            f"({city.where}): mâu thuẫn, hạn của đơn vị phải sớm hơn để kịp tổng hợp."
        )


def _frequency(duty: Mapping[str, Any]) -> int:
    return _OFTEN_FIRST.index(duty["frequency"]) if duty["frequency"] in _OFTEN_FIRST else len(_OFTEN_FIRST)


def _goes_to_city(duty: Mapping[str, Any]) -> bool:
    recipient = f"{fold(duty['recipient'] or duty['via'] or '')} "
    return any(recipient.startswith(words) or f" {words}" in recipient for words in _CITY)


def _proposed(duty: Mapping[str, Any], calendar: Calendar, today: date) -> ProposedDay | None:
    years = [duty["year"]] if duty["year"] else [today.year, today.year + 1]
    days = [day for year in years if (day := _last_day(duty, year, calendar)) is not None]
    ahead = next((day for day in days if day >= today), None) if not duty["year"] else next(iter(days), None)
    return (
        ProposedDay(ahead, duty["date_text"], duty["source"]["where"], duty["excludes_day"], _frequency(duty))
        if ahead
        else None
    )


def _last_day(duty: Mapping[str, Any], year: int, calendar: Calendar) -> date | None:
    """ "Trước ngày" excludes the day itself; the last day in time is a working day."""
    try:
        named = date(year, duty["month"], duty["day"])
    except ValueError:
        return None
    return calendar.last_working_day_before(named) if duty["excludes_day"] else calendar.on_or_before(named)


def later_than_said(report_by: date | None, submit_by: date | None, said: ProposedDays) -> Iterator[str]:
    """Where a day was set after the one that the plan's own words give for the same year: the earlier governs."""
    for words, stated, days in (
        ("của đơn vị", report_by, said.report_by), ("gửi thành phố", submit_by, said.submit_by)
    ):  # fmt: skip
        first = min((each for each in days if stated and each.day.year == stated.year), key=_by_day, default=None)
        if first is not None and stated is not None and first.day < stated:
            yield (
                f"Hạn {words} ({stated:%d/%m/%Y}) muộn hơn hạn mà kế hoạch ghi “{first.words}” ({first.where}), "
                f"tức {first.day:%d/%m/%Y}; hạn sớm hơn được áp dụng, trừ khi căn cứ của hạn nói rõ vì sao."
            )


def _by_day(each: ProposedDay) -> tuple[int, date]:
    return each.rank, each.day


def doubts_about(report_by: date | None, submit_by: date | None, calendar: Calendar, today: date) -> list[str]:
    """What is unusual about the two days, for a person to accept or mend."""
    doubts = []
    if report_by is not None and report_by < today:
        doubts.append(f"Hạn báo cáo của đơn vị ({report_by:%d/%m/%Y}) đã qua.")
    if report_by is not None and submit_by is not None:
        days = calendar.working_days_between(report_by, submit_by)
        if days < FEWEST_DAYS:
            doubts.append(
                f"Từ hạn của đơn vị đến hạn gửi thành phố chỉ có {days} ngày làm việc; "
                f"tổng hợp và trình ký thường cần {FEWEST_DAYS} ngày."
            )
    return doubts
