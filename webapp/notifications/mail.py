"""Mail: what a person was told, as one message."""

import smtplib
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formatdate, parseaddr
from textwrap import shorten
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, unquote
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from engine.models import Job, JobState
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from webapp.notifications.models import Notification
from webapp.organisation.models import Person
from webapp.refusals_of_system import WORDS
from webapp.settings import Settings

TIMEOUT_SECONDS = 20
"""For all of the server's addresses together to answer; then for whatever it is waited for, byte by byte."""
LONGEST_SECONDS = 90
"""For all that is said, so that the job ends while its lease lasts: else another worker would send the mail too."""
SLOW_SECONDS = 5
REST_SECONDS = 60
"""A server that took long to fail is left alone: timers and all other jobs would wait for each mail anew."""
LONGEST_SUBJECT = 70
"""Letters of what a mail is about; a telephone shows fewer."""
MOST_IN_ONE = 100
"""Notifications that one mail tells of; the next mail has the rest."""
REFUSALS = smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused
"""The server's own no: it has not taken the mail."""
_resting: dict[SplitResult, float] = {}
SAID_ANEW = {"reminder", "escalation", "digest"}
FOOTER = "Thư này do phần mềm quy trình của phường gửi tự động, xin đừng trả lời thư. Mở việc tại: {base_url}"


@dataclass(frozen=True, slots=True)
class Mail:
    """What one job sends."""

    message: EmailMessage
    tells_of: list[UUID]  # notifications
    is_new: bool  # or a repetition: it may have gone out already


@performs("notifications.mail", "gửi thư")
def mail_notifications(job: JobCall, runtime: Runtime) -> None:
    """Send what the person was told and has not been mailed; nothing to send is no error.

    1. In a transaction of its own, the job takes what it will tell of: no other mail of the person will.
    2. It sends. If it dies here, it tells again of just that when its lease has ended: the same message.
    3. Mailed. Or given back, where the server surely has not got it: once there is a server again, one mail
       tells of all that has gathered.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if settings.smtp_url is None:
        return
    mail = _take(job, runtime, settings)
    if mail is None:
        return
    try:
        send(mail.message, settings.smtp_url)
    except MailServerError as error:
        if mail.is_new and not error.may_have_it:
            _let_go(runtime, mail, is_mailed=False)
        raise
    _let_go(runtime, mail, is_mailed=True)


def _take(job: JobCall, runtime: Runtime, settings: Settings) -> Mail | None:
    """What the job has taken before, else what is new; None where there is nobody or nothing to tell."""
    with runtime.writing() as connection, Session(bind=connection) as session:
        # What is told in the same minute from now on (the clock was put back) leaves a job of its own.
        connection.execute(sa.update(Job).where(Job.id == job.id).values(key=f"mail:{job.id}"))
        # One job of a person after another: each sees what the others have taken.
        person = session.get(Person, UUID(job.payload["person_id"]), with_for_update={"key_share": True})
        if person is None:
            return None
        taken = _taken(session, job)
        told = taken or _pending(session, person.id)
        message = compose(person, told, settings)
        if message is None:
            return None
        for notification in told:
            notification.mail_job_id = job.id
        session.flush()
        return Mail(message, [notification.id for notification in told], is_new=not taken)


def _taken(session: Session, job: JobCall) -> list[Notification]:
    """Read meanwhile or not: a mail that may have gone out is repeated as it was."""
    return _in_order(session, Notification.mail_job_id == job.id)


def _pending(session: Session, person_id: UUID) -> list[Notification]:
    """Whatever is in no mail; of a job that was given up, or ended without a mail, too: the next mail tells of it."""
    under_way = sa.exists().where(Job.id == Notification.mail_job_id, Job.state == JobState.READY)
    return _in_order(
        session, Notification.recipient_id == person_id, Notification.mailed_at.is_(None),
        Notification.read_at.is_(None), ~under_way,
    )  # fmt: skip


def _in_order(session: Session, *which: Any) -> list[Notification]:
    in_order = sa.select(Notification).where(*which).order_by(Notification.created_at, Notification.id)
    return list(session.scalars(in_order.limit(MOST_IN_ONE)))


def _let_go(runtime: Runtime, mail: Mail, *, is_mailed: bool) -> None:
    """The job lets go of what it told of."""
    with runtime.writing() as connection:
        told = sa.update(Notification).where(Notification.id.in_(mail.tells_of))
        mailed = {"mailed_at": runtime.now(connection)} if is_mailed else {}
        connection.execute(told.values(mail_job_id=None, **mailed))


def compose(person: Person, notifications: list[Notification], settings: Settings) -> EmailMessage | None:
    """One message of all that is new; None for somebody without an address or without news."""
    if not person.email or not person.is_active or not notifications:
        return None
    by_title: dict[str, list[Notification]] = {}
    for notification in _as_it_stands(notifications):
        by_title.setdefault(notification.title, []).append(notification)
    first, last = notifications[0], notifications[-1]
    message = headed(_subject(by_title), person.email, last.id, first.created_at, settings)
    message["Auto-Submitted"] = "auto-generated"
    lines = [f"Kính gửi {person.name},", ""]
    for title, alike in by_title.items():
        lines += [_counted(title, alike), ""]
        for one in alike:
            lines += [f"• {' '.join(one.body.split())}", f"  {settings.base_url}{one.path}", ""]
    message.set_content("\n".join([*lines, FOOTER.format(base_url=settings.base_url)]))
    return message


def _as_it_stands(notifications: Iterable[Notification]) -> list[Notification]:
    """Of what is said anew from day to day the newest: mails may have gathered while there was no server."""
    newest = {_of_the_same(one): one for one in notifications}
    return [one for one in notifications if one.kind not in SAID_ANEW or newest[_of_the_same(one)] is one]


def _of_the_same(notification: Notification) -> tuple[bool, str, str]:
    """ "Hạn hôm nay: Kiểm tra" and "Quá hạn 1 ngày làm việc: Kiểm tra" of one case."""
    return notification.kind in SAID_ANEW, notification.path, notification.title.partition(": ")[2]


def headed(subject: str, to: str, about: UUID, at: datetime, settings: Settings) -> EmailMessage:
    """A mail without its text. With the same `about` it is the same mail, which shows as one if it is sent again."""
    message = EmailMessage(_Headers())
    message["Subject"] = " ".join(subject.split())
    message["From"] = settings.mail_from
    message["To"] = to
    message["Date"] = formatdate(at.timestamp())
    message["Message-ID"] = f"<{about.hex}@{parseaddr(settings.mail_from)[1].partition('@')[2]}>"
    return message


class _Headers(EmailPolicy):
    """Python's own way to part encoded words loses the space between some, and puts one into others."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """A header as it is sent."""
        if value.isascii():
            return super().fold_binary(name, value)
        words, address = parseaddr(value) if name == "From" else (value, "")
        header = Header(words, "utf-8", header_name=name)
        if address:
            header.append(f"<{address}>", "us-ascii")
        return f"{name}: {header.encode(linesep=self.linesep)}{self.linesep}".encode()


