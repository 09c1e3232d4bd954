"""Rows `inbox_page`, `step_page` and `http`: pages of the real server, as a signed-in officer gets them."""

import http.client
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic, perf_counter
from typing import IO
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Rejected
from engine.models import OPEN_STEP, UserTask
from webapp.benchmarks.measuring import WARM_UP, Act, Result, in_turns, p95, timed
from webapp.benchmarks.serving import FLOOR
from webapp.benchmarks.sites import Site
from webapp.benchmarks.steps import ANSWERS, ELEMENT
from webapp.benchmarks.wards import BenchedWard
from webapp.demo.organisation import PASSWORD
from webapp.organisation.models import Person

OFFICER = "hcc.cv1"
SAMPLES = 200
CLIENTS, BLOCKS, BLOCK = 8, 5, 20
START_SECONDS = 120
_FAULT = re.compile(r"^Traceback .*\n(?:[ \t].*\n)+(\S.*)$", re.MULTILINE)
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def inbox_page(site: Site) -> Iterator[Result]:
    """Hộp việc of an officer. Floor: a bare Flask page that reads one row."""
    ward = site.ward
    with visiting(ward) as visitor:
        floor = partial(visitor.get, f"{FLOOR}/{_own_cases(ward)[0]}")
        pairs = [(floor, partial(visitor.get, "/hop-viec"))] * (WARM_UP + SAMPLES)
        yield in_turns(pairs).at_median("inbox_page", site.database)


def step_page(site: Site) -> Iterator[Result]:
    """The page of a step, another one each time. Floor: a bare Flask page that reads one row."""
    ward = site.ward
    tasks, cases = ward.open_tasks(ward.actor(OFFICER), ELEMENT), _own_cases(ward)
    with visiting(ward) as visitor:
        pairs = [
            (
                partial(visitor.get, f"{FLOOR}/{cases[n % len(cases)]}"),
                partial(visitor.get, f"/viec/{tasks[n % len(tasks)]}"),
            )
            for n in range(WARM_UP + SAMPLES)
        ]
        yield in_turns(pairs).at_median("step_page", site.database)


def http_row(site: Site) -> Iterator[Result]:
    """A step sent from its page. Floor: a bare Flask page that writes one row."""
    ward = site.ward
    tasks = ward.open_tasks(ward.actor(OFFICER), ELEMENT)[: WARM_UP + SAMPLES]
    with visiting(ward) as visitor:
        times = in_turns(_sendings(visitor, tasks))
    yield times.at_median("http", site.database)
    yield times.at_p95("http p95", site.database)


def http8(site: Site) -> Iterator[Result]:
    """Steps a second of eight clients. Floor: the bare page that writes one row, by the same eight, in turns."""
    ward = site.ward
    with serving(ward) as server, ThreadPoolExecutor(CLIENTS) as pool:
        clients = [_Client(Visitor(server.port), user, tasks) for user, tasks in _shares(ward)]
        _in_turns(pool, clients, 1)  # Each worker's first steps, which aren't counted in other rows either.
        figures, floors = _in_turns(pool, clients, BLOCKS)
    yield Result.of("http8", site.database, figures.rate, floors.rate, "steps/s")
    yield Result.of("http8 p95", site.database, p95(figures.times), p95(floors.times))


