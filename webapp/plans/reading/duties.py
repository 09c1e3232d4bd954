"""Duties to report that the body of a plan states, with their days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from webapp.plans.reading.blocks import Paragraph
from webapp.plans.reading.readings import ReportingDuty
from webapp.plans.reading.units import read_coordinators

_SENTENCE_ENDS = re.compile(r";\s+|(?<=[^\W\d])\.\s+|(?<=\d)\.\s+(?=[A-ZĐÂÊÔƠƯ])|\n")
_DAY = re.compile(
    r"(?P<before>trước|chậm nhất|muộn nhất|xong|hạn cuối|hạn)\s+(?:hết\s+|là\s+|vào\s+|trước\s+)?"
    r"(?:\d{1,2}\s*(?:h|giờ)\s*(?:\d{2})?\s*,?\s*)?(?:hết\s+)?(?P<named>ngày\s+)?(?P<day>\d{1,2})"
    r"(?:\s*(?:/|-|\s+tháng\s+)\s*(?P<month>\d{1,2})(?!\d)(?:\s*(?:/|-|\s+năm\s+)\s*(?P<year>20\d\d))?"
    r"|\s+(?P<each>h[àằ]ng tháng|tháng cuối quý|của tháng cuối quý|tháng cuối của quý))",
    re.IGNORECASE,
)
_FREQUENCIES: Final = (
    ("half_yearly", re.compile(r"\b0?6 tháng|sáu tháng|giữa năm", re.IGNORECASE)),
    ("quarterly", re.compile(r"\bquý\b", re.IGNORECASE)),
    ("monthly", re.compile(r"(?:h[àằ]ng|mỗi|định kỳ) tháng", re.IGNORECASE)),
    ("weekly", re.compile(r"(?:h[àằ]ng|mỗi) tuần", re.IGNORECASE)),
    ("yearly", re.compile(r"(?:h[àằ]ng|mỗi|một) năm|báo cáo năm|định kỳ năm|(?:1|01) năm|, năm\b", re.IGNORECASE)),
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
_NAMED_PERIODS = re.compile(r"báo cáo định kỳ\s*\(([^()]*)\)", re.IGNORECASE)  # "(6 tháng, năm)"
_EACH_PERIOD = re.compile(r"0?6 tháng|, năm|^năm|quý|tháng(?! \d)", re.IGNORECASE)
_PERIODIC = re.compile(r"định kỳ|h[àằ]ng năm|h[àằ]ng quý|h[àằ]ng tháng|6 tháng", re.IGNORECASE)


def reporting_duties(paragraphs: list[Paragraph]) -> Iterator[ReportingDuty]:
    """One duty for each day that a sentence about reports names, one without a day for a periodic one."""
    for paragraph in paragraphs:
        for sentence in _SENTENCE_ENDS.split(paragraph.text):
            if _REPORTING.search(sentence):
                yield from _duties(sentence.strip(" -–+"), paragraph)
            elif _REVIEW.search(sentence) and _LAST_YEAR.search(sentence):
                yield _duty(sentence.strip(" -–+"), paragraph, None, sentence)


def _duties(sentence: str, paragraph: Paragraph) -> Iterator[ReportingDuty]:
    days = [found for found in _DAY.finditer(sentence) if _is_day(found)]
    bounds = [0, *(found.end() for found in days)]
    for start, found in zip(bounds, days, strict=False):
        yield _duty(sentence, paragraph, found, sentence[start : found.end()])
    if days or not _PERIODIC.search(sentence):
        return
    named = _NAMED_PERIODS.search(sentence)
    for clause in [*_EACH_PERIOD.findall(named[1]), *_reviews(sentence)] if named else []:
        yield _duty(sentence, paragraph, None, clause)
    if not named and (_recipient(sentence) or _via(sentence) or _OWN.search(sentence)):
        yield _duty(sentence, paragraph, None, sentence)


def _reviews(sentence: str) -> list[str]:
    """ "báo cáo định kỳ (6 tháng, năm), báo cáo sơ kết, tổng kết": reviews that are reported as well."""
    return _REVIEW.findall(sentence) if _REPORTED_REVIEW.search(sentence) else []


def _is_day(found: re.Match[str]) -> bool:
    """ "trước ngày 05/12", "trước 05/12": a day and a month that exist; a bare number needs "ngày"."""
    day, month = int(found["day"]), int(found["month"] or 1)
    return 1 <= day <= 31 and 1 <= month <= 12 and bool(found["named"] or found["month"])


def _duty(sentence: str, paragraph: Paragraph, found: re.Match[str] | None, clause: str) -> ReportingDuty:
    return ReportingDuty(
        text=sentence,
        date_text=found[0] if found else None,
        day=int(found["day"]) if found else None,
        month=int(found["month"]) if found and found["month"] else None,
        year=int(found["year"]) if found and found["year"] else None if found else _last_year(clause),
        excludes_day=bool(found) and "trước" in found[0].lower() if found else False,
        frequency=_frequency(clause) or _frequency(sentence) or ("once" if found and found["year"] else ""),
        recipient=_recipient(clause) or _recipient(sentence),
        via=_via(sentence),
        place=paragraph.place,
    )


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
