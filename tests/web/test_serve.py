"""`quytrinh serve` starts and stops as an operator expects, and says what is wrong with its configuration."""

import os
import signal
import socket
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from tests.support.processes import wait_until
from tests.support.servers import LiveServer, StartServer, environment_for
from webapp.cli import main
from webapp.turns import LONG, Commits, Turns


@pytest.mark.parametrize("how", [pytest.param(signal.SIGINT, marks=pytest.mark.prove), signal.SIGTERM])
def test_it_stops_when_told(start_server: StartServer, sqlite_url: str, how: signal.Signals) -> None:
    server = start_server(sqlite_url, from_nothing=True)
    assert server.stop(how) == 0
    assert "Traceback" not in server.log.read_text()


def test_it_answers_on_both_databases(live_server) -> None:
    assert live_server.process.poll() is None
    assert "Traceback" not in live_server.log.read_text()


def test_each_worker_answers_on_a_core_of_its_own_and_its_scheduler_on_any(
    start_server: StartServer, sqlite_url: str
) -> None:
    server, cores = start_server(sqlite_url, "--workers", "2"), os.sched_getaffinity(0)

    def each_has_a_core() -> bool:
        return [len(os.sched_getaffinity(pid)) for pid in workers_of(server)] == [1, 1]

    wait_until(each_has_a_core, server.process, server.log)
    workers = workers_of(server)
    assert len(set.union(*map(os.sched_getaffinity, workers))) == min(2, len(cores))
    for pid in workers:
        assert cores in affinities_of_threads(pid)


def workers_of(server: LiveServer) -> list[int]:
    master = server.process.pid
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def affinities_of_threads(process: int) -> list[set[int]]:
    """Of those that live on: one may end while they are asked."""
    found = []
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(ProcessLookupError):
            found.append(os.sched_getaffinity(int(thread.name)))
    return found


def test_turns_come_in_the_order_of_asking() -> None:
    turns, came = Turns(), []
    assert turns.take(0)

    def ask(name: str) -> None:
        assert turns.take(60)
        came.append(name)
        turns.end()

    asking = [threading.Thread(target=ask, args=(name,)) for name in "abc"]
    for place, thread in enumerate(asking, 1):
        thread.start()
        while len(turns) < place:
            os.sched_yield()
    turns.end()
    for thread in asking:
        thread.join()
    assert came == ["a", "b", "c"]


def test_who_has_given_up_is_not_waited_for() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0)
    turns.end()
    assert turns.take(0)


def test_a_turn_is_ended_once_and_by_whoever_has_it() -> None:
    turns, ended = Turns(), []
    assert turns.take(0)

    def ask() -> None:
        turns.end()  # Another's.
        assert turns.take(60)
        ended.append(turns.take(0))

    asking = threading.Thread(target=ask)
    asking.start()
    while not len(turns):
        os.sched_yield()
    turns.end()
    turns.end()  # It is the other's by now.
    asking.join()
    assert ended == [False]


def test_the_next_request_goes_on_during_commits_that_take_long() -> None:
    turns = Turns()
    commits = Commits(turns)

    def goes_on(seconds: float) -> bool:
        assert turns.take(0)
        with commits.wait():
            is_free = turns.take(0)
            threading.Event().wait(seconds)
        turns.end()
        return is_free

    assert not goes_on(0)
    assert any(goes_on(2 * LONG) for _ in range(1_000))
    assert any(not goes_on(0) and not goes_on(0) for _ in range(10_000))  # One may be a look.


def test_who_sends_slowly_holds_nobody_up(start_server: StartServer, sqlite_url: str) -> None:
    server = start_server(sqlite_url, "--workers", "2", "--threads", "8")
    with ExitStack() as slow:
        for _ in range(10):  # More than half of all threads, where workers begin to leave connections to each other.
            sender = slow.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            sender.sendall(b"POST /dang-nhap HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nidentifier=")
        for _ in range(8):
            with urlopen(f"{server.url}/dang-nhap", timeout=300) as page:
                assert page.status == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://localhost/quytrinh"),
        ("BASE_URL", "quytrinh.example"),
        ("SMTP_URL", "mail.example"),
        ("MAX_UPLOAD_MB", "many"),
        ("MOVABLE_CLOCK", "yes"),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_sentence(tmp_path: Path, sqlite_url: str, name: str, value: str):
    environment = environment_for(sqlite_url, tmp_path) | {name: value}
    started = CliRunner().invoke(main, ["serve"], env=environment)
    assert started.exit_code == 2
    assert name in started.stderr
    assert len(started.output.splitlines()) == 1