def _shares(ward: BenchedWard) -> Iterator[tuple[str, list[UUID]]]:
    """Eight officers, those with the most steps more than once, and as many steps for each."""
    query = (
        sa.select(Person.username, UserTask.id)
        .join(UserTask, UserTask.assignee_id == Person.id)
        .where(UserTask.element_id == ELEMENT, UserTask.state == OPEN_STEP)
        .order_by(UserTask.id)
    )
    open_steps: dict[str, list[UUID]] = {}
    with ward.runtime.reading() as connection:
        for username, task_id in connection.execute(query):
            open_steps.setdefault(username, []).append(task_id)
    chosen: list[str] = []
    for _ in range(CLIENTS):
        chosen.append(max(open_steps, key=lambda user: len(open_steps[user]) / (chosen.count(user) + 1)))
    most = min(len(open_steps[user]) // chosen.count(user) for user in chosen)
    for user in chosen:
        yield user, [open_steps[user].pop() for _ in range(min(most, (1 + BLOCKS) * BLOCK))]


class _Client:
    """One of the eight, with steps of their own."""

    def __init__(self, visitor: "Visitor", username: str, tasks: list[UUID]) -> None:
        self._tasks = tasks
        self._visitor = visitor
        self.block = len(tasks) // (1 + BLOCKS)
        visitor.sign_in(username)

    def hang_up(self) -> None:
        """Until the next page."""
        self._visitor.close()

    def write(self) -> None:
        """The floor."""
        self._visitor.post(f"{FLOOR}/")

    def send(self) -> None:
        """A step."""
        self._visitor.post(f"/viec/{self._tasks.pop()}", **ANSWERS)


def _in_turns(pool: ThreadPoolExecutor, clients: list[_Client], blocks: int) -> tuple["_Block", "_Block"]:
    """Steps and floors."""
    figures, floors = _Block(), _Block()
    for _ in range(blocks):
        floors.run(pool, clients, lambda client: client.write)
        figures.run(pool, clients, lambda client: client.send)
    return figures, floors


class _Block:
    """What eight clients did at once."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self._seconds = 0.0

    @property
    def rate(self) -> float:
        """A second."""
        return len(self.times) / self._seconds

    def run(self, pool: ThreadPoolExecutor, clients: list[_Client], act: Callable[[_Client], Act]) -> None:
        """A block of each client at once."""
        for client in clients:
            client.hang_up()  # Whichever worker is free takes them when they call again, as it does with browsers.
        begun = perf_counter()
        for took in pool.map(lambda client: [timed(act(client)) for _ in range(client.block)], clients):
            self.times += took
        self._seconds += perf_counter() - begun


def memory(site: Site) -> Iterator[Result]:
    """Resident memory of the web workers after twice `scale` requests. Floor: after the first twentieth of them."""
    with site.another(min(site.scale, 1_000)) as ward, serving(ward) as server:
        tasks = ward.open_tasks(ward.actor(OFFICER), ELEMENT)
        pages = ["/hop-viec", *(f"/viec/{id}" for id in tasks[:50]), "/thong-bao", "/hop-viec?han=qua-han"]
        visitor = Visitor(server.port)
        visitor.sign_in(OFFICER)
        for number in range(site.scale // 10):
            visitor.get(pages[number % len(pages)])
        floor = server.resident_megabytes()
        for number in range(2 * site.scale - site.scale // 10):
            visitor.get(pages[number % len(pages)])
        yield Result.of("memory", site.database, server.resident_megabytes(), floor, "MB")


def _sendings(visitor: "Visitor", tasks: list[UUID]) -> Iterator[tuple[Act, Act]]:
    for task in tasks:
        yield partial(visitor.post, f"{FLOOR}/"), partial(visitor.post, f"/viec/{task}", **ANSWERS)


def _own_cases(ward: BenchedWard) -> list[UUID]:
    query = sa.select(UserTask.instance_id).where(UserTask.assignee_id == ward.actor(OFFICER).id).limit(SAMPLES)
    with ward.runtime.reading() as connection:
        return list(connection.scalars(query))


class PageError(Rejected):
    """A page that is measured must be the page, not its error."""


class Visitor:
    """A browser of few words: one connection kept open, one cookie, one token."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers: dict[str, str] = {}
        self._token = ""
        self._is_signed_in = False

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
        self._is_signed_in = True

    def _take_token(self, path: str) -> None:
        found = _TOKEN.search(self.get(path))
        self._token = found[1] if found else ""

    def _ask(self, method: str, path: str, body: str | None, expected: int) -> str:
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        try:
            self._connection.request(method, path, body, self._headers | form)
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as fault:
            raise PageError(f"Không đo được: máy chủ không trả lời {method} {path}.") from fault
        if answer.status != expected:
            raise PageError(f"Không đo được: {method} {path} có mã {answer.status}, không phải {expected}.")
        cookie = answer.headers.get("Set-Cookie")
        if cookie and not self._is_signed_in:  # Later ones hold what the next page would tell, which nobody asks for.
            self._headers["Cookie"] = cookie.partition(";")[0]
        return text

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Serving:
    """A server of one's own."""

    port: int
    master: int

    def resident_megabytes(self) -> float:
        """Memory of its workers."""
        workers = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        return sum(map(_resident_kilobytes, workers)) / 1024


def _resident_kilobytes(pid: str) -> int:
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0])


@contextmanager
def visiting(ward: BenchedWard) -> Iterator[Visitor]:
    """A signed-in officer in front of a server of one's own."""
    with serving(ward) as server:
        visitor = Visitor(server.port)
        visitor.sign_in(OFFICER)
        yield visitor
        visitor.close()


@contextmanager
def serving(ward: BenchedWard) -> Iterator[Serving]:
    """A server of one's own."""
    port = _free_port()
    command = [sys.executable, "-m", "webapp.benchmarks.serving", str(port)]
    with TemporaryFile() as log:
        server = subprocess.Popen(command, env=os.environ | ward.environment, stderr=log)  # noqa: S603  ours
        try:
            _wait_until_it_answers(server, port)
            yield Serving(port, server.pid)
        except PageError as fault:
            raise PageError(f"{fault} {_last_fault(log)}".strip()) from fault
        finally:
            server.terminate()
            server.wait()


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
    raise PageError("Không đo được: máy chủ không chạy.")


def _last_fault(log: IO[bytes]) -> str:
    """The end of the last stack in a server's log: the line that is not set in."""
    log.seek(0)
    faults = _FAULT.findall(log.read().decode(errors="replace"))
    return f"Nhật ký của máy chủ: {faults[-1]}" if faults else ""
