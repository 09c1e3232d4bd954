"""A real mail server that keeps what it gets, and a guard against mail to anywhere else."""

import asyncio
import email
import smtplib
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

OURS: set[int] = set()
"""The ports of the mail servers of the running tests."""
PATIENCE_SECONDS = 300
"""What comes is waited for as long as only a fault would take."""


class SmtpServer:
    """Keeps every message, in the order of arrival."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refuses_with: str | None = None
        self.knows_nobody: str | None = None
        self.parts_with = "221 Bye"
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._arrived = threading.Condition()
        self._controller = FreePortController(self, hostname="127.0.0.1")

    @property
    def url(self) -> str:
        """Its address, as SMTP_URL takes it."""
        return f"smtp://127.0.0.1:{self._controller.port}"

    @property
    def port(self) -> int:
        return self._controller.port

    def wait_for(self, count: int, timeout: float = PATIENCE_SECONDS) -> list[EmailMessage]:
        """The messages, once there are at least `count`; fails after `timeout` seconds."""
        return self.wait_until(lambda messages: len(messages) >= count, timeout)

    def wait_until(
        self, holds: Callable[[list[EmailMessage]], bool], timeout: float = PATIENCE_SECONDS
    ) -> list[EmailMessage]:
        """The messages, once `holds` is true of them; fails after `timeout` seconds."""
        with self._arrived:
            came = self._arrived.wait_for(lambda: holds(self.messages), timeout)
            assert came, f"only {[message['Subject'] for message in self.messages]} came"
            return list(self.messages)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take the address, unless the test says that it is nobody's."""
        if self.knows_nobody is not None:
            return self.knows_nobody
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep a message, with the envelope's recipients as `X-Rcpt-To`; refuse it where the test says so.

        The answer waits until the test lets it go.
        """
        if self.refuses_with is not None:
            return self.refuses_with
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        message["X-Rcpt-To"] = ", ".join(str(recipient) for recipient in envelope.rcpt_tos)
        with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()
        await asyncio.to_thread(self.may_answer.wait)
        return "250 OK"

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:
        """Say goodbye as the test has it."""
        return self.parts_with

    def start(self) -> None:
        self._controller.start()
        OURS.add(self.port)

    def stop(self) -> None:
        OURS.discard(self.port)
        self.may_answer.set()
        self._controller.stop()


class FreePortController(Controller):
    """Listens on a port that the system chooses; the stock one wants to be told."""

    port: int

    def __init__(self, handler: SmtpServer, hostname: str) -> None:
        super().__init__(handler, hostname=hostname, port=0, ready_timeout=PATIENCE_SECONDS)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A mail server on a free port; hand its `url` to what should send."""
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session", autouse=True)
def no_mail_to_anywhere_else() -> Iterator[None]:
    """No test mails a real server, whatever the environment says."""
    connect = smtplib.SMTP.connect

    def guarded(self: smtplib.SMTP, host: str = "localhost", port: int = 0, *rest: object) -> tuple[int, bytes]:
        if int(port) not in OURS:
            raise AssertionError(f"A test wanted to mail through {host}:{port}.")
        return connect(self, host, port, *rest)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(smtplib.SMTP, "connect", guarded)
        patch.delenv("SMTP_URL", raising=False)
        yield
