"""Duties to report that the body of a plan states, with their days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from webapp.plans.reading.blocks import Paragraph
from webapp.plans.reading.readings import ReportingDuty
from webapp.plans.reading.units import read_coordinators

_SENTENCE_ENDS = re.compile(r";\s+(?![^()]*\))|(?<=[^\W\d])\.\s+|(?<=\d)\.\s+(?=[A-ZĐÂÊÔƠƯ])|\n")
_NEXT = r"(?:sau|tiếp theo|kế tiếp|liền kề)"
_EACH = (
    rf"(?:của\s+|h[àằ]ng\s+)?tháng (?:đầu|giữa|cuối)(?: tiên| cùng)?(?: của)?(?: mỗi)? (?:quý|kỳ báo cáo)(?: {_NEXT})?"
    rf"|(?:của\s+)?tháng {_NEXT}|(?:h[àằ]ng|mỗi) tháng"
)
_DAY = re.compile(
    r"(?P<before>trước|chậm nhất|muộn nhất|xong|hạn cuối|hạn)\s+(?:hết\s+|là\s+|vào\s+|trước\s+)?"
    r"(?:\d{1,2}\s*(?:h|giờ)\s*(?:\d{2})?\s*,?\s*)?(?:hết\s+)?(?P<named>ngày\s+)?(?P<day>\d{1,2})"
    r"(?:\s*(?:/|-|\s+tháng\s+)\s*(?P<month>\d{1,2})(?!\d)(?:\s*(?:/|-|\s+năm\s+)\s*(?P<year>20\d\d))?"
    rf"|\s+(?P<each>{_EACH}))",
    re.IGNORECASE,
)
_FURTHER = re.compile(
    r"\s*(?:,|và)\s*(?:ngày\s+)?(?P<day>\d{1,2})/(?P<month>\d{1,2})(?:/(?P<year>20\d\d))?(?![\d/])", re.IGNORECASE
)
"""The others of "trước ngày 20/3, 20/6, 20/9 và 20/12"."""
_BY_MONTHS_APART: Final = {3: "quarterly", 6: "half_yearly"}
_FREQUENCIES: Final = (
    ("half_yearly", re.compile(r"\b0?6 tháng|sáu tháng|giữa năm", re.IGNORECASE)),
    ("nine_monthly", re.compile(r"\b0?9 tháng|chín tháng", re.IGNORECASE)),
    ("quarterly", re.compile(r"\bquý\b", re.IGNORECASE)),
    ("monthly", re.compile(r"(?:h[àằ]ng|mỗi|định kỳ) tháng", re.IGNORECASE)),
    ("weekly", re.compile(r"(?:h[àằ]ng|mỗi) tuần", re.IGNORECASE)),
    ("yearly", re.compile(r"(?:h[àằ]ng|mỗi|một) năm|báo cáo năm|định kỳ năm|(?:1|01) năm|[,;] năm\b", re.IGNORECASE)),
    ("mid_term", re.compile(r"sơ kết|giữa kỳ", re.IGNORECASE)),
    ("final", re.compile(r"tổng kết", re.IGNORECASE)),
    ("ad_hoc", re.compile(r"đột xuất|khi có yêu cầu", re.IGNORECASE)),
)
_BODY = (
    r"(?:Ủy ban nhân dân|Uỷ ban nhân dân|UBND|HĐND|Hội đồng nhân dân|Thành ủy|Đảng ủy|Sở|[Pp]hòng|Văn phòng|Bộ|"
    r"Ban Chỉ đạo|Thường trực|Chủ tịch)"
)
_END = (
    r"(?=\s*(?:[,;.()]|$)|\s+và\s+[a-zđ]|"
    r"\s+(?:kết quả|để|tổng hợp|theo|về|trước|qua|thông qua|chậm nhất|định kỳ|tình hình|khi|trong)\b)"
)
_RECIPIENT = re.compile(rf"(?:báo cáo|gửi|gửi về|về|trình|cho)\s+({_BODY}\s[^,;.()]{{2,80}}?){_END}")
_VIA = re.compile(rf"(?:thông qua|qua|gửi)\s+({_BODY}\s[^,;.()]{{2,80}}?){_END}")
_THROUGH = re.compile(rf"(?:thông qua|qua)\s+({_BODY}\s[^,;.()]{{2,80}}?){_END}")
_BRACKETS = re.compile(r"\([^()]*\)")
_REPORTING = re.compile(r"báo cáo", re.IGNORECASE)
_REVIEW = re.compile(r"sơ kết|tổng kết|giữa kỳ", re.IGNORECASE)
_REPORTED_REVIEW = re.compile(r"báo cáo (?:sơ kết|tổng kết|giữa kỳ)", re.IGNORECASE)
_OWN = re.compile(r"báo cáo (?:kết quả|tình hình|tiến độ)[^,;.]*\bh[àằ]ng (?:năm|quý|tháng)", re.IGNORECASE)
_LAST_YEAR = re.compile(r"\b(20\d\d)\b")
_PERIOD = r"(?:(?:h[àằ]ng|mỗi)\s+)?(?:(?:0?6|0?9|sáu|chín) tháng(?: đầu năm)?|quý|tháng|năm)\b(?! (?:\d|[IV]+\b))"
_NAMED_PERIODS = re.compile(
    r"báo cáo định kỳ\s*\((?P<named>[^()]*)\)"
    rf"|(?:^|định kỳ\s+|báo cáo\s+)(?P<listed>{_PERIOD}(?:\s*(?:,|và|, và)\s*{_PERIOD})+)",
    re.IGNORECASE,
)
"""Báo cáo định kỳ (6 tháng, năm); định kỳ hằng quý, 6 tháng, 9 tháng và năm."""
_EACH_PERIOD = re.compile(
    r"(?P<half_yearly>(?:0?6|sáu) tháng(?: đầu năm)?)|(?P<nine_monthly>(?:0?9|chín) tháng(?: đầu năm)?)"
    r"|(?P<quarterly>quý)|(?P<monthly>tháng(?! \d))|(?P<yearly>(?:, |^|h[àằ]ng |và )năm\b)",
    re.IGNORECASE,
)
_PERIODIC = re.compile(r"định kỳ|h[àằ]ng năm|h[àằ]ng quý|h[àằ]ng tháng|6 tháng", re.IGNORECASE)


def reporting_duties(paragraphs: list[Paragraph]) -> Iterator[ReportingDuty]:
    """One duty for each day that a sentence about reports names, one without a day for a periodic one."""
    for paragraph in paragraphs:
        for sentence in _SENTENCE_ENDS.split(paragraph.text):
            if _REPORTING.search(sentence):
                yield from _duties(sentence.strip(" -–+"), paragraph)
            elif _REVIEW.search(sentence) and _LAST_YEAR.search(sentence):
                yield _duty(sentence.strip(" -–+"), paragraph, None, sentence)


@dataclass(frozen=True, slots=True)
class _Named:
    """A day that a sentence names, alone or in a list."""

    words: str  # with the whole list
    day: int
    month: int | None
    year: int | None
    each: str  # "tháng cuối quý"
    end: int
    frequency: str = ""  # of a list whose months are equally far apart


def _duties(sentence: str, paragraph: Paragraph) -> Iterator[ReportingDuty]:
    days = [named for found in _DAY.finditer(sentence) if _is_day(found) for named in _listed(sentence, found)]
    start, known = 0, set[str]()
    for named in days:
        duty = _duty(sentence, paragraph, named, sentence[start : named.end])
        start = named.end
        known.add(duty.frequency)
        yield duty
    if known or _PERIODIC.search(sentence):
        yield from _without_days(sentence, paragraph, known)


def _without_days(sentence: str, paragraph: Paragraph, known: set[str]) -> Iterator[ReportingDuty]:
    """The periods that a sentence lists beside those of its days; without either, what it asks for as a whole."""
    if named := _NAMED_PERIODS.search(sentence):
        listed = _EACH_PERIOD.finditer(named["named"] or named["listed"])
        asked = dict.fromkeys(str(found.lastgroup) for found in listed)
        yield from (_duty(sentence, paragraph, None, "", frequency) for frequency in asked if frequency not in known)
        reviews = () if known else _reviews(sentence)
        yield from (_duty(sentence, paragraph, None, review) for review in reviews)
    elif not known and (_recipient(sentence) or _via(sentence) or _OWN.search(sentence)):
        yield _duty(sentence, paragraph, None, sentence)


def _listed(sentence: str, first: re.Match[str]) -> list[_Named]:
    """The days of "trước ngày 20/3, 20/6, 20/9 và 20/12"."""
    found = [first]
    while first["month"] and (further := _FURTHER.match(sentence, found[-1].end())):
        found.append(further)
    months = [int(each["month"]) for each in found if each["month"]]
    apart = {later - month for month, later in pairwise(months)}
    frequency = _BY_MONTHS_APART.get(apart.pop(), "") if len(apart) == 1 else ""
    words = sentence[first.start() : found[-1].end()]
    return [_named(one, words, frequency) for one in found]


def _named(found: re.Match[str], words: str, frequency: str) -> _Named:
    said = found.groupdict()
    month, year = (int(said[name]) if said[name] else None for name in ("month", "year"))
    return _Named(words, int(said["day"]), month, year, said.get("each") or "", found.end(), frequency)


def _reviews(sentence: str) -> list[str]:
    """ "báo cáo định kỳ (6 tháng, năm), báo cáo sơ kết, tổng kết": reviews that are reported as well."""
    return _REVIEW.findall(sentence) if _REPORTED_REVIEW.search(sentence) else []


def _is_day(found: re.Match[str]) -> bool:
    """ "trước ngày 05/12", "trước 05/12": a day and a month that exist; a bare number needs "ngày"."""
    day, month = int(found["day"]), int(found["month"] or 1)
    return 1 <= day <= 31 and 1 <= month <= 12 and bool(found["named"] or found["month"])


def _duty(sentence: str, paragraph: Paragraph, named: _Named | None, clause: str, frequency: str = "") -> ReportingDuty:
    return ReportingDuty(
        text=sentence,
        date_text=named.words if named else None,
        day=named.day if named else None,
        month=named.month if named else None,
        month_of_period=_month_of_period(named.each) if named and named.each else None,
        year=named.year if named else _last_year(clause),
        excludes_day="trước" in named.words.lower() if named else False,
        frequency=frequency or _frequency_of(sentence, named, clause),
        recipient=_recipient(clause) or _recipient(sentence),
        via=_via(sentence),
        place=paragraph.place,
    )


def _frequency_of(sentence: str, named: _Named | None, clause: str) -> str:
    """What stands beside the day goes before what its sentence says."""
    if named and named.each:
        return "quarterly" if re.search("quý|kỳ", named.each, re.IGNORECASE) else "monthly"
    said = _frequency(clause) or _frequency(sentence)
    if named and named.frequency and said in ("", "yearly"):
        return named.frequency
    return said or ("once" if named and named.year else "")


def _month_of_period(each: str) -> int:
    """ "tháng cuối quý" is the third, "tháng đầu quý sau" the fourth; "hằng tháng" the first, "tháng sau" the next."""
    words = each.lower()
    later = re.search(_NEXT, words) is not None
    if not re.search("quý|kỳ", words):
        return 2 if later else 1
    return next(month for month, word in enumerate(("đầu", "giữa", "cuối"), 1) if word in words) + 3 * later


def _last_year(text: str) -> int | None:
    """The year of a review: "sơ kết (giai đoạn 2026-2028)" is due in 2028."""
    years = _LAST_YEAR.findall(text) if _REVIEW.search(text) else []
    return max(map(int, years), default=None)


def _frequency(text: str) -> str:
    return next((name for name, wording in _FREQUENCIES if wording.search(text)), "")


def _recipient(text: str) -> str | None:
    found = _RECIPIENT.search(_BRACKETS.sub("", text))
    return _first_unit(found[1]) if found else None


def _first_unit(text: str) -> str | None:
    return next(iter(read_coordinators(text).names), None)


def _via(text: str) -> str | None:
    """Through whom: "(qua Phòng …)", "(gửi Sở … để tổng hợp)"."""
    for brackets in _BRACKETS.findall(text):
        if found := _VIA.search(brackets):
            return _first_unit(found[1])
    found = _THROUGH.search(_BRACKETS.sub("", text))
    return _first_unit(found[1]) if found else None
