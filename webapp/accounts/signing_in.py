"""Coming in and going out: by password, by a one-time code."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import Any
from uuid import UUID

from flask import current_app, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug import Response

from engine.command import Actor, EnginePermission
from webapp.accounts import sessions
from webapp.accounts.blueprint import bp
from webapp.accounts.commands import CodeUsed, CountSignInAttempt, SignIn
from webapp.accounts.passwords import hash_secret, needs_rehash, verify
from webapp.accounts.queries import Account, canonical, current_code, find_account, wards
from webapp.accounts.schemas import CodeForm, SignInForm
from webapp.accounts.throttling import keys_of, please_wait
from webapp.database import db
from webapp.execution import execute
from webapp.identity import current_person
from webapp.organisation.attempts import faults_of
from webapp.runtime import now
from webapp.security import public

NOBODY = UUID(int=0)
"""The tenant of an attempt: who it is, and so whose, isn't known yet."""
WARD = "phuong"
"""The cookie that keeps which ward was chosen."""
A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Proof:
    """An account, shown to be the person's own."""

    account: Account
    code_id: UUID | None = None
    new_hash: str | None = None


class NotProven(Exception):  # noqa: N818  a refusal is expected, not an error
    """Says the same whether the account or the secret is wrong."""


@bp.route("/")
@public
def home() -> ResponseReturnValue:
    """The first place of whoever comes."""
    return redirect(sessions.home_of(current_person()))


@bp.route("/dang-nhap", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Sign in with a password."""
    if request.method != "POST":
        return _greet("accounts/sign_in.html")
    return _attempt("accounts/sign_in.html", SignInForm(), "password")


@bp.route("/dang-nhap/ma", methods=["GET", "POST"])
@public
def sign_in_with_code() -> ResponseReturnValue:
    """Sign in with a one-time code."""
    if request.method != "POST":
        return _greet("accounts/sign_in_with_code.html")
    return _attempt("accounts/sign_in_with_code.html", CodeForm(), "code")


@bp.post("/dang-xuat")
@public
def sign_out() -> ResponseReturnValue:
    """End this session; public, so that it works when the session has ended already."""
    session.clear()
    return redirect(url_for("accounts.sign_in"))


def _greet(template: str) -> ResponseReturnValue:
    if current_person() is not None:
        return redirect(_destination())
    values = {"ward": request.cookies.get(WARD, "")}
    return render_template(template, values=values, errors={}, onwards=_onwards(), wards=wards(db.session()))


def _attempt(template: str, form: SignInForm | CodeForm, secret: str) -> ResponseReturnValue:
    """Count, then look, then let in.

    1. Read the form.
    2. Count the attempt as failed; one that must wait is not looked at.
    3. Prove who it is, with the same work whether there is such an account or not.
    4. Record the sign-in, which forgives the failures, and begin a session.
    """
    try:
        values = form.load(request.form)
        identifier = canonical(values["identifier"])
        keys = keys_of(identifier, request.remote_addr, values["ward"])
        blocked_until = execute(CountSignInAttempt(keys=keys), actor=Actor.system(NOBODY))
        if blocked_until is not None:
            current_app.logger.warning("signing in is throttled for %s", keys.address)
            seconds = (blocked_until - now()).total_seconds()
            return _refuse(template, {"form": [please_wait(blocked_until, now())]}, ceil(seconds))
        account = find_account(db.session(), identifier, values["ward"])
        proof = _proof(account, values[secret], secret)
        actor = Actor(
            id=proof.account.person_id, tenant_id=proof.account.tenant_id,
            permissions=frozenset({EnginePermission.SYSTEM}),
        )  # fmt: skip
        command = SignIn(
            person_id=proof.account.person_id, keys=keys, code_id=proof.code_id, new_hash=proof.new_hash
        )  # fmt: skip
        execute(command, actor=actor)
    except ValidationError as error:
        return _refuse(template, faults_of(error))
    except (NotProven, CodeUsed) as refusal:
        return _refuse(template, {"form": [f"{refusal}{_ward_too(values)}"]})
    with_code = proof.code_id is not None
    account = proof.account
    sessions.start(account.person_id, account.tenant_id, account.session_epoch, with_code=with_code)
    going = redirect(url_for("accounts.change_password", tiep=_onwards()) if with_code else _destination())
    return _remembering(values["ward"], going)


def _proof(account: Account | None, secret: str, kind: str) -> Proof:
    """Raises NotProven."""
    return _proof_by_password(account, secret) if kind == "password" else _proof_by_code(account, secret)


def _proof_by_password(account: Account | None, password: str) -> Proof:
    stored = account.password_hash if account else None
    if not verify(stored, password) or account is None or stored is None:
        raise NotProven("Tên đăng nhập hoặc mật khẩu không đúng.")
    return Proof(account, new_hash=hash_secret(password) if needs_rehash(stored) else None)


def _proof_by_code(account: Account | None, typed: str) -> Proof:
    code = current_code(db.session(), account.person_id, now()) if account else None
    digits = "".join(filter(str.isdecimal, typed))
    if not verify(code.code_hash if code else None, digits) or account is None or code is None:
        raise NotProven("Mã không đúng, đã dùng hoặc đã hết hạn. Hãy kiểm tra lại, hoặc xin mã mới.")
    return Proof(account, code_id=code.id)


def _ward_too(values: dict[str, Any]) -> str:
    """Another ward may have the same name; said whether it has or not, so that nobody learns it."""
    if not wards(db.session()):
        return ""
    return " Hãy xem lại cả phường đã chọn." if values["ward"] else " Hãy chọn cả phường của bạn."


def _remembering(ward: UUID | None, going: Response) -> Response:
    """The browser keeps the ward for the next time; it is no secret."""
    if ward is not None:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        going.set_cookie(WARD, str(ward), max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return going


def _refuse(template: str, errors: dict[str, list[str]], retry_after: int | None = None) -> ResponseReturnValue:
    """The page again with what was typed, but for the secret."""
    values = {name: request.form.get(name, "") for name in ("identifier", "ward")}
    status = HTTPStatus.TOO_MANY_REQUESTS if retry_after else HTTPStatus.UNPROCESSABLE_ENTITY
    page = render_template(template, values=values, errors=errors, onwards=_onwards(), wards=wards(db.session()))
    response = make_response(page, status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _onwards() -> str | None:
    """Where to go after signing in, as an address of ours only."""
    return sessions.same_site_path(request.values.get("tiep"))


def _destination() -> str:
    return _onwards() or url_for("accounts.home")
