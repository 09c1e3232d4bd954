"""Hồ sơ trên sơ đồ: how many wait where, how long steps take, and which cases these are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from engine.spiff.places import INSIDE, PERSON, SERVICE, WORDS, Place
from webapp.database import db
from webapp.identity import signed_in_person
from webapp.incoming import whole_number
from webapp.permissions import Permission
from webapp.procedures import heat_queries
from webapp.procedures.blueprint import bp
from webapp.procedures.heat_queries import Asked, CaseAt, Done, Spent, Waiting
from webapp.procedures.migration_pages import drawn, level
from webapp.procedures.migration_queries import Version, find_version, versions_of
from webapp.procedures.words import hours_in_words
from webapp.runtime import now
from webapp.security import requires

PERIODS = {"30": "30 ngày qua", "90": "90 ngày qua", "365": "12 tháng qua"}
USUAL = "90"
BY_TIME = "thoi-gian"


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
    done_url: str | None


@bp.get("/quy-trinh/<uuid:definition_id>/ho-so-tren-so-do")
@requires(Permission.SEE_ALL_CASES)
def heat(definition_id: UUID) -> ResponseReturnValue:
    """The drawing of a version with the numbers on it, and the same numbers in a table."""
    version, tenant_id = _version(definition_id), signed_in_person().tenant_id
    asked = request.args.get("ky", USUAL)
    period = asked if asked in PERIODS else USUAL
    by_time = request.args.get("theo") == BY_TIME
    until = now()
    since = until - timedelta(days=int(period))
    places = drawn(version).places()
    waiting = heat_queries.waiting_now(db.session(), tenant_id, definition_id, until)
    steps = [id for id, place in places.items() if place.kind == PERSON]
    spent = heat_queries.time_spent(db.session(), tenant_id, definition_id, steps, since)
    shown = (place for place in places.values() if place.kind != INSIDE)
    figures = [_figures(place, definition_id, waiting, spent, period) for place in shown]
    return render_template(
        "procedures/heat.html", version=version, versions=versions_of(db.session(), tenant_id, version.key),
        figures=figures, counts=_times(figures) if by_time else _counts(figures), periods=PERIODS, period=period,
        by_time=by_time, hours=hours_in_words,
        running=heat_queries.running_on(db.session(), tenant_id, definition_id),
    )  # fmt: skip


def _figures(
    place: Place, definition_id: UUID, waiting: dict[str, Waiting], spent: dict[str, Spent], period: str
) -> Figures:
    at = waiting.get(place.element_id, Waiting())

    def listed(**more: Any) -> str | None:
        return url_for("procedures.cases_at", definition_id=definition_id, buoc=place.element_id, **more)

    return Figures(
        place.element_id, place.name, WORDS[place.kind], at, spent.get(place.element_id),
        listed() if at.cases and place.kind != SERVICE else None, listed(qua_han=1) if at.overdue else None,
        listed(da_lam=period) if place.element_id in spent else None,
    )  # fmt: skip


def _counts(figures: list[Figures]) -> dict[str, dict[str, Any]]:
    """The numbers on the drawing. What may come at any time is waited for by all: it has a number, and no colour."""
    shown = [*(one for one in figures if ":" not in one.element_id), *_calls(figures)]
    most = max((one.waiting.cases for one in shown if one.kind == WORDS[PERSON]), default=0)
    return {one.element_id: _count(one, most) for one in shown if one.waiting.cases}


def _times(figures: list[Figures]) -> dict[str, dict[str, Any]]:
    """How long steps take, on the drawing."""
    spent = {one.element_id: (one, one.spent) for one in figures if one.spent and ":" not in one.element_id}
    longest = max((round(at.median * 60) for _, at in spent.values()), default=0)
    return {
        id: {
            "text": hours_in_words(at.median), "url": one.done_url, "level": level(round(at.median * 60), longest),
            "label": f"{one.name}: một nửa xong trong {hours_in_words(at.median)}, "
            f"chín phần mười trong {hours_in_words(at.ninetieth)}",
        }
        for id, (one, at) in spent.items()
    }  # fmt: skip


def _calls(figures: list[Figures]) -> Iterator[Figures]:
    """What waits for people in a called process is shown where that is called."""
    inside: dict[str, list[Figures]] = {}
    for one in figures:
        call, behind, _ = one.element_id.partition(":")
        if behind and one.kind == WORDS[PERSON]:
            inside.setdefault(call, []).append(one)
    for call, each in inside.items():
        at = Waiting(sum(one.waiting.cases for one in each), sum(one.waiting.overdue for one in each))
        url = next((one.url for one in each if one.url and one.waiting.cases == at.cases), None)
        yield Figures(call, each[0].name.partition(" › ")[0], WORDS[PERSON], at, None, url, None, None)


def _count(one: Figures, most: int) -> dict[str, Any]:
    late = one.waiting.overdue
    label = f"{one.name}: {one.waiting.cases} hồ sơ đang chờ" + (f", {late} quá hạn" if late else "")
    heat = level(one.waiting.cases, most) if one.kind == WORDS[PERSON] else 0
    return {"text": str(one.waiting.cases), "late": str(late or ""), "label": label, "url": one.url, "level": heat}


@bp.get("/quy-trinh/<uuid:definition_id>/ho-so")
@requires(Permission.SEE_ALL_CASES)
def cases_at(definition_id: UUID) -> ResponseReturnValue:
    """The cases behind a number."""
    version, place = place_asked(definition_id)
    if (period := request.args.get("da_lam", "")) in PERIODS:
        return _done(version, place, period)
    asked, at = overdue_asked(), request.args.get("sau", type=UUID)
    cases, after = page_of_cases(version, place, at)
    here: dict[str, Any] = {
        "definition_id": definition_id,
        "buoc": place.element_id,
        "qua_han": 1 if asked else None,
    }
    return render_template(
        "procedures/heat_cases.html", version=version, place=place, is_overdue=asked, cases=cases,
        next_url=url_for("procedures.cases_at", **here, sau=after) if after else None,
        first_url=url_for("procedures.cases_at", **here) if at else None,
        sheet_url=url_for("procedures.cases_sheet", **here),
    )  # fmt: skip


def _done(version: Version, place: Place, period: str) -> str:
    """The times that a step was done, behind its median, a page of them."""
    first, most = max(whole_number(request.args.get("tu")) or 0, 0), heat_queries.PAGE
    found = done_in(version, place, period, slice(first, first + most + 1))
    here: dict[str, Any] = {"definition_id": version.id, "buoc": place.element_id, "da_lam": period}
    return render_template(
        "procedures/heat_done.html", version=version, place=place, done=found[:most], period=period, periods=PERIODS,
        hours=hours_in_words, sheet_url=url_for("procedures.cases_sheet", **here),
        next_url=url_for("procedures.cases_at", **here, tu=first + most) if len(found) > most else None,
        first_url=url_for("procedures.cases_at", **here) if first else None,
    )  # fmt: skip


def place_asked(definition_id: UUID) -> tuple[Version, Place]:
    """The version and the place of its drawing that the address names. Raises NotFound."""
    version = _version(definition_id)
    place = drawn(version).places().get(request.args.get("buoc", ""))
    if place is None or place.kind not in heat_queries.AT:
        raise NotFound
    return version, place


def overdue_asked() -> bool:
    """Whether only the overdue cases are wanted."""
    return request.args.get("qua_han") == "1"


def page_of_cases(version: Version, place: Place, after: UUID | None) -> tuple[list[CaseAt], UUID | None]:
    """The cases that wait at a place, a page of them, with where the next begins."""
    asked = Asked(version.id, place.element_id, place.kind, overdue_asked(), after)
    cases = heat_queries.cases_at(db.session(), signed_in_person().tenant_id, asked, now())
    shown = cases[: heat_queries.PAGE]
    return shown, shown[-1].instance_id if len(cases) > len(shown) else None


def done_in(version: Version, place: Place, period: str, shown: slice) -> list[Done]:
    """The times that a step was done in a period, the longest first."""
    since = now() - timedelta(days=int(period))
    return heat_queries.slowest(db.session(), signed_in_person().tenant_id, version.id, place.element_id, since, shown)


def _version(definition_id: UUID) -> Version:
    found = find_version(db.session(), signed_in_person().tenant_id, definition_id)
    if found is None:
        raise NotFound
    return found
