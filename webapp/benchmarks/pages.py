"""Rows `inbox`, `step_page` and `http`: pages of the real server, as a signed-in officer gets them."""

import http.client
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from time import monotonic
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa

from engine.models import UserTask
from webapp.benchmarks.measuring import WARM_UP, Act, Result, in_turns
from webapp.benchmarks.serving import FLOOR
from webapp.benchmarks.steps import ANSWERS, ELEMENT
from webapp.benchmarks.wards import BenchedWard
from webapp.demo.organisation import PASSWORD

OFFICER = "hcc.cv1"
SAMPLES = 200
START_SECONDS = 30
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def inbox(ward: BenchedWard) -> Result:
    """Hộp việc of an officer. Floor: a bare Flask page that reads one row."""
    with visiting(ward) as visitor:
        floor = partial(visitor.get, f"{FLOOR}/{_own_cases(ward)[0]}")
        pairs = [(floor, partial(visitor.get, "/hop-viec"))] * (WARM_UP + SAMPLES)
        return in_turns("inbox", ward.database, pairs)


def step_page(ward: BenchedWard) -> Result:
    """The page of a step, another one each time. Floor: a bare Flask page that reads one row."""
    tasks, cases = ward.open_tasks(ward.actor(OFFICER), ELEMENT), _own_cases(ward)
    with visiting(ward) as visitor:
        pairs = [
            (
                partial(visitor.get, f"{FLOOR}/{cases[n % len(cases)]}"),
                partial(visitor.get, f"/viec/{tasks[n % len(tasks)]}"),
            )
            for n in range(WARM_UP + SAMPLES)
        ]
        return in_turns("step_page", ward.database, pairs)


def http_row(ward: BenchedWard) -> Result:
    """A step sent from its page. Floor: a bare Flask page that writes one row."""
    tasks = ward.open_tasks(ward.actor(OFFICER), ELEMENT)[: WARM_UP + SAMPLES]
    with visiting(ward) as visitor:
        return in_turns("http", ward.database, _sendings(visitor, tasks))


def _sendings(visitor: "Visitor", tasks: list[UUID]) -> Iterator[tuple[Act, Act]]:
    for task in tasks:
        yield partial(visitor.post, f"{FLOOR}/"), partial(visitor.post, f"/viec/{task}", **ANSWERS)


def _own_cases(ward: BenchedWard) -> list[UUID]:
    query = sa.select(UserTask.instance_id).where(UserTask.assignee_id == ward.actor(OFFICER).id).limit(SAMPLES)
    with ward.runtime.reading() as connection:
        return list(connection.scalars(query))


class PageError(RuntimeError):
    """A page that is measured must be the page, not its error."""


class Visitor:
    """A browser of few words: one connection kept open, one cookie, one token."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers: dict[str, str] = {}
        self._token = ""

    def get(self, path: str) -> str:
        """A page. Raises PageError."""
        return self._ask("GET", path, None, expected=200)

    def post(self, path: str, **fields: str) -> str:
        """Send a form. Raises PageError unless it was taken."""
        body = urlencode(fields | {"csrf_token": self._token})
        return self._ask("POST", path, body, expected=200 if path.startswith(FLOOR) else 302)

    def sign_in(self, username: str) -> None:
        """Through the page, as people do."""
        self._take_token("/dang-nhap")
        self.post("/dang-nhap", identifier=username, password=PASSWORD)
        self._take_token("/hop-viec")

    def _take_token(self, path: str) -> None:
        found = _TOKEN.search(self.get(path))
        self._token = found[1] if found else ""

    def _ask(self, method: str, path: str, body: str | None, expected: int) -> str:
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        self._connection.request(method, path, body, self._headers | form)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if answer.status != expected:
            raise PageError(f"{method} {path}: {answer.status} {text[:300]}")
        cookie = answer.headers.get("Set-Cookie")
        if cookie:
            self._headers["Cookie"] = cookie.partition(";")[0]
        return text

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@contextmanager
def visiting(ward: BenchedWard) -> Iterator[Visitor]:
    """A signed-in officer in front of a server of one's own."""
    port = _free_port()
    command = [sys.executable, "-m", "webapp.benchmarks.serving", str(port)]
    server = subprocess.Popen(command, env=os.environ | ward.environment, stderr=subprocess.PIPE)  # noqa: S603  ours
    try:
        _wait_until_it_answers(server, port)
        visitor = Visitor(port)
        visitor.sign_in(OFFICER)
        yield visitor
        visitor.close()
    finally:
        server.terminate()
        server.communicate()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int) -> None:
    give_up = monotonic() + START_SECONDS
    while monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            try:
                server.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            break
        else:
            return
    raise PageError(f"the server did not start: {server.stderr.read().decode()[-2000:] if server.stderr else ''}")
