"""Hộp việc: what is the person's, what they may take, and for a head what the unit has."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar, cast
from urllib.parse import urlencode
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.command import EnginePermission
from webapp.database import db
from webapp.documents.exporting import of_all_pages, send_list
from webapp.documents.rendering.sheets import Cell
from webapp.identity import CurrentPerson, signed_in_person
from webapp.inbox.blueprint import bp
from webapp.inbox.choices import filter_choices
from webapp.inbox.lists import DueFilter, Filters, InboxPage, InboxRow, View, inbox_page
from webapp.inbox.queries import MOST_COUNTED, Waiting, count_waiting, due_words, waiting_elsewhere
from webapp.inbox.sendable import events_of
from webapp.navigation import capped
from webapp.organisation.models import Role
from webapp.permissions import Permission
from webapp.plans.models import OccurrenceState
from webapp.plans.views.plans import OCCURRENCE_NAMES
from webapp.security import requires

STATES = (
    (OccurrenceState.NEEDS_REWORK, "Cần bổ sung"),
    (OccurrenceState.NOT_ACCEPTED, "Chưa nhận"),
    (OccurrenceState.IN_PROGRESS, "Đang thực hiện"),
    (OccurrenceState.AWAITING_CHECK, "Chờ kiểm tra"),
)
DUES = (
    (DueFilter.OVERDUE, "Quá hạn"),
    (DueFilter.TODAY, "Hôm nay"),
    (DueFilter.SOON, "Trong 3 ngày làm việc tới"),
    (DueFilter.FAR, "Còn xa hạn"),
)
TAB_NAMES = {View.MINE: "Của tôi", View.TO_TAKE: "Chờ nhận", View.UNIT: "Của đơn vị"}
EMPTY = {
    View.MINE: ("Không có việc nào chờ bạn.", "Có việc mới thì chuông báo, và thư điện tử nếu bạn đã khai."),
    View.TO_TAKE: ("Không có việc nào chờ nhận.", "Việc giao cho đơn vị mà chưa ai nhận hiện ở đây."),
    View.UNIT: ("Đơn vị không có việc nào đang mở.", "Việc của mọi người trong đơn vị hiện ở đây."),
}
E = TypeVar("E", bound=StrEnum)
Asked = Mapping[str, str]
"""What stands behind the question mark of a list's address."""


@bp.get("/hop-viec")
@requires(EnginePermission.WORK)
def index() -> ResponseReturnValue:
    """One of the lists, most urgent first."""
    person, read = signed_in_person(), db.session()
    waiting, words = count_waiting(read, person), due_words(read, person.tenant_id)
    view, filters = list_asked(person, waiting, request.args)
    listed = filters
    page = inbox_page(read, person, view, filters, words)
    if not (page.rows or filters.narrows or filters.after):
        listed = replace(filters, due=DueFilter.FAR)  # With nothing nearer it is not folded away.
        page = inbox_page(read, person, view, listed, words)
    sees_all, heads = person.may(Permission.SEE_ALL_CASES), view is View.UNIT
    here = urlencode({**request.args, "ds": view})
    met = {row.step for row in page.rows}.union([filters.step] if filters.step else ())
    return render_template(
        "inbox/index.html",
        page=page, view=view, filters=filters, tabs=tabs_of(read, person, view, waiting),
        far=_far(view, waiting, listed), elsewhere=waiting_elsewhere(read, person),
        choices=filter_choices(read, person, units=sees_all, people=heads, met=met), states=STATES, dues=DUES,
        empty=_empty(view, filters), clear_url=_address(view) if filters.narrows else None,
        next_url=_next(page, listed), first_url=_same_list() if filters.after else None, sheet_url=_sheet_url(view),
        shows_people=heads or bool(person.stands_for), filters_here=here,
        way_back=f"?{urlencode({'loc': here})}" if request.args else "",
    )  # fmt: skip


def list_asked(person: CurrentPerson, waiting: Waiting, asked: Asked) -> tuple[View, Filters]:
    """The list that an address asks for; what makes no sense there is left out.

    Where it names none, the person's own, unless there is something to take and nothing there.
    """
    view = _choice(View, asked.get("ds"))
    if view is View.UNIT and not heads_unit(person):
        view = None
    has_none = not (waiting.mine or waiting.mine_far)
    return view or (View.TO_TAKE if waiting.to_take and has_none else View.MINE), _filters(asked)


def heads_unit(person: CurrentPerson) -> bool:
    """Whether the person acts as head of a unit, and so sees what its people have."""
    return person.acting is not None and person.acting.role is Role.HEAD


