"""Thiết lập phường: what an administrator must do first."""

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from webapp.database import db
from webapp.identity import signed_in_person
from webapp.organisation.blueprint import bp
from webapp.organisation.queries.setup import setup_steps
from webapp.permissions import Permission
from webapp.runtime import now
from webapp.security import requires
from webapp.settings import Settings


@bp.get("/thiet-lap")
@requires(Permission.ADMINISTER)
def setup() -> ResponseReturnValue:
    """The checklist."""
    settings: Settings = current_app.config["SETTINGS"]
    steps = setup_steps(
        db.session(), signed_in_person().tenant_id,
        year=local_date(now()).year, has_mail=settings.smtp_url is not None,
    )  # fmt: skip
    required = [step for step in steps if not step.is_optional]
    done = sum(step.is_done for step in required)
    lines = [
        (step, url_for(step.endpoint) if step.link and step.endpoint in current_app.view_functions else None)
        for step in steps
    ]
    return render_template("organisation/setup.html", lines=lines, done=done, total=len(required))
