"""How instants, dates and numbers read in Vietnamese: the template filters."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from flask import Flask, g

from engine.calendar import LOCAL, due_day, local_date
from webapp.runtime import now

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def day(value: date | datetime | None) -> str:
    """05/12/2026."""
    if value is None:
        return ""
    return f"{local_date(value) if isinstance(value, datetime) else value:%d/%m/%Y}"


def moment(value: datetime | None) -> str:
    """08:05 05/12/2026, in Việt Nam."""
    return f"{value.astimezone(LOCAL):%H:%M %d/%m/%Y}" if value else ""


def weekday(value: date) -> str:
    """thứ Sáu."""
    return WEEKDAYS[value.weekday()]


def last_day(due: datetime | None) -> date | None:
    """The last day in time of a due instant."""
    return due_day(due) if due else None


def time_limit(due: datetime) -> str:
    """ "hết ngày 26/11/2026", or the moment of one that does not end a day."""
    return moment(due) if due.astimezone(LOCAL).time() != time.min else f"hết ngày {day(last_day(due))}"


def file_size(size: int) -> str:
    """1,2 MB."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} kB"
    return f"{size / (1024 * 1024):.1f} MB".replace(".0 ", " ").replace(".", ",")


def register(app: Flask) -> None:
    """Make the filters known to templates."""
    filters: tuple[Callable[..., Any], ...] = (day, moment, weekday, last_day, time_limit, file_size)
    for function in filters:
        app.add_template_filter(function)

    @app.context_processor
    def clock() -> dict[str, Any]:
        return {} if "frameless" in g else {"clock_now": now}
