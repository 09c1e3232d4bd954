"""The timing of a task, classified, and the conditions on which it begins or applies at all."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Final

from webapp.plans.reading.readings import Phase, Timing
from webapp.plans.reading.recurrences import read_recurrence
from webapp.plans.reading.spans import recurrence_of, span_of
from webapp.plans.reading.times_of_year import OF_YEAR, QUARTERS, first_day, within_year
from webapp.plans.reading.wording import fold, one_line, without_marks

_YEAR = r"(20[0-9]{2})"
_SPAN = re.compile(rf"\b{_YEAR}\s*(?:-|–|—|đến|tới|→)\s*(?:hết\s+)?(?:năm\s+)?{_YEAR}\b", re.IGNORECASE)
_UNTIL = re.compile(
    rf"(?:đến|hết|tới)\s+(?:hết\s+)?(?:năm\s+){_YEAR}\b|từ nay\s+(?:đến|tới)\s+(?:hết\s+)?{_YEAR}\b", re.IGNORECASE
)
_BEFORE_YEAR = re.compile(rf"trước\s+năm\s+{_YEAR}\b", re.IGNORECASE)
_ONWARD = re.compile(
    r"năm tiếp theo|năm sau đó|trở đi|\btừ\s+(?:năm\s+)?20\d\d\b(?!.*(?:20\d\d|-|–|—|đến|tới))", re.IGNORECASE
)
_ONE_YEAR = re.compile(rf"\b{_YEAR}\b")
_SINCE = re.compile(
    rf"\btừ\s+(?P<begin>(?:ngày\s+|quý\s+|tháng\s+)?(?:\d|[IV])[^;]*?20\d\d)\s*(?:-|–|đến|tới)\s*(?:hết\s+)?(?:năm\s+)?(?P<year>{_YEAR})$",
    re.IGNORECASE,
)
_FROM_ON = re.compile(r"^(?:[^\W\d]+\s+){0,4}từ\b(?!.*(?:đến|tới|-|–))", re.IGNORECASE)

LUNAR = re.compile(
    r"\s*\([^()]*âm lịch[^()]*\)|(?:(?:ngày|mồng|mùng|rằm)\s+)*(?:\d{1,2}(?:\s*[/-]\s*\d{1,2})?\s*)?"
    r"(?:tháng\s+\w+\s*)?\(?âm lịch\)?",
    re.IGNORECASE,
)
"""Days and months of the lunar calendar, which are other days in each year."""

_AND = r"\s*(?:,|;|và|&)\s*"
_NUMBER = rf"(?:IV|III|II|I|\d{{1,2}}){OF_YEAR}(?![\w/])"
_LISTED = re.compile(
    rf"^(?P<before>.*?)(?P<what>quý|tháng)\s+(?P<numbers>{_NUMBER}(?:{_AND}(?:(?:quý|tháng)\s+)?{_NUMBER})+)(?P<after>.*)$",
    re.IGNORECASE | re.DOTALL,
)
"""Several quarters or months with one word before them."""

_DATE = r"\d{1,2}/\d{1,2}(?:/20\d\d)?(?![\d/])"
_LISTED_DAYS = re.compile(
    rf"^(?P<before>(?:\D|\b0?6(?=\s+tháng\b))*)(?P<days>{_DATE}(?:{_AND}(?:(?:trước|ngày)\s+)*{_DATE})+)(?P<after>\D*(?:20\d\d)?\D*)$",
    re.IGNORECASE | re.DOTALL,
)
"""Several days: "trước ngày 15/6 và 15/12"."""

_NUMBERED = re.compile(rf"(?:(?:quý|tháng)\s+)?(?P<number>IV|III|II|I|\d{{1,2}})(?P<year>{OF_YEAR})", re.IGNORECASE)

_ALL_YEARS = re.compile(r"(?:h[àằăâ]ng|mỗi)\s+năm|thường niên|(?:1|01|một)\s+lần/năm", re.IGNORECASE)
BEGINNING = re.compile(
    r",?\s*\b(?:bắt đầu\s+)?(?:kể\s+)?từ\s+"
    r"(?P<begin>(?:(?:ngày|tháng|quý)\s+)?(?:\d{1,2}|[IV]+)\b[^;()]{0,40}?20\d\d)\b(?!.*(?:đến|tới|-|–))",
    re.IGNORECASE,
)
"""Hằng tháng, từ tháng 7/2026."""
_CONTINUOUS = re.compile(
    r"thuong xuyen|^tx$|lien tuc|hang ngay|moi ngay|24 24|suot nam|quanh nam|^(trong )?ca nam$|^trong nam$"
)
_AD_HOC = re.compile(r"dot xuat|theo yeu cau|khi phat sinh|theo thuc te|^(moi )?khi (co|xay ra) ")
_HALF = re.compile(r"(06|6) thang (dau|cuoi) nam")

_TERM = r"(?:(?:\d{1,2}|một|hai|ba)\s+(?:giờ|ngày|tuần|tháng)(?:\s+làm việc)?,?\s+)"
_ENDS = r"(?=,\s*(?:xong|hoàn thành|trước|chậm nhất|muộn nhất)\b|[;.()\n]|$)"
_AWAITED = re.compile(
    rf"{_TERM}?(?:ngay\s+)?sau\s+khi\s+[^;.()\n]+?{_ENDS}|"
    r"(?:ngay\s+)?khi\s+(?:có|nhận được)\s+(?:hướng dẫn|văn bản|ý kiến|quyết định|chủ trương)[^;.()\n]*|"
    r"(?:ngay\s+)?khi\s+(?:Bộ|Sở|UBND|Ủy ban nhân dân|Chính phủ|thành phố|Thành ủy|Trung ương|cấp)\s[^;.()\n]{0,80}?"
    r"(?:ban hành|hướng dẫn|phê duyệt|đồng ý|thông qua|cho ý kiến|giao)[^;.()\n]*",
    re.IGNORECASE,
)
_FROM_EVENT = re.compile(
    rf"(?:{_TERM}(?:kể\s+)?|kể\s+)từ\s+(?:ngày|khi|thời điểm)\s+"
    r"(?!\d|ký\b|(?:ban hành|kết thúc)\s*(?:kế hoạch|kỳ|quý|tháng|tuần|năm|$))[^;.()\n]+?"
    rf"{_ENDS}",
    re.IGNORECASE,
)
"""15 ngày kể từ ngày nhận được văn bản: an event, not the plan's own day or a period's end."""
_AWAITED_IN_CONTENT = re.compile(
    r"sau\s+khi\s+(?:có\s+(?:hướng dẫn|ý kiến|văn bản|quyết định|chủ trương|kết luận)|"
    r"(?:cấp có thẩm quyền|Bộ|Chính phủ|Thủ tướng|UBND|Ủy ban nhân dân|HĐND|Hội đồng nhân dân|Thành ủy|Sở)\s"
    r"[^;.()\n]{0,120}?(?:đồng ý|phê duyệt|ban hành|hướng dẫn|thông qua))[^;.()\n]*",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\bnếu\s+(?:có|triển khai|phát sinh|được\s+\w+|cần|cần thiết)\s*(?=[).,;]|$)", re.IGNORECASE)

_RECURRING: Final = frozenset(
    {
        "continuous",
        "yearly",
        "yearly_month",
        "yearly_quarter",
        "half_yearly",
        "quarterly",
        "monthly",
        "weekly",
        "ad_hoc",
    }
)
LONGEST: Final = 1_000  # letters of a time; each number in it is looked at with all that stands around it
PHASE_ENDS = re.compile(
    r"\s*[;\n]\s*|(?<=[^\W\d])\.\s+|(?<=\d)\.\s+(?=[^\W\d])|"
    r"\s+và\s+(?=(?:triển khai|thực hiện|báo cáo|duy trì|tổ chức)\b)"
)


def read_timing(text: str) -> Timing:
    """Classify a timing cell by its phases."""
    text = without_marks(text)
    phases = tuple(_phase(piece) for part in PHASE_ENDS.split(text) if part.strip(" .,;") for piece in _listed(part))
    if not phases:
        return Timing(kind="none")
    phases = _rejoined(phases, text)
    froms = [phase.from_year for phase in phases if phase.from_year]
    tos = [phase.to_year for phase in phases if phase.to_year]
    ends = not any(phase.kind in _RECURRING and phase.to_year is None for phase in phases)
    return Timing(
        kind=phases[0].kind if len(phases) == 1 else "phases",
        from_year=min(froms, default=None),
        to_year=max(tos, default=None) if ends else None,
        phases=phases,
    )


def read_condition(*texts: str) -> bool:
    """Whether the task applies only "nếu có" or "nếu triển khai"; a clause "nếu có vấn đề …" makes no such task."""
    return any(_CONDITION.search(one_line(text)) for text in texts)


def read_blocking(timing: str, note: str, content: str) -> str | None:
    """What must arrive before the clock starts, in the plan's words."""
    if found := _FROM_EVENT.search(PHASE_ENDS.split(one_line(timing))[0]):
        return found[0].strip(" ,")
    for text in (timing, note):
        if found := _AWAITED.search(one_line(text)):
            return found[0].strip(" ,")
    found = _AWAITED_IN_CONTENT.search(one_line(content))
    return found[0].strip(" ,") if found else None


