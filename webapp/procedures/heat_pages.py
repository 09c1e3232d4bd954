"""Hồ sơ trên sơ đồ: how many wait where, how long steps take, and which cases these are."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from engine.spiff.parse import read_drawing
from engine.spiff.places import INSIDE, PERSON, SERVICE, WORDS, Place, places_of
from webapp.database import db
from webapp.identity import signed_in_person
from webapp.permissions import Permission
from webapp.procedures import heat_queries
from webapp.procedures.blueprint import bp
from webapp.procedures.heat_queries import Asked, Spent, Waiting
from webapp.procedures.migration_pages import level
from webapp.procedures.migration_queries import Version, find_version, versions_of
from webapp.runtime import now
from webapp.security import requires

PERIODS = {"30": "30 ngày qua", "90": "90 ngày qua", "365": "12 tháng qua"}
USUAL = "90"


@dataclass(frozen=True, slots=True)
class Figures:
    """One place of the drawing, with its figures."""

    element_id: str
    name: str
    kind: str
    waiting: Waiting
    spent: Spent | None
    url: str | None
    late_url: str | None


@bp.get("/quy-trinh/<uuid:definition_id>/ho-so-tren-so-do")
@requires(Permission.SEE_ALL_CASES)
def heat(definition_id: UUID) -> ResponseReturnValue:
    """The drawing of a version with the numbers on it, and the same numbers in a table."""
    version, tenant_id = _version(definition_id), signed_in_person().tenant_id
    asked = request.args.get("ky", USUAL)
    period = asked if asked in PERIODS else USUAL
    until = now()
    since = until - timedelta(days=int(period))
    places = places_of(read_drawing(version.source))
    waiting = heat_queries.waiting_now(db.session(), tenant_id, definition_id, until)
    steps = [id for id, place in places.items() if place.kind == PERSON]
    spent = heat_queries.time_spent(db.session(), tenant_id, definition_id, steps, since)
    figures = [_figures(place, definition_id, waiting, spent) for place in places.values() if place.kind != INSIDE]
    return render_template(
        "procedures/heat.html", version=version, versions=versions_of(db.session(), tenant_id, version.key),
        figures=figures, counts=_counts(figures), periods=PERIODS, period=period, since=since,
        running=heat_queries.running_on(db.session(), tenant_id, definition_id),
    )  # fmt: skip


def _figures(place: Place, definition_id: UUID, waiting: dict[str, Waiting], spent: dict[str, Spent]) -> Figures:
    at = waiting.get(place.element_id, Waiting())

    def listed(**more: Any) -> str | None:
        return url_for("procedures.cases_at", definition_id=definition_id, buoc=place.element_id, **more)

    return Figures(
        place.element_id, place.name, WORDS[place.kind], at, spent.get(place.element_id),
        listed() if at.cases and place.kind != SERVICE else None, listed(qua_han=1) if at.overdue else None,
    )  # fmt: skip


def _counts(figures: list[Figures]) -> dict[str, dict[str, Any]]:
    """The numbers on the drawing. What may come at any time is waited for by all: it has a number, and no colour."""
    most = max((one.waiting.cases for one in figures if one.kind == WORDS[PERSON]), default=0)
    return {one.element_id: _count(one, most) for one in figures if one.waiting.cases}


def _count(one: Figures, most: int) -> dict[str, Any]:
    late = one.waiting.overdue
    label = f"{one.name}: {one.waiting.cases} hồ sơ đang chờ" + (f", {late} quá hạn" if late else "")
    heat = level(one.waiting.cases, most) if one.kind == WORDS[PERSON] else 0
    return {"text": str(one.waiting.cases), "late": str(late or ""), "label": label, "url": one.url, "level": heat}


@bp.get("/quy-trinh/<uuid:definition_id>/ho-so")
@requires(Permission.SEE_ALL_CASES)
def cases_at(definition_id: UUID) -> ResponseReturnValue:
    """The cases behind a number."""
    version, tenant_id = _version(definition_id), signed_in_person().tenant_id
    place = places_of(read_drawing(version.source)).get(request.args.get("buoc", ""))
    if place is None or place.kind not in heat_queries.AT:
        raise NotFound
    after = request.args.get("sau", type=UUID)
    asked = Asked(definition_id, place.element_id, place.kind, request.args.get("qua_han") == "1", after)
    cases = heat_queries.cases_at(db.session(), tenant_id, asked, now())
    more = len(cases) > heat_queries.PAGE
    cases = cases[: heat_queries.PAGE]
    here: dict[str, Any] = {
        "definition_id": definition_id,
        "buoc": place.element_id,
        "qua_han": 1 if asked.is_overdue else None,
    }
    return render_template(
        "procedures/heat_cases.html", version=version, place=place, asked=asked, cases=cases,
        next_url=url_for("procedures.cases_at", **here, sau=cases[-1].instance_id) if more else None,
        first_url=url_for("procedures.cases_at", **here) if after else None,
    )  # fmt: skip


def _version(definition_id: UUID) -> Version:
    found = find_version(db.session(), signed_in_person().tenant_id, definition_id)
    if found is None:
        raise NotFound
    return found
