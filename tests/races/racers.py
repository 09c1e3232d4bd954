"""Processes that race: `python -m tests.races.racers` does what it is told, at the instant at which it is told.

They live as long as the tests: one start, many races. Each has a Runtime and connections of its own.
"""

import pickle
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO

from engine.database import connect
from engine.errors import Rejected
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from tests.support.processes import SETPRIV

ROOT = Path(__file__).parents[2]
LEAD = 0.002
"""Seconds ahead of the start at which the racers are told; then each waits for the same instant of one clock."""
SPREAD = 0.002
"""By how many seconds at most one starts after the other, at random: any part of one act meets any part of another."""

Act = Callable[[Runtime], Any]
"""What a racer does; it is sent by name, so it is a function of a module or a partial of one."""


@performs("races.note")
def note(job: JobCall, runtime: Runtime) -> None:
    """A job's work: one line in the file that its payload names. Appending is atomic."""
    with Path(job.payload["file"]).open("a") as file:
        file.write(f"{job.key}\n")


class Racers:
    """Starts the processes, and each race."""

    def __init__(self, count: int = 2) -> None:
        command = [SETPRIV, "--pdeathsig=KILL", sys.executable, "-m", "tests.races.racers"]
        pipe = subprocess.PIPE
        self._processes = [subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe) for _ in range(count)]
        self._chance = random.Random(count)

    def open(self, url: str) -> None:
        """Let them all work on a database."""
        for process in self._processes:
            _send(process.stdin, url)
        self._outcomes()

    def race(self, *acts: Act) -> list[Any]:
        """What each got, in the order of the acts: a result, or a refusal."""
        start = perf_counter() + LEAD
        for process, act in zip(self._processes, acts, strict=True):
            _send(process.stdin, (act, start + self._chance.uniform(0, SPREAD)))
        return self._outcomes()

    def _outcomes(self) -> list[Any]:
        outcomes = [pickle.load(process.stdout) for process in self._processes]
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, Rejected):
                raise outcome
        return outcomes

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            with process:
                assert process.stdin
                process.stdin.close()


def _send(pipe: Any, what: object) -> None:
    pickle.dump(what, pipe)
    pipe.flush()


def main(orders: BinaryIO, answers: BinaryIO) -> None:
    """Obey until there are no more orders."""
    runtime: Runtime | None = None
    while True:
        try:
            order = pickle.load(orders)
        except EOFError:
            return
        if isinstance(order, str):
            if runtime is not None:
                runtime.close()
            runtime = Runtime(connect(order), movable_clock=True)
            _send(answers, None)
        else:
            assert runtime is not None
            _send(answers, _outcome(runtime, *order))


def _outcome(runtime: Runtime, act: Act, start: float) -> Any:
    while perf_counter() < start:
        pass
    try:
        return act(runtime)
    except Exception as fault:
        return fault


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