def _listed(text: str) -> list[str]:
    """ "Quý II, IV năm 2026" as two times; "quý II - IV" and "quý III, IV", which follow each other, as one."""
    if found := _LISTED_DAYS.match(one_line(text)):
        days = re.findall(_DATE, found["days"])
        year = days[-1][-5:] if days[-1].count("/") == 2 else ""
        dated = (day if day.count("/") == 2 else day + year for day in days)
        return [f"{found['before']}{day}{found['after']}" for day in dated]
    found = _LISTED.match(one_line(text))
    if found is None:
        return [text]
    parts = [_NUMBERED.match(part) for part in re.split(_AND, found["numbers"])]
    named = [(part["number"], part["year"]) for part in parts if part]
    values = [QUARTERS.get(number.lower()) or int(number) for number, _ in named]
    if values == list(range(values[0], values[0] + len(values))):
        return [text]
    last = named[-1][1]
    return [f"{found['before']}{found['what']} {number}{year or last}{found['after']}" for number, year in named]


def _rejoined(phases: tuple[Phase, ...], text: str) -> tuple[Phase, ...]:
    """One phase again where only one piece names a time ("Thường xuyên; có báo cáo")."""
    known = [phase for phase in phases if phase.kind != "unknown"]
    return (_phase(text),) if len(phases) > 1 and len(known) == 1 and len(phases) != len(known) else phases


