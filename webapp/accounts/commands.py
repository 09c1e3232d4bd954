"""Signing in, codes, one's own account."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor, Command, EnginePermission, handles
from engine.database import insert_if_new
from engine.errors import Kind, NotFound, PermissionDenied, Rejected
from engine.transaction import Transaction, subscribes
from webapp.accounts.facts import EmailChanged, OneTimeCodeIssued, PasswordChanged, SignedIn
from webapp.accounts.models import OneTimeCode, SignInThrottle
from webapp.accounts.throttling import FORGOTTEN_AFTER, Keys, waiting_after
from webapp.notifications.telling import Notice, notify
from webapp.organisation.commands.absences import heads_wholly
from webapp.organisation.facts import PasswordReset, PersonDeactivated
from webapp.organisation.models import Person
from webapp.organisation.refusals import EmailTaken
from webapp.permissions import Permission

CODE_LASTS = timedelta(hours=24)


class CodeUsed(Rejected):
    """Somebody was quicker with the same code."""

    kind = Kind.CONFLICT
    message = "Mã này đã được dùng. Hãy xin mã mới."


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSignInAttempt(Command):
    """Count an attempt as failed before it is looked at, so that attempts at the same moment are counted too."""

    permission = EnginePermission.SYSTEM

    keys: Keys


@handles(CountSignInAttempt)
def count_sign_in_attempt(command: CountSignInAttempt, tx: Transaction) -> datetime | None:
    """Return until when to wait, if the attempt must not be looked at; waiting itself counts nothing."""
    _clear_forgotten(tx)
    rows = _lock_throttles(tx, command.keys)
    blocked = [row.blocked_until for row in rows if row.blocked_until and row.blocked_until > tx.now]
    if blocked:
        return max(blocked)
    for row in rows:
        row.failures += 1
        row.last_failure_at = tx.now
        waiting = waiting_after(row.failures, command.keys.tolerances[row.key])
        row.blocked_until = tx.now + waiting if waiting else None
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn(Command):
    """Record that somebody proved who they are; their failures are forgotten. The actor is the system."""

    permission = EnginePermission.SYSTEM

    person_id: UUID
    keys: Keys
    code_id: UUID | None = None  # the one-time code that was shown
    new_hash: str | None = None  # the same password, hashed with today's parameters


@handles(SignIn)
def sign_in(command: SignIn, tx: Transaction) -> None:
    """Raises CodeUsed, NotFound."""
    if command.code_id is not None:
        _use_code(tx, command.code_id)
    if command.new_hash is not None:
        _find_active(tx, command.person_id).password_hash = command.new_hash
    _forgive(tx, command.keys)
    tx.record(SignedIn(command.person_id, "code" if command.code_id else "password"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword(Command):
    """Take a new password and end one's other sessions."""

    permission = Permission.SIGNED_IN

    password_hash: str
    keys: Keys | None = None  # under which the proof of the old one was counted


@handles(ChangePassword)
def change_password(command: ChangePassword, tx: Transaction) -> int:
    """Return the epoch of the sessions that go on. Raises NotFound."""
    person = _find_active(tx, tx.actor.id)
    person.password_hash = command.password_hash
    person.must_change_password = False
    person.session_epoch += 1
    if command.keys is not None:
        _forgive(tx, command.keys)
    tx.record(PasswordChanged(person.id))
    return person.session_epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEmail(Command):
    """Say where one's notifications go; None for nowhere. Normalised already."""

    permission = Permission.SIGNED_IN

    email: str | None


