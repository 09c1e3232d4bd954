"""Processes that race: each does what it is told, at the instant at which it is told, on connections of its own."""

import random
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from engine.database import connect
from engine.errors import Rejected
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from tests.support.obedient import Obedient

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
        self._racers = [Obedient("tests.races.racers:take_part") for _ in range(count)]
        self._chance = random.Random(count)

    def open(self, url: str) -> None:
        """Let them all work on a database."""
        for racer in self._racers:
            racer.ask(url)

    def race(self, *acts: Act) -> list[Any]:
        """What each got, in the order of the acts: a result, or a refusal."""
        start = perf_counter() + LEAD
        for racer, act in zip(self._racers, acts, strict=True):
            racer.tell((act, start + self._chance.uniform(0, SPREAD)))
        outcomes = [racer.hear() for racer in self._racers]
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, Rejected):
                raise outcome
        return outcomes

    def close(self) -> None:
        """End the processes."""
        for racer in self._racers:
            racer.close()


class Racer:
    """One of the processes."""

    def __init__(self) -> None:
        self._runtime: Runtime | None = None

    def __call__(self, order: Any) -> Any:
        """Open a database, or race."""
        if isinstance(order, str):
            if self._runtime is not None:
                self._runtime.close()
            self._runtime = Runtime(connect(order), movable_clock=True)
            return None
        assert self._runtime is not None
        act, start = order
        while perf_counter() < start:
            pass
        return act(self._runtime)


take_part = Racer()
