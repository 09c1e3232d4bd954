"""Timers of the drawing: when each is due, counted from the instant that the caller gives, never the wall clock."""

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.spiff.definitions import WalkFailed
from engine.spiff.expressions import LOCAL, ScriptEngine, element_of, utc

DURATION = re.compile(
    r"P(?=\d|T)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
REPEATING = re.compile(r"R\d*/.*", re.DOTALL)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ][0-9:.]+(?:Z|[+-]\d{2}:?\d{2})?)?")
FIRST, LAST_YEAR = datetime(2026, 1, 1, tzinfo=LOCAL), 2099


def is_literal(text: str) -> bool:
    """Whether a timer's text is an ISO duration or instant rather than an expression."""
    text = unquoted(text)
    return bool(DURATION.fullmatch(text) or INSTANT.fullmatch(text))


def is_possible(text: str) -> bool:
    """Whether an ISO duration or instant is a moment of this century: no 30 February, no 9,999 years."""
    text = unquoted(text)
    match = DURATION.fullmatch(text)
    try:
        return (_after(FIRST, _counts(match)) if match else datetime.fromisoformat(text)).year <= LAST_YEAR
    except (ValueError, OverflowError):
        return False


def is_repeating(text: str) -> bool:
    """Whether a timer's text is an ISO repetition: `R3/PT10H`."""
    return REPEATING.fullmatch(unquoted(text)) is not None


def is_duration(text: str) -> bool:
    """Whether a timer's text is meant as an ISO duration, rightly written or not."""
    return re.fullmatch(r"P[0-9A-Z]*", unquoted(text)) is not None


def unquoted(text: str) -> str:
    """Other modelers write ISO texts as Python strings: `"P3D"`."""
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def due_at(text: str, engine: ScriptEngine, task: Any) -> datetime:
    """When a timer entered now is due, in UTC. Raises WalkFailed."""
    value: object = text if is_literal(text) else engine.evaluate(task, text)
    try:
        due = _instant(value, engine)
    except (ValueError, OverflowError):
        due = None
    if due is None or due.year > LAST_YEAR:
        raise WalkFailed(element_of(task), f"Bộ hẹn giờ không cho ra thời điểm: “{text}”.")
    return due


def _instant(value: object, engine: ScriptEngine) -> datetime | None:
    if isinstance(value, str):
        return _parsed(unquoted(value), engine)
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, date):
        return end_of(value, engine)
    return None


def end_of(day: date, engine: ScriptEngine) -> datetime:
    """The midnight that ends a day: a bare date is the last day in time."""
    known = engine.context.functions.get("end_of")
    instant = known(day) if known is not None else None
    return utc(instant if isinstance(instant, datetime) else datetime.combine(day + timedelta(days=1), time(), LOCAL))


def _parsed(text: str, engine: ScriptEngine) -> datetime:
    match = DURATION.fullmatch(text)
    if match is not None:
        return _after(engine.context.now, _counts(match))
    value = datetime.fromisoformat(text)
    return end_of(value.date(), engine) if len(text) == len("2026-12-05") else utc(value)


def _counts(match: re.Match[str]) -> dict[str, int]:
    return {name: int(count or 0) for name, count in match.groupdict().items()}


def _after(now: datetime, parts: dict[str, int]) -> datetime:
    """Months keep the day of the month where it exists, else end with the month."""
    local = now.astimezone(LOCAL)
    months = local.month - 1 + parts.pop("years") * 12 + parts.pop("months")
    year, month = local.year + months // 12, months % 12 + 1
    if year > LAST_YEAR:
        raise OverflowError
    day = min(local.day, monthrange(year, month)[1])
    return utc(local.replace(year=year, month=month, day=day) + timedelta(**parts))
