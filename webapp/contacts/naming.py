"""A name in a plan's draft that is no unit of the ward: an existing unit, or a new contact."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.contacts.blueprint import bp
from webapp.contacts.commands import AddContact
from webapp.contacts.pages import KINDS, officers
from webapp.contacts.schemas import ContactForm
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.organisation.fields import Form, Identifier, Text
from webapp.plans.naming import NameUnit
from webapp.plans.queries.drafts import unit_choices
from webapp.plans.views.preview import draft_of
from webapp.security import runs


class NameForm(Form):
    name_in_plan = Text("Thiếu tên ghi trong kế hoạch.", most=300)
    unit_id = Identifier()


@bp.get("/ke-hoach/<uuid:plan_id>/ten-don-vi")
@runs(NameUnit)
def name(plan_id: UUID) -> ResponseReturnValue:
    """Ask whom the name means."""
    said = request.args.get("ten", "").replace("\0", "")[:300]
    values = {"name_in_plan": said, "name": said[:150], "short_name": said[:50], "kind": "outside"}
    return _page(plan_id, {**values, "officer_id": str(signed_in_person().id)}, {})


@bp.post("/ke-hoach/<uuid:plan_id>/ten-don-vi")
@runs(NameUnit)
def name_it(plan_id: UUID) -> ResponseReturnValue:
    """Give the rows that have the name the unit that was chosen, or the contact that is made of it."""
    draft_of(plan_id)

    def work() -> ResponseReturnValue:
        said = NameForm().load(request.form)
        unit_id = said["unit_id"] or execute(AddContact(**ContactForm().load(request.form)))
        count = execute(NameUnit(plan_id=plan_id, name=said["name_in_plan"], unit_id=unit_id))
        flash(f"“{said['name_in_plan']}”: đã ghi vào {count} dòng.", "success")
        return redirect(url_for("plans.preview", plan_id=plan_id))

    answer, errors = attempt(work)
    return answer or (_page(plan_id, request.form, errors), REFUSED)


def _page(plan_id: UUID, values: Mapping[str, Any], errors: Errors) -> str:
    draft = draft_of(plan_id)
    units = [(one.id, one.name) for one in unit_choices(db.session(), signed_in_person().tenant_id)]
    return render_template(
        "contacts/name.html", draft=draft, values=values, errors=errors, units=units, kinds=KINDS, officers=officers()
    )
