"""Ending a command before its time: nothing goes on behind one's back, and nothing half done stays."""

import ctypes
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.errors import Rejected

STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Stopped(Rejected):
    """By Ctrl-C, or by what the system sends."""


@contextmanager
def stoppable(state: str) -> Iterator[None]:
    """Have all signals to stop do what Ctrl-C does, so that what was begun is taken back; `state` says what is left.

    Raises Stopped.
    """
    heard = [which for which in STOPPING if signal.getsignal(which) is signal.SIG_DFL]  # `nohup` has it ignored.
    for which in heard:
        signal.signal(which, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt as stop:
        raise Stopped(f"Đã dừng theo yêu cầu; {state}.") from stop
    finally:
        for which in heard:
            signal.signal(which, signal.SIG_DFL)


@contextmanager
def unbroken() -> Iterator[None]:
    """Until the end signals to stop wait: whether it was done is then known."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def dies_with_us() -> Callable[[], None]:
    """What a child does first, so that it is interrupted when we die of anything, SIGKILL too; Linux only."""
    parent, prctl = os.getpid(), getattr(_libc, "prctl", None)

    def begin() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # A shell has it ignored by what runs in the background.
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != parent:
                os._exit(1)  # We died before it had said so.

    return begin
