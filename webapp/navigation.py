"""What the frame around every page shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Flask, current_app, g, request, url_for

from engine.command import EnginePermission
from webapp.cases.access import focal_unit_among, sees_all, unit_values
from webapp.database import db, rows_of
from webapp.identity import CurrentPerson, current_person
from webapp.inbox.queries import count_mine
from webapp.notifications.queries import COUNT_UNREAD
from webapp.organisation.models import Committee
from webapp.permissions import Permission
from webapp.presentation import moment
from webapp.runtime import now
from webapp.settings import Settings

MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the main navigation."""

    label: str
    endpoint: str
    icon: str
    permission: str
    for_focal_heads: bool = False  # heads of units have it only where their unit is some plan's focal unit


PLACES = (
    Place("Hộp việc", "inbox.index", "inbox", EnginePermission.WORK),
    Place("Báo cáo của đơn vị", "cycles.unit_reports", "report", EnginePermission.WORK),
    Place("Duyệt và ký", "approvals.index", "writing-sign", Permission.SIGN, for_focal_heads=True),
    Place("Kỳ báo cáo", "cycles.index", "calendar-stats", Permission.SEE_CASES, for_focal_heads=True),
    Place("Phát hành", "documents.index", "send", Permission.ISSUE_DOCUMENTS),
    Place("Kế hoạch", "plans.index", "clipboard-list", Permission.SEE_CASES),
    Place("Kết quả năm", "plans.results", "report-analytics", Permission.SEE_CASES),
    Place("Khó khăn", "difficulties.index", "flag-3", Permission.SEE_CASES),
    Place("Quy trình", "procedures.index", "sitemap", Permission.SEE_ALL_CASES),
    Place("Sự cố", "procedures.incidents", "alert-triangle", EnginePermission.OPERATE),
    Place("Người dùng", "organisation.people", "users", Permission.ADMINISTER),
    Place("Thiết lập phường", "organisation.setup", "settings", Permission.ADMINISTER),
)
PART_OF = {"unit_changes": "organisation", "contacts": "plans", "cases": "plans", "rehearsals": "procedures"}
"""Packages without a place of their own, under the one whose pages lead there."""


class Entry(NamedTuple):
    """A place as a page shows it."""

    label: str
    url: str
    icon: str
    badge: str
    active: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame says beside its places."""

    ward_name: str = ""
    unread: int = 0
    is_focal: bool = False  # one of the person's units is


@lru_cache(maxsize=64)
def _frame(units: int) -> Any:
    """One statement, since every page asks it; for so many units made once."""
    return sa.select(
        Committee.name, COUNT_UNREAD.scalar_subquery().label("unread"), focal_unit_among(units).label("is_focal")
    ).where(Committee.tenant_id == sa.bindparam("tenant_id"))


def _frame_of(person: CurrentPerson) -> Frame:
    units = unit_values(person)
    values = {"tenant_id": person.tenant_id, "person_id": person.id, **units}
    return next((Frame(*row) for row in rows_of(db.session(), _frame(len(units)), values)), Frame())


def capped(count: int) -> str:
    """Counts stop at "99+"; nothing to count shows nothing."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count) if count else ""


def register(app: Flask) -> None:
    """Give every template its frame."""
    with app.test_request_context():
        app.extensions["places"] = {place.endpoint: url_for(place.endpoint) for place in PLACES}

    @app.context_processor
    def around() -> dict[str, Any]:
        person = None if request.endpoint == "static" or "frameless" in g else current_person()
        if person is None:
            return {"nav": (), "person": None, "ward_name": "", "notification_count": "", "demo_clock": None}
        frame = _frame_of(person)
        settings: Settings = current_app.config["SETTINGS"]
        return {
            "nav": tuple(_places(person, frame)),
            "person": person,
            "ward_name": frame.ward_name,
            "notification_count": capped(frame.unread),
            "demo_clock": moment(now()) if settings.movable_clock else None,
            "may_move_clock": settings.movable_clock and person.may(EnginePermission.MOVE_CLOCK),
        }


def _places(person: CurrentPerson, frame: Frame) -> Iterator[Entry]:
    here = _place_of(request.endpoint or "", person)
    for place in PLACES:
        if place.for_focal_heads and not frame.is_focal and not sees_all(person):
            continue
        if person.may(place.permission):
            badge = capped(count_mine(db.session(), person)) if place.endpoint == "inbox.index" else ""
            url = f"{request.script_root}{_paths()[place.endpoint]}"
            yield Entry(place.label, url, place.icon, badge, place is here)


def _paths() -> dict[str, str]:
    """Where places are, by their endpoints: worked out once."""
    paths: dict[str, str] = current_app.extensions["places"]
    return paths


def _place_of(endpoint: str, person: CurrentPerson) -> Place | None:
    """The entry a page belongs to: the one whose address its own begins with, else its package's list or first.

    Contacts are a room of administration to whoever administers.
    """
    for place in PLACES:
        if f"{request.path}/".startswith(f"{_paths()[place.endpoint]}/"):
            return place
    package = endpoint.partition(".")[0]
    administers = package == "contacts" and person.may(Permission.ADMINISTER)
    package = "organisation" if administers else PART_OF.get(package, package)
    candidates = [place for place in PLACES if place.endpoint.partition(".")[0] == package]
    wanted = (endpoint, f"{package}.index")
    return next((p for name in wanted for p in candidates if p.endpoint == name), next(iter(candidates), None))
