"""One's own account: desk, password, e-mail."""

from uuid import UUID

from flask import flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.calendar import local_date
from engine.command import Actor
from engine.errors import NotFound
from webapp.accounts import sessions
from webapp.accounts.blueprint import bp
from webapp.accounts.commands import ChangeEmail, ChangePassword, CountSignInAttempt
from webapp.accounts.passwords import hash_secret, verify, weakness
from webapp.accounts.queries import email_of, password_of
from webapp.accounts.schemas import EmailForm, PasswordForm
from webapp.accounts.throttling import Keys, keys_of, please_wait
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.organisation.queries.absences import absences_of, stood_in_by
from webapp.organisation.queries.people import find_person_row
from webapp.permissions import Permission
from webapp.runtime import now
from webapp.security import requires, runs

SET_FIRST = "Đã đặt mật khẩu. Từ lần sau, đăng nhập bằng mật khẩu này."
SET_ANEW = "Đã đổi mật khẩu. Các máy khác đang đăng nhập bằng tài khoản này đã được thoát ra."


@bp.post("/vai-tro")
@requires(Permission.SIGNED_IN)
def act_as() -> ResponseReturnValue:
    """Go on at another of one's desks, on the same page where that desk may read it."""
    chosen = request.form.get("desk", "")
    desk = next((desk for desk in signed_in_person().held if str(desk.membership_id) == chosen), None)
    if desk is None:
        raise NotFound
    session["acting"] = str(desk.membership_id)
    g.pop("person", None)
    person, page = signed_in_person(), sessions.came_from()
    return redirect(page if page and sessions.allowed_for(person, page) else sessions.home_of(person))


@bp.get("/tai-khoan")
@requires(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Tài khoản của tôi."""
    return _show({}, {})


@bp.post("/tai-khoan/thu-dien-tu")
@runs(ChangeEmail)
def change_email() -> ResponseReturnValue:
    """Say where notifications go."""

    def work() -> ResponseReturnValue:
        execute(ChangeEmail(**EmailForm().load(request.form)))
        flash("Đã lưu địa chỉ nhận thông báo.", "success")
        return redirect(url_for("accounts.show"))

    answer, errors = attempt(work)
    return answer or (_show({"email": request.form.get("email", "")}, errors), REFUSED)


def _show(values: dict[str, str], errors: Errors) -> str:
    person, read, today = signed_in_person(), db.session(), local_date(now())
    return render_template(
        "accounts/show.html",
        account=find_person_row(read, person.tenant_id, person.id),
        values={"email": email_of(read, person.id) or "", **values},
        errors=errors,
        absences=[a for a in absences_of(read, person.id, today) if not a.is_over(today)],
        stood_in=stood_in_by(read, person.id, today),
        today=today,
    )


@bp.route("/tai-khoan/mat-khau", methods=["GET", "POST"])
@runs(ChangePassword)
def change_password() -> ResponseReturnValue:
    """Change the password; the old one is asked for, unless it was given by somebody else or there was a code."""
    person = signed_in_person()
    knows_old = not (person.must_change_password or sessions.came_with_code())
    errors: Errors = {}
    if request.method == "POST":
        answer, errors = attempt(lambda: _change_password(person.id, person.username, ask_old=knows_old))
        if answer is not None:
            return answer
    page = render_template(
        "accounts/change_password.html", errors=errors, ask_old=knows_old, is_forced=person.must_change_password,
        onwards=sessions.same_site_path(request.values.get("tiep")), came_with_code=sessions.came_with_code(),
    )  # fmt: skip
    return page, REFUSED if errors else 200


def _change_password(person_id: UUID, username: str, *, ask_old: bool) -> ResponseReturnValue:
    """Raises ValidationError."""
    values = PasswordForm().load(request.form)
    if fault := weakness(values["new_password"], username):
        raise ValidationError(fault, "new_password")
    if values["repeated"] != values["new_password"]:
        raise ValidationError("Hai lần nhập chưa giống nhau.", "repeated")
    keys = _prove_old(person_id, values["old_password"]) if ask_old else None
    sessions.go_on(execute(ChangePassword(password_hash=hash_secret(values["new_password"]), keys=keys)))
    flash(SET_ANEW if ask_old else SET_FIRST, "success")
    return redirect(sessions.same_site_path(request.form.get("tiep")) or url_for("accounts.home"))


def _prove_old(person_id: UUID, old: str) -> Keys:
    """Counted as signing in is: who finds a desk unattended can't try passwords for ever. Raises ValidationError."""
    keys = keys_of(f"own password of {person_id}", request.remote_addr)
    system = Actor.system(signed_in_person().tenant_id)
    if blocked_until := execute(CountSignInAttempt(keys=keys), actor=system):
        raise ValidationError(please_wait(blocked_until, now()), "old_password")
    if not verify(password_of(db.session(), person_id), old):
        raise ValidationError("Mật khẩu hiện nay không đúng.", "old_password")
    return keys
