"""A ward in a database of its own, and people who visit its pages over HTTP as a browser does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engine.command import Actor, Command
from engine.commands.clock import MoveClock
from engine.commands.deployments import DeployDefinition
from engine.commands.instances import StartInstance
from engine.events import decode
from engine.models import Event, UserTask
from engine.runtime import Runtime
from tests.engine.drawings import FORM, WRITE_AND_CHECK
from webapp.demo.organisation import PASSWORD, DemoWard

NOWHERE = "/khong-co-trang-nay"
"""A page that costs little and has the forms' token."""


class Visitor:
    """A browser without scripts: keeps cookies and sends a form's token."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self._token = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._seen(self._client.get(path, **options))

    def head(self, path: str) -> TestResponse:
        return self._client.head(path)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        return self._seen(self._client.post(path, data={"csrf_token": self.token, **(data or {})}, **options))

    @property
    def token(self) -> str:
        """The forms' token, of the page seen last."""
        if not self._token:
            self.get(NOWHERE)
        return self._token

    def send(self, path: str, body: bytes, content_type: str, **options: Any) -> TestResponse:
        """Post a body as it stands."""
        return self._seen(self._client.post(path, data=body, content_type=content_type, **options))

    def sign_in(self, identifier: str, password: str = PASSWORD, **options: Any) -> TestResponse:
        answer = self.post("/dang-nhap", {"identifier": identifier, "password": password}, **options)
        self._token = "" if answer.status_code == 302 else self._token  # A new session has a new token.
        return answer

    def sign_in_with_code(self, identifier: str, code: str) -> TestResponse:
        answer = self.post("/dang-nhap/ma", {"identifier": identifier, "code": code})
        self._token = "" if answer.status_code == 302 else self._token
        return answer

    def sign_out(self) -> TestResponse:
        answer = self.post("/dang-xuat")
        self._token = ""
        return answer

    def act_as(self, membership_id: UUID, **options: Any) -> TestResponse:
        return self.post("/vai-tro", {"desk": str(membership_id)}, **options)

    def _seen(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html":
            found = re.search(r'name="csrf-token" content="([^"]+)"', answer.get_data(as_text=True))
            self._token = found[1] if found else self._token
        return answer


@dataclass(frozen=True)
class Ward:
    """The demo ward's organisation, without plans; the clock moves ahead only."""

    app: Flask
    demo: DemoWard

    @property
    def runtime(self) -> Runtime:
        found: Runtime = self.app.extensions["quytrinh"]
        return found

    @property
    def on_postgresql(self) -> bool:
        return self.runtime.database.dialect.name == "postgresql"

    def visitor(self) -> Visitor:
        return Visitor(self.app.test_client())

    def signed_in(self, username: str) -> Visitor:
        visitor = self.visitor()
        assert visitor.sign_in(username).status_code == 302
        return visitor

    def person(self, username: str) -> UUID:
        return self.demo.people[username]

    def unit(self, key: str) -> UUID:
        return self.demo.units[key]

    def execute(self, command: Command) -> Any:
        """As the system itself."""
        return self.runtime.execute(command, actor=Actor.system(self.demo.tenant_id))

    def now(self) -> datetime:
        with self.runtime.reading() as connection:
            return self.runtime.now(connection)

    def move_clock(self, to: datetime) -> None:
        self.execute(MoveClock(to=to.astimezone(UTC)))

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        with self.runtime.reading() as connection, Session(connection) as session:
            return list(session.execute(query).all())

    def facts(self, name: str) -> list[Any]:
        """The facts of one kind, in the order in which they happened."""
        events = self.rows(sa.select(Event.data).where(Event.tenant_id == self.demo.tenant_id).order_by(Event.at))
        return [fact for (data,) in events for fact in decode(data) if fact.name == name]

    def open_step(self, unit: str, title: str = "Việc thử") -> UUID:
        """Start a case whose first step waits at the staff desk of a unit; return the step's id."""
        self.execute(DeployDefinition(source=WRITE_AND_CHECK, forms={"note": FORM}, reason="Thử", only_if_new=True))
        start = StartInstance(
            key="write_and_check", business_key=title, title=title, parties={"lead": str(self.unit(unit))}
        )
        instance_id = self.execute(start)
        return self.rows(sa.select(UserTask.id).where(UserTask.instance_id == instance_id))[0][0]

    def holder(self, step_id: UUID) -> UUID | None:
        return self.rows(sa.select(UserTask.assignee_id).where(UserTask.id == step_id))[0][0]


def text_of(answer: TestResponse) -> str:
    """What the page says, without its markup."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", answer.get_data(as_text=True), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
