"""One-time codes, handed over by the unit head or an administrator."""

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from webapp.accounts.blueprint import bp
from webapp.accounts.commands import IssueOneTimeCode
from webapp.accounts.passwords import hash_secret, new_code
from webapp.accounts.queries import PAGE, receiver, receivers
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.fields import searched_for
from webapp.security import runs


@bp.get("/tai-khoan/ma")
@runs(IssueOneTimeCode)
def codes() -> ResponseReturnValue:
    """Those to whom one may hand a code."""
    search = searched_for()
    found = receivers(db.session(), signed_in_person(), search, request.args.get("sau", type=UUID))
    after = found[PAGE - 1].id if len(found) > PAGE else None
    return render_template("accounts/codes.html", people=found[:PAGE], search=search, after=after)


@bp.post("/tai-khoan/ma/<uuid:person_id>")
@runs(IssueOneTimeCode)
def issue_code(person_id: UUID) -> ResponseReturnValue:
    """Show a new code, this once: it is kept as a hash only."""
    person = receiver(db.session(), signed_in_person(), person_id)
    if person is None:
        raise NotFound
    code = new_code()
    expires_at = execute(IssueOneTimeCode(person_id=person_id, code_hash=hash_secret(code)))
    return render_template("accounts/code.html", receiver=person, code=code, expires_at=expires_at)