def _phase(text: str) -> Phase:
    text = one_line(text).strip(" .,;")
    if len(text) > LONGEST:
        return Phase(text=text, kind="unknown")
    solar = LUNAR.sub("", text)
    words = fold(solar)
    readers = (_blocked, _half, _repeated, _dated, _spanned)
    found = next(filter(None, (reader(solar, words) for reader in readers)), None)
    if found is None:
        return Phase(text=text, kind="unknown")
    awaited = _awaited(text)
    starts_on, ends_on = span_of(found)
    return replace(
        found, text=text, starts_on=found.starts_on or starts_on, ends_on=ends_on, recurrence=recurrence_of(found.kind),
        waits_for=awaited[0].strip(" ,") if awaited else None,
    )  # fmt: skip


def _awaited(text: str) -> re.Match[str] | None:
    return _AWAITED.search(text) or _FROM_EVENT.search(text)


def _blocked(text: str, words: str) -> Phase | None:
    """What waits for an event; a day that stands beside it is its own."""
    awaited = _awaited(text)
    if awaited is None:
        return None
    first, last = _years(text)
    quarter, month, day = within_year(text.replace(awaited[0], " "))
    return Phase(text=text, kind="blocked", from_year=first, to_year=last, quarter=quarter, month=month, day=day)