def _filters(asked: Asked) -> Filters:
    return Filters(
        search=asked.get("q", "")[:200], plan_id=_id(asked.get("ke_hoach")), unit_id=_id(asked.get("don_vi")),
        step=asked.get("buoc", "")[:200], state=_choice(OccurrenceState, asked.get("trang_thai")),
        due=_choice(DueFilter, asked.get("han")), person_id=_id(asked.get("nguoi")), after=_after(asked.get("sau", "")),
    )  # fmt: skip


def _choice(kind: type[E], value: str | None) -> E | None:
    return next((one for one in kind if one == value), None)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _after(text: str) -> tuple[datetime, UUID] | None:
    """The row that a page begins after."""
    at, _, id = text.partition("_")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), UUID(id)
    except (ValueError, OverflowError):
        return None


Tab = tuple[str, str, bool, str | None]
"""Label, address, whether it is this one, count."""


def tabs_of(read: Session, person: CurrentPerson, view: View | None, waiting: Waiting) -> tuple[Tab, ...]:
    """The lists that the person has; of none of them, what they may send."""
    tabs = [*_tabs(person, view, waiting)]
    if view is None or events_of(read, person):
        tabs.append(("Có thể gửi", url_for("inbox.sendable"), view is None, None))
    return tuple(tabs)


def _tabs(person: CurrentPerson, view: View | None, waiting: Waiting) -> Iterator[Tab]:
    yield TAB_NAMES[View.MINE], _address(View.MINE), view is View.MINE, capped(waiting.mine) or None
    yield TAB_NAMES[View.TO_TAKE], _address(View.TO_TAKE), view is View.TO_TAKE, capped(waiting.to_take) or None
    if heads_unit(person):
        yield TAB_NAMES[View.UNIT], _address(View.UNIT), view is View.UNIT, None


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


def _next(page: InboxPage, listed: Filters) -> str | None:
    if page.next_key is None:
        return None
    return _same_list(sau=page.next_key, **({"han": listed.due} if listed.due else {}))


def _sheet_url(view: View) -> str:
    kept = {name: value for name, value in request.args.items() if name not in ("sau", "ds")}
    return url_for("inbox.sheet", **cast(dict[str, Any], {**kept, "ds": view}))


def _same_list(**more: str) -> str:
    asked: dict[str, Any] = {name: value for name, value in request.args.items() if name != "sau"}
    return url_for("inbox.index", **(asked | more))


@bp.get("/hop-viec.xlsx")
@requires(EnginePermission.WORK)
def sheet() -> ResponseReturnValue:
    """The list that is looked at, whole; without a filter what is far from due too."""
    person, read = signed_in_person(), db.session()
    waiting, words = count_waiting(read, person), due_words(read, person.tenant_id)
    view, asked = list_asked(person, waiting, request.args)
    asked = replace(asked, after=None)
    parts = [asked] if asked.narrows else [asked, replace(asked, due=DueFilter.FAR)]

    def page(filters: Filters, after: str | None) -> tuple[Iterable[InboxRow], str | None]:
        found = inbox_page(read, person, view, replace(filters, after=_after(after or "")), words)
        return found.rows, found.next_key

    rows = (row for part in parts for row in of_all_pages(partial(page, part)))
    return send_list("Danh sách việc đang chờ", COLUMNS, map(_cells, rows), about=TAB_NAMES[view].lower())


COLUMNS = (
    ("Bước", 20), ("Nội dung", 52), ("Kế hoạch, đơn vị", 36), ("Trạng thái", 18), ("Người làm", 22), ("Hạn", 12),
    ("Thời gian còn lại", 22),
)  # fmt: skip


AWAITS_HEAD = "Chờ duyệt đơn vị"


def _cells(row: InboxRow) -> tuple[Cell, ...]:
    due = date.fromisoformat(row.due.iso) if row.due.iso else None
    state = AWAITS_HEAD if row.awaits_head else OCCURRENCE_NAMES[row.state] if row.state else ""
    return row.step, row.title, row.note, state, row.assignee or "Chưa ai nhận", due, row.due.relative


@bp.post("/hop-viec/chon")
@requires(EnginePermission.WORK)
def choose() -> ResponseReturnValue:
    """Go on with the chosen steps at the page that asks for what their action needs."""
    pages = {"giao": "inbox.assign", "cung-luc": "inbox.batch"}
    endpoint = pages.get(request.form.get("do", ""), "inbox.index")
    return redirect(url_for(endpoint, viec=request.form.getlist("viec"), loc=request.form.get("loc") or None))
