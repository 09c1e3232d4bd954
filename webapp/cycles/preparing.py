"""What of a cycle is being made ready in the background: its page says so, and comes up to date by itself."""

from uuid import UUID

import sqlalchemy as sa
from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.models import UserTask, UserTaskState
from webapp.cycles.access import require_cycle
from webapp.cycles.blueprint import bp
from webapp.cycles.models import CycleState, ReportingCycle
from webapp.cycles.queries import cycle_row
from webapp.database import db
from webapp.identity import signed_in_person
from webapp.permissions import Permission
from webapp.security import requires

MOST_LOOKS = 40
"""So often, once a second, the page looks whether it is ready; then it leaves that to the person."""


def prepared_now(read: Session, cycle: ReportingCycle) -> str:
    """What is being prepared, in words; nothing where a step waits or the cycle waits for reports."""
    if cycle.state not in (CycleState.OPENING, CycleState.RETURNED):
        return ""
    states = set(read.scalars(sa.select(UserTask.state).where(UserTask.instance_id == cycle.id)))
    if UserTaskState.OPEN in states:
        return ""
    if cycle.state is CycleState.RETURNED:
        return "Bản mới của báo cáo đang được lập"
    return "Đang hỏi báo cáo các đơn vị" if states else "Bước “Mở kỳ” đang được chuẩn bị"


@bp.get("/ky-bao-cao/<uuid:cycle_id>/chuan-bi")
@requires(Permission.SEE_CASES)
def preparing(cycle_id: UUID) -> ResponseReturnValue:
    """The part of a cycle's page that looks again by itself; once it is ready, the whole page comes anew."""
    read = db.session()
    cycle = require_cycle(read, signed_in_person(), cycle_id)
    what = prepared_now(read, cycle)
    if what:
        looks = request.args.get("lan", 1, type=int)
        return render_template("cycles/_preparing.html", cycle=cycle, what=what, looks=looks, most_looks=MOST_LOOKS)
    if cycle.state is CycleState.COLLECTING:
        flash(f"Đã hỏi báo cáo {cycle_row(read, cycle.id).asked} nhiệm vụ.", "success")
    return "", {"HX-Refresh": "true"}
