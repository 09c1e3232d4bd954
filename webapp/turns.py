"""Requests of one process take turns, and who waits for a slow commit lets the next one go on."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

LONG = 0.0025
"""Seconds of a commit with its writes, from which on it is worth letting others go on: half of what a step computes."""
REMEMBERED, LOOK_AGAIN = 8, 16
"""Of how many commits it is known how long they take, and how often that is looked at where others go on meanwhile."""


class Turns:
    """A lock that goes to whoever has waited longest: one of Python's own goes to whoever comes by."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[tuple[int, threading.Lock]] = deque()
        self._whose: int | None = None  # thread

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def take(self, timeout: float) -> bool:
        """Wait for a turn; whether it came."""
        turn = threading.get_ident(), threading.Lock()
        with self._mutex:
            if self._whose is None:
                self._whose = turn[0]
                return True
            turn[1].acquire()
            self._waiting.append(turn)
        if turn[1].acquire(timeout=timeout):
            return True
        with self._mutex:
            if turn not in self._waiting:
                return True  # It came at the last moment.
            self._waiting.remove(turn)
        return False

    def end(self) -> None:
        """Let the next one have it, if it is this thread's."""
        with self._mutex:
            if self._whose != threading.get_ident():
                return
            self._whose = None
            if self._waiting:
                self._whose, turn = self._waiting.popleft()
                turn.release()


class Commits:
    """Lets the next request go on while one waits for its commit, where a commit takes long.

    Where it does not, whoever goes on meanwhile keeps the one whose commit is done from answering.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._seen = 0
        self._long = 0.0  # the part of the last ones that took long

    @contextmanager
    def wait(self) -> Iterator[None]:
        """Around the waiting for one."""
        self._seen += 1
        alone = self._long < 1 / 2 or self._seen % LOOK_AGAIN == 0  # Beside others it seems longer than it is.
        if not alone:
            self._turns.end()
        begun = monotonic()
        yield
        if alone:
            self._long += ((monotonic() - begun > LONG) - self._long) / REMEMBERED
