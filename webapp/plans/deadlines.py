"""Days by which a plan asks for reports, read out of its own words and turned into last days in time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson

from engine.calendar import Calendar
from engine.text import fold
from webapp.cycles.models import CycleKind
from webapp.cycles.periods import (
    LAST_MONTH_OF_FIRST_HALF,
    MONTHS,
    TIMES,
    months_on,
    period_on,
    periods_in,
    same_day_in,
)

FEWEST_DAYS = 6
"""Working days that consolidating and signing take, between the units' last day and the ward's."""
ANY_YEAR = 2000
LONGER = (CycleKind.YEAR, CycleKind.NINE_MONTHS, CycleKind.HALF_YEAR)
_CITY = ("so ", "thanh pho", "thanh uy", "bo ")
_OFTEN_FIRST = ("once", "yearly", "nine_monthly", "half_yearly", "quarterly", "monthly", "weekly", "ad_hoc", "")


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


_KINDS = {
    "nine_monthly": CycleKind.NINE_MONTHS, "half_yearly": CycleKind.HALF_YEAR, "quarterly": CycleKind.QUARTER,
    "monthly": CycleKind.MONTH, "weekly": CycleKind.AD_HOC, "mid_term": CycleKind.MIDTERM, "final": CycleKind.FINAL,
}  # fmt: skip
"""What is asked every week no calendar opens; all else is yearly."""
_ASKS = ("yearly", "once", *_KINDS)
_AT_THE_END_OF = {CycleKind.HALF_YEAR: range(5, 8), CycleKind.NINE_MONTHS: range(8, 11)}


def proposed_cycles(
    duties: Sequence[Mapping[str, Any]], calendar: Calendar, today: date
) -> dict[CycleKind, ProposedCycle]:
    """The kinds of reports that a plan asks for, with or without days."""
    found = dict[CycleKind, ProposedCycle]()
    for kind in (CycleKind.YEAR, *(kind for kind in _KINDS.values() if kind is not CycleKind.AD_HOC)):
        own = _of_kind(kind, duties)
        if any(duty["frequency"] in _ASKS or duty["day"] for duty in own):
            said = dict.fromkeys((duty["text"], duty["source"]["where"]) for duty in own)
            years = [duty["year"] for duty in own if duty["year"] and kind not in MONTHS]
            days = proposed_days(duties, calendar, today, kind)
            found[kind] = ProposedCycle(kind, max(years, default=None), tuple(said), days)
    return found


def _of_kind(kind: CycleKind, duties: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The duties of a kind: the days of months and quarters that end with it only where it has none of its own."""
    found = [duty for duty in _each_time(duties) if _kind(duty, duties) is kind]
    if kind in TIMES:
        return found
    own = [duty for duty in found if _KINDS.get(duty["frequency"]) not in TIMES]
    dated = {_goes_to_city(duty) for duty in own if duty["day"]}
    return [duty for duty in found if duty in own or _goes_to_city(duty) not in dated]


