"""Diễn tập: the rehearsals of a procedure, and how one begins."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.command import EnginePermission
from engine.errors import Rejected
from engine.spiff import InvalidDefinition
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.rehearsals.beginning import Asked, asked_of, read_setting, usual_values
from webapp.rehearsals.blueprint import bp
from webapp.rehearsals.commands import BeginRehearsal
from webapp.rehearsals.queries import Subject, called_by, list_rehearsals, subject, units_to_choose, usual_parties
from webapp.rehearsals.stage import play
from webapp.runtime import now, runtime
from webapp.security import requires, runs


@bp.get("/quy-trinh/<key>/dien-tap")
@requires(EnginePermission.DEPLOY)
def index(key: str) -> ResponseReturnValue:
    """The rehearsals of a procedure."""
    person, read = signed_in_person(), db.session()
    found = subject(read, person.tenant_id, key)
    rehearsals = list_rehearsals(read, person.tenant_id, key)
    return render_template("rehearsals/index.html", subject=found, rehearsals=rehearsals)


@bp.route("/quy-trinh/<key>/dien-tap/moi", methods=["GET", "POST"])
@runs(BeginRehearsal)
def begin(key: str) -> ResponseReturnValue:
    """Say how the case begins; then it begins."""
    person, read = signed_in_person(), db.session()
    found = subject(read, person.tenant_id, key)
    try:
        asked = asked_of(found.bundle, called_by(found, read, person.tenant_id))
    except InvalidDefinition as invalid:
        return render_template("rehearsals/invalid.html", subject=found, findings=invalid.findings), REFUSED
    if request.method != "POST":
        calendar = runtime().calendar(person.tenant_id, read.connection())
        usual = usual_values(asked, usual_parties(read, person.tenant_id), now(), calendar)
        return _beginning(found, asked, usual, {})
    typed = request.form.to_dict()
    answer, errors = attempt(lambda: _begin(found, asked, typed))
    return answer if answer is not None else (_beginning(found, asked, typed, errors), REFUSED)


def _begin(found: Subject, asked: Asked, typed: Mapping[str, str]) -> ResponseReturnValue:
    """Raises ValidationError, Rejected where the case cannot begin so."""
    setting, tenant_id = read_setting(asked, typed, now()), signed_in_person().tenant_id
    played = play(db.session().connection(), tenant_id, found.bundle, setting, [])
    if played.fault:
        raise Rejected(f"Hồ sơ không bắt đầu được như vậy: {played.fault}")
    begun = execute(BeginRehearsal(key=found.key, name=found.name, bundle=found.bundle, setting=setting))
    return redirect(url_for("rehearsals.show", rehearsal_id=begun))


def _beginning(found: Subject, asked: Asked, values: Mapping[str, str], errors: Errors) -> str:
    units = units_to_choose(db.session(), signed_in_person().tenant_id)
    return render_template(
        "rehearsals/begin.html", subject=found, asked=asked, units=units, values=values, errors=errors
    )