def _half(text: str, words: str) -> Phase | None:
    first, last = _years(text)
    return Phase(text=text, kind="half_year", from_year=first, to_year=last) if _HALF.search(words) else None


def _repeated(text: str, words: str) -> Phase | None:
    begin = BEGINNING.search(text)
    starts_on = _begins_on(begin["begin"]) if begin else None
    found = _again(text.replace(begin[0], " ") if begin and starts_on else text, words)
    if found is None or starts_on is None:
        return found
    return replace(found, text=text, from_year=starts_on.year, starts_on=starts_on)


def _again(text: str, words: str) -> Phase | None:
    """What comes again, whenever it began."""
    first, last = _years(text)
    goes_on = _ONWARD.search(text) is not None
    again = Phase(text=text, kind="yearly", from_year=first, to_year=None if goes_on else last)
    found = read_recurrence(text)
    is_yearly = _ALL_YEARS.search(text) is not None or (found is not None and found.kind in ("yearly", "half_yearly"))
    if is_yearly and (found is None or found.kind == "yearly" or any(within_year(text))):
        quarter, month, day = within_year(text)
        kind = "yearly_month" if month else "yearly_quarter" if quarter else "yearly"
        times = found.times if found and kind == "yearly" else None
        return replace(again, kind=kind, quarter=quarter, month=month, day=day, times=times)
    if found is not None:
        return replace(
            again, kind=found.kind, day=found.day, month_of_period=found.month_of_period, weekday=found.weekday,
            times=found.times,
        )  # fmt: skip
    if last is not None and goes_on:
        return replace(again, from_year=first or last)
    kinds = ["continuous"] * bool(_CONTINUOUS.search(words)) + ["ad_hoc"] * bool(_AD_HOC.search(words))
    return replace(again, kind=kinds[0]) if kinds else None


def _dated(text: str, words: str) -> Phase | None:
    if found := _SINCE.search(text):
        since = _phase(found["begin"])
        starts_on = since.starts_on or since.ends_on
        return Phase(
            text=text, kind="years", from_year=since.from_year, to_year=int(found["year"]), starts_on=starts_on
        )
    quarter, month, day = within_year(text)
    if not (quarter or month):
        return None
    first, last = _years(text)
    if _FROM_ON.search(text):
        return Phase(text=text, kind="continuous", from_year=first, starts_on=_begins_on(text))
    kind = "date" if day else "month" if month else "quarter"
    starts_on = first_day(text, last) if day and last else None
    return Phase(
        text=text, kind=kind, from_year=first, to_year=last, quarter=quarter, month=month, day=day, starts_on=starts_on
    )


def _begins_on(text: str) -> date | None:
    """The day, or the first one of the month or quarter, that a text names with its year."""
    quarter, month, day = within_year(text)
    _, year = _years(text)
    if not (quarter or month):
        return None
    begin = span_of(Phase(text="", kind="date", to_year=year, month=month, day=day, quarter=quarter))
    return begin[0] or begin[1]


def _spanned(text: str, words: str) -> Phase | None:
    first, last = _years(text)
    if last is None:
        return None
    return Phase(text=text, kind="year" if first == last else "years", from_year=first, to_year=last)


def _years(text: str) -> tuple[int | None, int | None]:
    """First and last year; only a last one for "đến năm 2030"."""
    if found := _SPAN.search(text):
        return int(found[1]), int(found[2])
    if found := _UNTIL.search(text):
        return None, int(found[1] or found[2])
    if found := _BEFORE_YEAR.search(text):
        return None, int(found[1]) - 1
    years = [int(year) for year in _ONE_YEAR.findall(text)]
    return (min(years), max(years)) if years else (None, None)