def _each_time(duties: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A day of each month or quarter is one of every month or quarter of a year."""
    found = list[Mapping[str, Any]]()
    for duty in duties:
        kind = _KINDS.get(duty["frequency"])
        if duty["day"] and not duty["month"] and kind in TIMES:
            within = (duty.get("month_of_period") or MONTHS[kind]) - MONTHS[kind]
            found += ({**duty, "month": months_on(one.ends, within).month} for one in periods_in(kind, (ANY_YEAR,)))
        else:
            found.append(duty)
    return found


def asked_every_week(duties: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """The sentences, with their places, that ask for reports every week: no calendar opens their cycles."""
    own = (duty for duty in duties if _kind(duty, duties) is CycleKind.AD_HOC)
    return tuple(dict.fromkeys((duty["text"], duty["source"]["where"]) for duty in own))


def _kind(duty: Mapping[str, Any], beside: Sequence[Mapping[str, Any]]) -> CycleKind:
    """What is asked every half-year is asked in its second half for the whole year.

    Beside a half-yearly report a day in the middle of the year, whatever it is said of, is that of the first half; the
    same of nine months. The day of a month or quarter that ends with a longer report is that one's.
    """
    kind, month = _KINDS.get(duty["frequency"], CycleKind.YEAR), duty["month"]
    asked = {_KINDS.get(each["frequency"], CycleKind.YEAR) for each in beside} | {CycleKind.YEAR}
    if kind in TIMES and month:
        last = period_on(kind, _last(duty, ANY_YEAR) or date(ANY_YEAR, month, 1)).ends.month
        return next((longer for longer in LONGER if longer in asked and MONTHS[longer] == last), kind)
    for longer, months in _AT_THE_END_OF.items():
        if month in months and longer in asked:
            return longer
    if kind is CycleKind.HALF_YEAR and (month or 0) > LAST_MONTH_OF_FIRST_HALF:
        return CycleKind.YEAR
    return kind


def proposed_days(
    duties: Sequence[Mapping[str, Any]], calendar: Calendar, today: date, kind: CycleKind = CycleKind.YEAR
) -> ProposedDays:
    """The next day of each duty of a kind that names one: the yearly before more frequent ones, the earlier first."""
    dated = [duty for duty in _of_kind(kind, duties) if duty["day"] and duty["month"]]
    if kind in TIMES:
        return _days_of_first(dated, kind, today)
    found = [(_goes_to_city(duty), day) for duty in dated if (day := _proposed(duty, calendar, today))]
    return _by_whose(found)


def _by_whose(found: Iterable[tuple[bool, ProposedDay]]) -> ProposedDays:
    """Each day once for the units and once for the city."""
    ordered = dict.fromkeys(sorted(found, key=lambda each: (each[1].rank, each[1].day)))
    return ProposedDays(
        tuple(day for to_city, day in ordered if not to_city), tuple(day for to_city, day in ordered if to_city)
    )


def _days_of_first(dated: Sequence[Mapping[str, Any]], kind: CycleKind, today: date) -> ProposedDays:
    """Of what comes again within the year the days in the first month or quarter ahead, of the units if they have one.

    As they are said: a working day is found for each month or quarter anew.
    """
    days = [(duty, day) for duty in dated if (day := _last(duty, today.year))]
    ahead = [(duty, day if day >= today else months_on(day, 12)) for duty, day in days]
    leading = [day for duty, day in ahead if not _goes_to_city(duty)] or [day for _, day in ahead]
    if not leading:
        return ProposedDays()
    first = period_on(kind, min(leading))
    return _by_whose((_goes_to_city(duty), _told(duty, same_day_in(first, day))) for duty, day in ahead)


def contradictions(duties: Sequence[Mapping[str, Any]], calendar: Calendar, today: date) -> Iterator[str]:
    """What the plan's own words, or the letter that they repeat, say against each other about its reports."""
    for proposed in proposed_cycles(duties, calendar, today).values():
        verdict = "các kỳ không cùng ngày, lịch lấy" if proposed.kind in TIMES else "mâu thuẫn, áp dụng"
        for whose, days in (("đơn vị báo cáo", proposed.days.report_by), ("gửi thành phố", proposed.days.submit_by)):
            if alike := contradicting(days):
                told = " và ".join(f"“{each.words}” ({each.where})" for each in alike)
                yield f"Hạn {whose} ghi {told}: {verdict} hạn sớm hơn, {alike[0].day:%d/%m/%Y}."
        yield from _reversed(proposed)


def _reversed(proposed: ProposedCycle) -> Iterator[str]:
    """The ward can't report to the city before its units have."""
    units, city = (next(iter(each), None) for each in (proposed.days.report_by, proposed.days.submit_by))
    if units is None or city is None:
        return
    same_year = proposed.kind in TIMES
    first, then = ((each.day.year * same_year, each.day.month, each.day.day) for each in (units, city))
    if then <= first:
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
    """On a working day."""
    years = [duty["year"]] if duty["year"] else [today.year, today.year + 1]
    days = [calendar.on_or_before(day) for year in years if (day := _last(duty, year)) is not None]
    ahead = next((day for day in days if day >= today), None) if not duty["year"] else next(iter(days), None)
    return _told(duty, ahead) if ahead else None


def _told(duty: Mapping[str, Any], day: date) -> ProposedDay:
    return ProposedDay(day, duty["date_text"], duty["source"]["where"], duty["excludes_day"], _frequency(duty))


def _last(duty: Mapping[str, Any], year: int) -> date | None:
    """The last day in time: "trước ngày" excludes the day itself."""
    try:
        named = date(year, duty["month"], duty["day"])
    except ValueError:
        return None
    return named - timedelta(days=duty["excludes_day"])


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