def _subject(by_title: Mapping[str, Sequence[Notification]]) -> str:
    """How much of what came first, and how much else; of a single notification what it is about."""
    (title, alike), *others = by_title.items()
    if not others and len(alike) == 1:
        return f"{title} – {shorten(alike[0].body, LONGEST_SUBJECT, placeholder='…')}"
    more = sum(len(notifications) for _, notifications in others)
    return _counted(title, alike) + (f" và {more} nội dung khác" if more else "")


def _counted(title: str, alike: Sequence[Notification]) -> str:
    return f"{title} ({len(alike)})" if len(alike) > 1 else title


class MailServerError(OSError):
    """What stood in the way, with the server's name, for whoever can mend it."""

    def __init__(self, server: SplitResult, fault: OSError, *, may_have_it: bool = False) -> None:
        self.may_have_it = may_have_it  # The mail was on its way, and no answer came.
        super().__init__(f"máy chủ thư {server.hostname}:{_port(server)} không nhận thư ({_said(fault)})")


def _said(fault: OSError) -> object:
    """The server's own answer, without the address: what it says of everybody is one fault. Else the system's."""
    answer: bytes | str
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(fault.recipients.values()))
    elif isinstance(fault, smtplib.SMTPResponseException):
        code, answer = fault.smtp_code, fault.smtp_error
    else:
        return WORDS.get(fault.errno or 0, fault)
    return f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"


def send(message: EmailMessage, server: SplitResult) -> None:
    """Hand a message to the mail server. Raises MailServerError; the job tries again."""
    began = monotonic()
    if began < _resting.get(server, 0):
        raise MailServerError(server, TimeoutError("vừa không trả lời, sẽ thử lại sau"))
    is_on_its_way = False
    try:
        with _line_to(server) as line:
            is_on_its_way = True
            line.send_message(message)
            with suppress(smtplib.SMTPException):  # It has the mail, whatever it says to our leaving.
                line.quit()
    except OSError as fault:
        took = monotonic() - began
        if took >= SLOW_SECONDS:
            _resting[server] = monotonic() + REST_SECONDS
        too_long = TimeoutError(f"quá {LONGEST_SECONDS} giây mà chưa xong")
        may_have_it = is_on_its_way and not isinstance(fault, REFUSALS)
        raise MailServerError(
            server, too_long if took >= LONGEST_SECONDS else fault, may_have_it=may_have_it
        ) from fault


def _port(server: SplitResult) -> int:
    return server.port or (465 if server.scheme == "smtps" else 25)


class _Conversation(smtplib.SMTP):
    """Ends in time, however slowly the server speaks: the limit of a socket is for each read."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Of smtplib's own, the one place where the line is there and nothing has been said yet, not even TLS."""
        opened = _connected(host, port, timeout)
        self._line = opened.dup()  # TLS takes the other one over.
        self._limit = Timer(LONGEST_SECONDS, _hang_up, [self._line])
        self._limit.daemon = True
        self._limit.start()
        return opened

    def close(self) -> None:
        """Hang up, in time."""
        super().close()
        self._limit.cancel()
        self._line.close()


class _SecureConversation(smtplib.SMTP_SSL, _Conversation):
    """The same with TLS from the first byte on."""


def _connected(host: str, port: int, seconds: float) -> socket.socket:
    """At the first address that answers: each is waited for its share of the time that is left."""
    until, fault = monotonic() + seconds, OSError(f"{host} không có địa chỉ nào")
    found: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for number, (*_, address) in enumerate(found):
        share = (until - monotonic()) / (len(found) - number)
        if share <= 0:
            break
        try:
            line = socket.create_connection(address[:2], share)
        except OSError as one:
            fault = one
        else:
            line.settimeout(seconds)
            return line
    raise fault


def _hang_up(line: socket.socket) -> None:
    with line, suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def _line_to(server: SplitResult) -> Iterator[smtplib.SMTP]:
    """A server that knows us and waits for a mail."""
    host, port = server.hostname or "", _port(server)
    context = ssl.create_default_context()
    line: smtplib.SMTP
    if server.scheme == "smtps":
        line = _SecureConversation(host, port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        line = _Conversation(host, port, timeout=TIMEOUT_SECONDS)
    with closing(line):
        line.ehlo()
        if server.scheme == "smtp" and line.has_extn("starttls"):
            line.starttls(context=context)
        if server.username:
            line.login(unquote(server.username), unquote(server.password or ""))
        yield line
