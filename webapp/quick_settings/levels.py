"""A table of reminders as rows of a form, and back into its notation."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.reminders import parse_reminders
from webapp.procedures.words import RECIPIENTS, Units, desk_in_words

ROWS_TO_ADD = 2
DAYS, HOURS = "wd", "h"
DESKS = (
    "head@lead", "head@focal", "focal@focal", "head@supervisor", "vice_chair@committee", "chair@committee",
    "office@committee",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """One row: how far before or after the due day, when, whom."""

    amount: str  # digits; "" for a row that is not used
    side: str  # "before" or "after"
    unit: str  # DAYS or HOURS
    time: str  # "08:00"
    recipients: tuple[str, ...]


def rows_of(text: str) -> list[Level]:
    """The rows of a step's table, and some to fill. Raises ValueError for a table that cannot be read."""
    rows = [
        Level(
            str(abs(one.offset_days if one.offset_days is not None else one.offset_hours or 0)),
            "after" if one.escalation else "before", HOURS if one.offset_days is None else DAYS,
            f"{one.time:%H:%M}" if one.time else "", one.recipients,
        )
        for one in parse_reminders(text)
    ]  # fmt: skip
    return rows + [Level("", "before", DAYS, "08:00", ()) for _ in range(ROWS_TO_ADD)]


def recipients_to_choose(used: tuple[Level, ...], units: Units) -> list[tuple[str, str]]:
    """The usual recipients, and whoever is in the table already."""
    desks = dict.fromkeys([*DESKS, *(who for row in used for who in row.recipients if "@" in who)])
    return [*RECIPIENTS.items(), *((desk, desk_in_words(desk, units)) for desk in desks)]


def typed_rows(form: Mapping[str, list[str]]) -> list[Level]:
    """The rows as they were sent."""
    count = len(form.get("amount", []))

    def at(name: str, n: int) -> str:
        values = form.get(name, [])
        return values[n].strip() if n < len(values) else ""

    return [
        Level(at("amount", n), at("side", n), at("unit", n), at("time", n), tuple(form.get(f"to-{n}", [])))
        for n in range(count)
    ]


def written(rows: list[Level]) -> str:
    """The table's notation. Raises ValueError, in Vietnamese, saying which row is wrong."""
    entries = []
    for n, row in enumerate(rows, 1):
        if not row.amount and not row.recipients:
            continue
        entries.append(_entry(n, row))
    text = "; ".join(entries)
    parse_reminders(text)
    return text


def _entry(n: int, row: Level) -> str:
    if not (row.amount.isascii() and row.amount.isdecimal() and len(row.amount) < 4):
        raise ValueError(f"Dòng {n}: ghi số ngày hoặc số giờ, ví dụ 2.")
    if not row.recipients:
        raise ValueError(f"Dòng {n}: chọn ít nhất một người được báo.")
    sign = "" if not int(row.amount) else "+" if row.side == "after" else "-"
    offset = f"{sign}{row.amount}{row.unit if row.unit in (DAYS, HOURS) else DAYS}"
    time = f" {row.time or '08:00'}" if row.unit != HOURS else ""
    return f"{offset}{time} {' '.join(row.recipients)}"
