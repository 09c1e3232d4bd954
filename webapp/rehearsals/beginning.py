"""The form with which a rehearsal begins: who is which party, the dates, what the case knows at its start."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError

from engine.calendar import Calendar, local_date
from engine.commands.deployments import CalledVersions
from engine.spiff import Definition, compile_bpmn, load_definition
from forms.notation import read_date, read_number, written_date
from webapp.procedures.words import DATES, INPUTS, PARTIES
from webapp.rehearsals.acts import Bundle, Setting

_PARTY = re.compile(r"\w+@(\w+)")
WORKING_DAYS_TO = {"deadline": 20, "report_by": 20, "submit_by": 25}
YES, NO = {"có", "co", "đúng", "true"}, {"không", "khong", "sai", "false"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks for one procedure."""

    definition: Definition
    parties: tuple[tuple[str, str], ...]  # name, label
    dates: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str], ...]  # what a case knows at its start: dotted name, label
    starts: tuple[tuple[str, str], ...]  # start events to choose from


def asked_of(bundle: Bundle, called: CalledVersions) -> Asked:
    """Read it off the drawing and what it calls. Raises InvalidDefinition."""
    versions = {key: version.compiled for key, version in called.items()}
    definition = load_definition(compile_bpmn(bundle.source, versions))
    source = bundle.source.decode(errors="replace")
    named = {*_PARTY.findall(source), *(step.assignee.partition("@")[2] for step in definition.steps.values())}
    parties = sorted(named & PARTIES.keys(), key=list(PARTIES).index)
    inputs = definition.properties.get("inputs", "").split()
    starts = [(start.element_id, start.name) for start in definition.starts]
    return Asked(
        definition, tuple((party, PARTIES[party]) for party in parties), tuple(DATES.items()),
        tuple((name, INPUTS.get(name, name)) for name in inputs), tuple(starts),
    )  # fmt: skip


def usual_values(asked: Asked, parties: Mapping[str, str], now: datetime, calendar: Calendar) -> dict[str, str]:
    """What stands in the form at first."""
    values = {f"party-{party}": parties.get(party, "") for party, _ in asked.parties}
    for name, _ in asked.dates:
        values[f"date-{name}"] = written_date(calendar.shift(local_date(now), WORKING_DAYS_TO[name]))
    values["start"] = asked.starts[0][0] if asked.starts else ""
    return values


def read_setting(asked: Asked, typed: Mapping[str, str], now: datetime) -> Setting:
    """Raises ValidationError with the faults of all fields."""
    faults: dict[str, list[str]] = {}
    parties = {party: typed.get(f"party-{party}", "").strip() for party, _ in asked.parties}
    dates: dict[str, date] = {}
    for name, _ in asked.dates:
        day = read_date(typed.get(f"date-{name}", ""))
        if day is None:
            faults[f"date-{name}"] = ["Ghi ngày dạng 04/12/2026."]
        else:
            dates[name] = day
    start = typed.get("start", "")
    if start not in dict(asked.starts):
        faults["start"] = ["Chọn cách bắt đầu."]
    if faults:
        raise ValidationError(faults)
    return Setting(
        began_at=now, parties={party: unit for party, unit in parties.items() if unit}, dates=dates,
        data=_data(asked, typed), start_event=start,
    )  # fmt: skip


def _data(asked: Asked, typed: Mapping[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for dotted, _ in asked.inputs:
        *groups, name = dotted.split(".")
        place = data
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = _value(typed.get(f"input-{dotted}", ""))
    return data


def _value(text: str) -> Any:
    """Yes and no, a number, or the words themselves; nothing where nothing is written."""
    text = text.strip()
    if text.casefold() in YES:
        return True
    if text.casefold() in NO:
        return False
    number = read_number(text)
    return (text or None) if number is None else number
