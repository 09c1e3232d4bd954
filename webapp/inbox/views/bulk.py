"""Taking steps and giving them back, one or several at once."""

from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.command import EnginePermission
from engine.commands.user_tasks import ClaimUserTask, ReleaseUserTask
from webapp.database import db
from webapp.execution import execute
from webapp.identity import current_actor, signed_in_person
from webapp.inbox.blueprint import bp
from webapp.inbox.selections import Chosen, Outcome, chosen_steps, each
from webapp.security import runs

Words = Callable[[int], str]
"""A sentence about so many steps."""
LIST = "loc"
"""The field that carries the filters of the list in which steps were chosen."""
MOST_FILTERS = 1000
SENDABLE = "gui"
"""What that field calls Có thể gửi, which is no list of steps."""


@bp.post("/hop-viec/nhan")
@runs(ClaimUserTask)
def claim() -> ResponseReturnValue:
    """Make the chosen steps the person's own."""
    steps, actor = _chosen(), current_actor()
    outcomes = each(steps, lambda step: execute(ClaimUserTask(user_task_id=step.id), actor=actor))
    return answer(outcomes, lambda n: f"Đã nhận {n} việc.", lambda n: f"Chưa nhận được {n} việc.")


@bp.post("/hop-viec/tra-ve")
@runs(ReleaseUserTask)
def release() -> ResponseReturnValue:
    """Give the chosen steps back to their desks."""
    steps, actor = _chosen(), current_actor()
    outcomes = each(steps, lambda step: execute(ReleaseUserTask(user_task_id=step.id), actor=actor))
    return answer(outcomes, lambda n: f"Đã trả {n} việc về đơn vị.", lambda n: f"Chưa trả được {n} việc.")


def _chosen() -> list[Chosen]:
    return chosen_steps(db.session(), signed_in_person().tenant_id, request.form.getlist("viec"))


def home_of(steps: Sequence[Chosen]) -> tuple[str, str]:
    """Where one goes from the steps: Hộp việc, or for those who operate cases without having one, the case."""
    if steps and not signed_in_person().may(EnginePermission.WORK):
        return "Hồ sơ", url_for("cases.show", instance_id=steps[0].instance_id)
    return "Hộp việc", list_chosen_in()


def answer(
    outcomes: Sequence[Outcome], done: Words, failed: Words, home: tuple[str, str] | None = None
) -> ResponseReturnValue:
    """Back to where it was asked, or `home`; where not all was done now, a page that says what and why."""
    faults, before = (sum(bool(getattr(one, name)) for one in outcomes) for name in ("fault", "before"))
    count = len(outcomes) - faults - before
    if not outcomes:
        flash("Chưa chọn việc nào.", "warning")
    elif count == len(outcomes):
        flash(done(count), "success")
    else:
        words = [done(count) if count else "", f"{before} việc đã xong từ trước." if before else ""]
        title = " ".join(filter(None, [*words, failed(faults) if faults else ""]))
        return render_template("inbox/outcomes.html", outcomes=outcomes, title=title, home=home or home_of(()))
    return redirect(home[1] if home else _back())


def _back() -> str:
    """The list or step from which it was asked."""
    step = request.form.get("ve", "")
    if step in request.form.getlist("viec"):
        return url_for("inbox.show", user_task_id=UUID(step), loc=request.form.get(LIST) or None)
    return list_chosen_in()


def list_chosen_in() -> str:
    """The list in which the steps were chosen, filtered as it was; without word of one, Hộp việc."""
    filters = filters_chosen_in()
    if filters.get("ds") == SENDABLE:
        return url_for("inbox.sendable")
    return url_for("inbox.index") + (f"?{urlencode(filters)}" if filters else "")


def filters_chosen_in() -> dict[str, str]:
    """What that list's address asked for."""
    asked = request.form.get(LIST) or request.args.get(LIST) or ""
    return dict(parse_qsl(asked[:MOST_FILTERS])) if asked else {}


def in_list(page: str) -> str:
    """A page of its own that a step or message has, with word of the list from which it was opened."""
    return f"{page}?{urlencode({LIST: request.args[LIST]})}" if LIST in request.args else page