@handles(ChangeEmail)
def change_email(command: ChangeEmail, tx: Transaction) -> None:
    """Raises EmailTaken, NotFound."""
    person = _find_active(tx, tx.actor.id)
    if command.email == person.email:
        return
    same = sa.select(Person.id).where(Person.tenant_id == tx.tenant_id, Person.email == command.email)
    if command.email is not None and tx.session.scalar(same) is not None:
        raise EmailTaken
    person.email = command.email
    tx.record(EmailChanged(person.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueOneTimeCode(Command):
    """Hand somebody a code for one sign-in within a day; codes they had before are void."""

    permission = Permission.ISSUE_CODES

    person_id: UUID
    code_hash: str


@handles(IssueOneTimeCode)
def issue_one_time_code(command: IssueOneTimeCode, tx: Transaction) -> datetime:
    """Return when it expires. Raises NotFound, PermissionDenied."""
    person = _find_active(tx, command.person_id)
    if not may_issue_code(tx.actor, person):
        raise PermissionDenied
    _void_codes(tx, person.id)
    expires_at = tx.now + CODE_LASTS
    tx.session.add(
        OneTimeCode(
            person_id=person.id, code_hash=command.code_hash, issued_by=tx.actor.id, expires_at=expires_at
        )
    )  # fmt: skip
    tx.record(OneTimeCodeIssued(person.id))
    _tell_of_code(tx, person)
    return expires_at


@subscribes(PasswordChanged, PasswordReset, PersonDeactivated)
def void_codes(ended: PasswordChanged | PasswordReset | PersonDeactivated, tx: Transaction) -> None:
    """What ends somebody's sessions ends their codes: with one, whoever was put out would be in again."""
    _void_codes(tx, ended.person_id)


def _void_codes(tx: Transaction, person_id: UUID) -> None:
    tx.session.execute(sa.delete(OneTimeCode).where(OneTimeCode.person_id == person_id))


def may_issue_code(actor: Actor, person: Person) -> bool:
    """A code is as good as the person's password: for the people of one's unit only, or anybody's as administrator.

    Who stands in for somebody does so for a while, and does not come to their account.
    """
    if person.id == actor.id or person.id in actor.stands_for:
        return False
    return actor.may(Permission.ADMINISTER) or heads_wholly(actor, person)


def _tell_of_code(tx: Transaction, person: Person) -> None:
    notice = Notice(
        kind="code", about=f"code:{person.id}:{tx.now:%Y%m%d%H%M}", title="Có mã đăng nhập một lần cấp cho bạn",
        body="Nếu bạn không nhờ cấp mã này, hãy báo quản trị viên.", path="/tai-khoan", instance_id=None,
    )  # fmt: skip
    notify(tx, [person.id], notice)


def _find_active(tx: Transaction, person_id: UUID | None) -> Person:
    person = tx.session.get(Person, person_id)
    if person is None or not person.is_active or person.tenant_id != tx.tenant_id:
        raise NotFound
    return person


def _use_code(tx: Transaction, code_id: UUID) -> None:
    """Compare and set: of two who show the same code at once, one comes in."""
    unused = sa.update(OneTimeCode).where(
        OneTimeCode.id == code_id, OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > tx.now
    )
    used = tx.connection.execute(unused.values(used_at=tx.now))
    if used.rowcount != 1:
        raise CodeUsed


def _clear_forgotten(tx: Transaction) -> None:
    """Keep the table as small as the last hour's failures."""
    old = SignInThrottle.last_failure_at < tx.now - FORGOTTEN_AFTER
    tx.session.execute(sa.delete(SignInThrottle).where(old), execution_options={"synchronize_session": False})


def _lock_throttles(tx: Transaction, keys: Keys) -> list[SignInThrottle]:
    """The rows of an attempt, made where there are none, always locked in the same order: the account's first."""
    wanted = sorted((keys.account, keys.address))
    insert: Any = insert_if_new(tx.connection.dialect.name, SignInThrottle.__table__, "key")
    tx.connection.execute(insert, [{"key": key, "failures": 0, "last_failure_at": tx.now} for key in wanted])
    query = sa.select(SignInThrottle).where(SignInThrottle.key.in_(wanted)).order_by(SignInThrottle.key)
    return list(tx.session.scalars(query.with_for_update() if tx.locks else query))


def _forgive(tx: Transaction, keys: Keys) -> None:
    """Forget the account's failures, and take them off its address.

    The address keeps those of other accounts: else somebody with an account could try others' for ever.
    """
    account, address = _lock_throttles(tx, keys)
    address.failures = max(0, address.failures - account.failures)
    address.blocked_until = None
    account.failures, account.blocked_until = 0, None
