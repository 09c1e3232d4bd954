"""What a server or a scheduler of the application does when it is killed, each time in a process of its own."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask

from engine.scheduler import settle
from tests.support.servers import environment_for
from tests.web.wards import Visitor
from webapp.app import create_app
from webapp.calendar_work import do_calendar_work
from webapp.settings import Settings

COOKIE = "quytrinh"


@dataclass(frozen=True)
class Place:
    """Where an application runs."""

    url: str
    folder: Path
    more: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def app(self) -> Iterator[Flask]:
        """The application, as a process starts it."""
        app = create_app(Settings.from_environment(environment_for(self.url, self.folder, **self.more)))
        try:
            yield app
        finally:
            app.extensions["quytrinh"].close()


@dataclass(frozen=True)
class Post:
    """A form that somebody sends who is signed in."""

    path: str
    cookie: str
    data: Mapping[str, str]
    file: bytes = b""


def post(place: Place, sent: Post) -> None:
    """As a server answers it."""
    data: dict[str, Any] = dict(sent.data)
    if sent.file:
        data["file"] = io.BytesIO(sent.file), "bien-ban.pdf"
    with place.app() as app:
        client = app.test_client()
        client.set_cookie(COOKIE, sent.cookie)
        answer = client.post(sent.path, data=data, headers={"Accept": "application/json"} if sent.file else {})
        assert answer.status_code in (201, 302), answer.text


def signed(visitor: Visitor, path: str, data: Mapping[str, str], file: bytes = b"") -> Post:
    """A form that a visitor is about to send."""
    token = visitor.token
    cookie = visitor._client.get_cookie(COOKIE)
    assert cookie is not None
    return Post(path, cookie.value, {"csrf_token": token, **data}, file)


def work(place: Place) -> None:
    """As a scheduler does all that is due."""
    with place.app() as app:
        work_in(app)


def work_in(app: Flask) -> None:
    with app.app_context():
        settle(app.extensions["quytrinh"])


def work_by_calendar(place: Place) -> None:
    """As a scheduler does the work of a day, and what follows from it."""
    with place.app() as app:
        work_by_calendar_in(app)


def work_by_calendar_in(app: Flask) -> None:
    with app.app_context():
        runtime = app.extensions["quytrinh"]
        with runtime.reading() as connection:
            now = runtime.now(connection)
        do_calendar_work(runtime, now)
        settle(runtime)
