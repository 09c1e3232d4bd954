"""Hộp việc: what is the person's, what they may take, and for a head what the unit has."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.command import EnginePermission
from webapp.database import db
from webapp.identity import CurrentPerson, signed_in_person
from webapp.inbox.blueprint import bp
from webapp.inbox.lists import DueFilter, Filters, InboxPage, View, filter_choices, inbox_page
from webapp.inbox.queries import MOST_COUNTED, Waiting, count_waiting, due_words, waiting_elsewhere
from webapp.navigation import capped
from webapp.organisation.models import Role
from webapp.permissions import Permission
from webapp.plans.models import OccurrenceState
from webapp.security import requires

STATES = [
    (OccurrenceState.NEEDS_REWORK, "Cần bổ sung"),
    (OccurrenceState.NOT_ACCEPTED, "Chưa nhận"),
    (OccurrenceState.IN_PROGRESS, "Đang thực hiện"),
    (OccurrenceState.AWAITING_CHECK, "Chờ kiểm tra"),
]
DUES = [
    (DueFilter.OVERDUE, "Quá hạn"),
    (DueFilter.TODAY, "Hôm nay"),
    (DueFilter.SOON, "Trong 3 ngày làm việc tới"),
    (DueFilter.FAR, "Còn xa hạn"),
]
EMPTY = {
    View.MINE: ("Không có việc nào chờ bạn.", "Khi có việc mới, hệ thống báo ở đây và qua thư điện tử."),
    View.TO_TAKE: ("Không có việc nào chờ nhận.", "Việc giao cho đơn vị mà chưa ai nhận hiện ở đây."),
    View.UNIT: ("Đơn vị không có việc nào đang mở.", "Việc của mọi người trong đơn vị hiện ở đây."),
}
E = TypeVar("E", bound=StrEnum)


@bp.get("/hop-viec")
@requires(EnginePermission.WORK)
def index() -> ResponseReturnValue:
    """One of the lists, most urgent first."""
    person, read = signed_in_person(), db.session()
    waiting, words = count_waiting(read, person), due_words(read, person.tenant_id)
    view = _view(person, waiting)
    filters = _filters()
    page = inbox_page(read, person, view, filters, words)
    sees_all, heads = person.may(Permission.SEE_ALL_CASES), view is View.UNIT
    return render_template(
        "inbox/index.html",
        page=page, view=view, filters=filters, tabs=list(_tabs(person, view, waiting)),
        far=_far(view, waiting, filters), elsewhere=waiting_elsewhere(read, person),
        choices=filter_choices(read, person, units=sees_all, people=heads), states=STATES, dues=DUES,
        empty=_empty(view, filters), next_url=_next(page), clear_url=_address(view) if filters.narrows else None,
        first_url=_same_list() if filters.after else None, shows_people=heads or bool(person.stands_for),
    )  # fmt: skip


def _view(person: CurrentPerson, waiting: Waiting) -> View:
    """The list that was asked for; else the first one that has anything."""
    asked = _choice(View, "ds")
    if asked is View.UNIT and not heads_unit(person):
        asked = None
    return asked or (View.TO_TAKE if waiting.to_take and not waiting.mine else View.MINE)


def heads_unit(person: CurrentPerson) -> bool:
    """Whether the person acts as head of a unit, and so sees what its people have."""
    return person.acting is not None and person.acting.role is Role.HEAD


def _filters() -> Filters:
    """What the address asks for; what makes no sense there is left out."""
    return Filters(
        search=request.args.get("q", "")[:200], plan_id=request.args.get("ke_hoach", type=UUID),
        unit_id=request.args.get("don_vi", type=UUID), state=_choice(OccurrenceState, "trang_thai"),
        due=_choice(DueFilter, "han"), person_id=request.args.get("nguoi", type=UUID), after=_after(),
    )  # fmt: skip


def _choice(kind: type[E], name: str) -> E | None:
    value = request.args.get(name)
    return next((one for one in kind if one == value), None)


def _after() -> tuple[datetime, UUID] | None:
    at, _, id = request.args.get("sau", "").partition("_")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), UUID(id)
    except (ValueError, OverflowError):
        return None


def _tabs(person: CurrentPerson, view: View, waiting: Waiting) -> Iterator[tuple[str, str, bool, str | None]]:
    yield "Của tôi", _address(View.MINE), view is View.MINE, capped(waiting.mine) or None
    yield "Chờ nhận", _address(View.TO_TAKE), view is View.TO_TAKE, capped(waiting.to_take) or None
    if heads_unit(person):
        yield "Của đơn vị", _address(View.UNIT), view is View.UNIT, None


def _address(view: View) -> str:
    return url_for("inbox.index", ds=view)


def _far(view: View, waiting: Waiting, filters: Filters) -> tuple[str, str] | None:
    """How many steps are folded away, and where they are; for the unit's list only where."""
    if filters.narrows or filters.after:
        return None
    url = url_for("inbox.index", ds=view, han=DueFilter.FAR)
    if view is View.UNIT:
        return "", url
    count = waiting.mine_far if view is View.MINE else waiting.to_take_far
    return (capped(min(count, MOST_COUNTED)), url) if count else None


def _empty(view: View, filters: Filters) -> tuple[str, str]:
    if filters.narrows:
        return "Không có việc nào khớp với điều kiện lọc.", "Thử bỏ bớt điều kiện."
    return EMPTY[view]


def _next(page: InboxPage) -> str | None:
    return _same_list(sau=page.next_key) if page.next_key else None


def _same_list(**more: str) -> str:
    asked: dict[str, Any] = {name: value for name, value in request.args.items() if name != "sau"}
    return url_for("inbox.index", **(asked | more))


@bp.post("/hop-viec/chon")
@requires(EnginePermission.WORK)
def choose() -> ResponseReturnValue:
    """Go on with the chosen steps at the page that asks for what their action needs."""
    pages = {"giao": "inbox.assign", "cung-luc": "inbox.batch"}
    endpoint = pages.get(request.form.get("do", ""), "inbox.index")
    return redirect(url_for(endpoint, viec=request.form.getlist("viec")))
