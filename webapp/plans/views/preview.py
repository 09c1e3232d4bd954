"""Xem trước: the rows of a draft, a page at a time, and what is still to be looked at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import Calendar, local_date
from engine.errors import NotFound
from engine.text import fold
from webapp.cycles.models import CycleKind
from webapp.cycles.planning import KIND_NAMES
from webapp.database import db
from webapp.identity import signed_in_person
from webapp.incoming import whole_number
from webapp.permissions import Permission
from webapp.plans.blueprint import bp
from webapp.plans.deadlines import ProposedCycle, contradictions, proposed_cycles
from webapp.plans.issuing import earliest_day
from webapp.plans.models import Plan, PlanState
from webapp.plans.queries.draft_lines import DraftLine
from webapp.plans.queries.drafts import DraftRow, DraftView, Remarks, find_draft, remarks_of, rows_in_full
from webapp.plans.queries.proposing import Proposal, Remembered, proposed_leads, remembered_names
from webapp.runtime import now, runtime
from webapp.security import requires

PAGE = 50
"""Rows of a page: light on a telephone, and a small plan is still one page or two."""
BEYOND = 5
"""Rows on either side of a page that may stand on it since it was shown: rows above were split or joined."""
FILTERS = {"can-xem": "Cần xem lại", "chua-giao": "Chưa giao được"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The rows of a draft that a page shows."""

    lines: tuple[DraftLine, ...]
    near: frozenset[UUID]  # of these rows and of those around them
    first: int  # number of the first, from 1
    found: int  # rows that the filter leaves
    page: int
    pages: int
    filter: str
    words: str

    @property
    def is_last(self) -> bool:
        """Whether nothing follows."""
        return self.page == self.pages

    def address(self, plan_id: UUID, page: int, goc: int | None = None) -> str:
        """Another page with the same filter; `goc` shows the file's words below each row, or hides them."""
        asked: dict[str, Any] = {"loc": self.filter or None, "q": self.words or None, "trang": page, "goc": goc}
        return url_for("plans.preview", plan_id=plan_id, **asked)


@bp.get("/ke-hoach/<uuid:plan_id>/xem-truoc")
@requires(Permission.MANAGE_PLANS)
def preview(plan_id: UUID) -> ResponseReturnValue:
    """A page of the draft; a plan that was confirmed has its own page."""
    draft = draft_of(plan_id)
    if draft.state is not PlanState.DRAFT:
        return redirect(url_for("plans.show", plan_id=plan_id))
    if (line := _named(draft, request.args.get("q", ""))) is not None:
        return redirect(row_address(plan_id, line.id))
    window = window_of(draft, request.args)
    rows = full_rows(draft, {line.id for line in window.lines})
    remarks = remarks_of(db.session(), plan_id) if window.page == 1 or window.is_last else Remarks((), ())
    return render_template(
        "plans/preview.html",
        draft=draft, window=window, remarks=remarks, filters=FILTERS, pressed=_pressed(request.args),
        contradictions=_contradictions(draft, remarks), parts=_parts(draft, window, rows), shows_source=_shows_source(),
        proposed=_proposed(draft), remembered=_remembered(draft), kinds=KIND_NAMES,
        asked=_beside_the_year(draft, remarks),
    )  # fmt: skip


def _shows_source() -> bool:
    """Whether the words of the file stand below each row: as somebody asked last in this session."""
    if "goc" in request.args:
        session["shows_source"] = request.args["goc"] == "1"
    return bool(session.get("shows_source"))


def _pressed(asked: Mapping[str, str]) -> tuple[str, str]:
    """The row whose menu stays open, and the button of it that was pressed."""
    return (asked.get("dong", ""), asked["nut"]) if "nut" in asked else ("", "")


def _contradictions(draft: DraftView, remarks: Remarks) -> tuple[str, ...]:
    """Between the days of reports that the plan names."""
    return tuple(contradictions(remarks.duties, *_days_of(draft)))


def _beside_the_year(draft: DraftView, remarks: Remarks) -> list[ProposedCycle]:
    """The reports that are planned once the plan is confirmed, which itself asks for the days of the year's."""
    asked = proposed_cycles(remarks.duties, *_days_of(draft))
    return [each for kind, each in asked.items() if kind is not CycleKind.YEAR]


