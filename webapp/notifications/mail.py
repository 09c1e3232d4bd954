"""Mail: what a person was told, as one message."""

import smtplib
import socket
import ssl
from contextlib import closing, suppress
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from threading import Timer
from time import monotonic
from urllib.parse import SplitResult, unquote
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from engine.registry import JobCall, performs
from engine.runtime import Runtime
from webapp.notifications.models import Notification
from webapp.organisation.models import Person
from webapp.refusals_of_system import WORDS
from webapp.settings import Settings

TIMEOUT_SECONDS = 20
"""For whatever the server is waited for, byte by byte."""
LONGEST_SECONDS = 90
"""For all that is said, so that the job ends while its lease lasts: else another worker would send the mail too."""
SLOW_SECONDS = 5
REST_SECONDS = 60
"""A server that took long to fail is left alone: timers and all other jobs would wait for each mail anew."""
_resting: dict[SplitResult, float] = {}
FOOTER = "Thư này do phần mềm quy trình của phường gửi tự động. Mở việc tại: {base_url}"


@performs("notifications.mail", "gửi thư")
def mail_notifications(job: JobCall, runtime: Runtime) -> None:
    """Send what the person was told and has not been mailed; nothing to send is no error."""
    settings: Settings = current_app.config["SETTINGS"]
    with runtime.reading() as connection, Session(bind=connection) as read:
        person = read.get(Person, UUID(job.payload["person_id"]))
        pending = _pending(read, UUID(job.payload["person_id"]))
        message = compose(person, pending, settings) if person is not None else None
        ids = [notification.id for notification in pending]
    if message is None or settings.smtp_url is None:
        return
    send(message, settings.smtp_url)
    with runtime.writing() as connection:
        mailed = sa.update(Notification).where(Notification.id.in_(ids))
        connection.execute(mailed.values(mailed_at=runtime.now(connection)))


def _pending(read: Session, person_id: UUID) -> list[Notification]:
    pending = (
        sa.select(Notification)
        .where(Notification.recipient_id == person_id, Notification.mailed_at.is_(None), Notification.read_at.is_(None))
        .order_by(Notification.created_at)
        .limit(100)
    )
    return list(read.scalars(pending))


def compose(person: Person, notifications: list[Notification], settings: Settings) -> EmailMessage | None:
    """One message of all that is new; None for somebody without an address or without news."""
    if not person.email or not person.is_active or not notifications:
        return None
    message = EmailMessage()
    first = notifications[0]
    more = f" và {len(notifications) - 1} nội dung khác" if len(notifications) > 1 else ""
    message["Subject"] = " ".join(f"{first.title}{more}".split())
    message["From"] = settings.mail_from
    message["To"] = person.email
    message["Date"] = formatdate(first.created_at.timestamp())
    message["Message-ID"] = message_id(notifications[-1].id, settings)
    message["Auto-Submitted"] = "auto-generated"
    lines = [f"Kính gửi {person.name},", ""]
    for notification in notifications:
        lines += [f"• {notification.title}", f"  {notification.body}", f"  {settings.base_url}{notification.path}", ""]
    message.set_content("\n".join([*lines, FOOTER.format(base_url=settings.base_url)]))
    return message


def message_id(about: UUID, settings: Settings) -> str:
    """The same for the same content: a mail that is sent again, as nobody knew that it had gone, shows as one."""
    return f"<{about.hex}@{parseaddr(settings.mail_from)[1].partition('@')[2]}>"


class MailServerError(OSError):
    """What stood in the way, with the server's name, for whoever can mend it."""

    def __init__(self, server: SplitResult, fault: OSError) -> None:
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
    try:
        _send(message, server)
    except OSError as fault:
        took = monotonic() - began
        if took >= SLOW_SECONDS:
            _resting[server] = monotonic() + REST_SECONDS
        too_long = TimeoutError(f"quá {LONGEST_SECONDS} giây mà chưa xong")
        raise MailServerError(server, too_long if took >= LONGEST_SECONDS else fault) from fault


def _port(server: SplitResult) -> int:
    return server.port or (465 if server.scheme == "smtps" else 25)


class _Conversation(smtplib.SMTP):
    """Ends in time, however slowly the server speaks: the limit of a socket is for each read."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Of smtplib's own, the one place where the line is there and nothing has been said yet, not even TLS."""
        opened: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
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


def _hang_up(line: socket.socket) -> None:
    with line, suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _send(message: EmailMessage, server: SplitResult) -> None:
    host, port = server.hostname or "", _port(server)
    context = ssl.create_default_context()
    connection: smtplib.SMTP
    if server.scheme == "smtps":
        connection = _SecureConversation(host, port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        connection = _Conversation(host, port, timeout=TIMEOUT_SECONDS)
    with closing(connection):
        connection.ehlo()
        if server.scheme == "smtp" and connection.has_extn("starttls"):
            connection.starttls(context=context)
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(message)
        with suppress(smtplib.SMTPException):  # It has the mail, whatever it says to our leaving.
            connection.quit()