def _days_of(draft: DraftView) -> tuple[Calendar, date]:
    """The ward's calendar, and from when on the plan's days are."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    since = earliest_day(read.get_one(Plan, draft.id), local_date(now()))
    return runtime().calendar(tenant_id, read.connection()), since


def _proposed(draft: DraftView) -> dict[str, Proposal]:
    return proposed_leads(db.session(), signed_in_person().tenant_id, draft)


def _remembered(draft: DraftView) -> list[Remembered]:
    return remembered_names(db.session(), signed_in_person().tenant_id, draft.id)


def draft_of(plan_id: UUID) -> DraftView:
    """The draft of the address. Raises NotFound."""
    draft = find_draft(db.session(), signed_in_person().tenant_id, plan_id, local_date(now()))
    if draft is None:
        raise NotFound
    return draft


def full_rows(draft: DraftView, ids: Collection[UUID]) -> dict[UUID, DraftRow]:
    """Rows with all that is shown of them."""
    return rows_in_full(db.session(), signed_in_person().tenant_id, draft, ids, local_date(now()))


def row_of(draft: DraftView, task_id: UUID) -> DraftRow:
    """One row of a draft. Raises NotFound."""
    found = full_rows(draft, {task_id}).get(task_id)
    if found is None:
        raise NotFound
    return found


def row_address(plan_id: UUID, task_id: UUID | None, pressed: str | None = None) -> str:
    """The page on which a row stands, at the row; or at the button of its menu that was pressed.

    A browser gives the focus to nothing by itself where the address names a part of the page.
    """
    anchor = f"nv-{task_id}" if task_id and not pressed else None
    return url_for("plans.preview", plan_id=plan_id, dong=task_id, nut=pressed, **_filter_of_asker(), _anchor=anchor)


def _filter_of_asker() -> dict[str, Any]:
    """What the page was narrowed to on which a button was pressed: it stays so."""
    asked = dict(parse_qsl(urlsplit(request.referrer or "").query)) if request.method == "POST" else {}
    return {name: asked[name] for name in ("loc", "q", "trang") if name in asked}


# --- which rows ---


def window_of(draft: DraftView, asked: Mapping[str, str]) -> Window:
    """The page that `trang` names, or that holds the row `dong`, of what `loc` and `q` leave."""
    chosen, words = asked.get("loc", ""), asked.get("q", "").replace("\0", "")[:200].strip()
    lines = [line for line in draft.lines if _passes(line, chosen) and _says(line, words)]
    at = next((number for number, line in enumerate(lines) if str(line.id) == asked.get("dong")), None)
    pages = max(1, -(-len(lines) // PAGE))
    page = at // PAGE + 1 if at is not None else min(max(1, whole_number(asked.get("trang")) or 1), pages)
    first = (page - 1) * PAGE
    near = lines[max(0, first - BEYOND) : first + PAGE + BEYOND]
    return Window(
        lines=tuple(lines[first : first + PAGE]), near=frozenset(line.id for line in near), first=first + 1,
        found=len(lines), page=page, pages=pages, filter=chosen if chosen in FILTERS else "", words=words,
    )  # fmt: skip


def _passes(line: DraftLine, chosen: str) -> bool:
    return {"can-xem": line.needs_attention, "chua-giao": line.blocks}.get(chosen, True)


def _says(line: DraftLine, words: str) -> bool:
    """Whether a row's number, content, lead or what is to be looked at says so, whatever the diacritics."""
    if not words:
        return True
    text = " ".join((line.content, line.lead_text, *(issue.text for issue in line.issues)))
    return _is_number_of(line, words) or fold(words) in fold(text)


def _is_number_of(line: DraftLine, words: str) -> bool:
    """ "II.3", or "3" within each group."""
    place, wanted = line.place.casefold(), words.casefold()
    return place == wanted or place.endswith(f".{wanted}")


def _named(draft: DraftView, words: str) -> DraftLine | None:
    """The one row whose number was typed."""
    named = [line for line in draft.lines if words.strip() and line.place.casefold() == words.strip().casefold()]
    return named[0] if len(named) == 1 else None


def _parts(draft: DraftView, window: Window, rows: Mapping[UUID, DraftRow]) -> list[dict[str, Any]]:
    """The groups of a page with their rows; on the last page of all rows those without any, too."""
    shown = {group_id: list(lines) for group_id, lines in groupby(window.lines, lambda line: line.group_id)}
    with_rows = {line.group_id for line in draft.lines}
    empty_too = window.is_last and not (window.filter or window.words)
    return [
        {"group": group, "rows": [rows[line.id] for line in shown.get(group.id, ()) if line.id in rows]}
        for group in draft.groups
        if group.id in shown or (empty_too and group.id not in with_rows)
    ]


# --- after a change ---


def from_script() -> bool:
    """Whether htmx asked: it gets the parts that changed, a browser by itself the page."""
    return request.headers.get("HX-Request") == "true"


def changed(
    plan_id: UUID, task_ids: Collection[UUID], anchor: UUID | None = None, before: DraftView | None = None, at: str = ""
) -> ResponseReturnValue:
    """After a change: the rows that it touched, as far as the page shows them, and the list of what is left.

    `anchor` is the row that asked, `at` the part of the list in which somebody pressed a button; rows that `before`
    did not have were made of it. Rows that are just being edited (`editing`) are left alone, so that nothing typed in
    them is lost.
    """
    if not from_script():
        return redirect(row_address(plan_id, anchor))
    draft = draft_of(plan_id)
    asked = dict(parse_qsl(urlsplit(request.headers.get("HX-Current-URL", "")).query))
    window = window_of(draft, asked)
    known = {line.id for line in before.lines} if before is not None else set(task_ids)
    shown = {anchor, *window.near, *(set(task_ids) - known)}
    shown |= window_of(before, asked).near if before is not None else set()
    editing = set(request.form.getlist("editing")) - {str(anchor)}
    rows = full_rows(draft, {row for row in task_ids if row in shown and str(row) not in editing})
    parts = render_template(
        "plans/_changed.html", draft=draft, window=window, rows=rows.values(), anchor=anchor,
        made=rows.keys() - known, proposed=_proposed(draft), remembered=_remembered(draft), at=at,
    )  # fmt: skip
    return parts, {"HX-Reswap": "none"}


def render_row(draft: DraftView, row: DraftRow, **more: Any) -> str:
    """One row as it is read."""
    return render_template("plans/_row.html", draft=draft, row=row, **more)
