"""Child processes that are ready when the test goes on, and gone when it ends."""

import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

SETPRIV = shutil.which("setpriv") or "setpriv"
LOOK_AGAIN = 0.02  # seconds


class Process(Protocol):
    """What is asked of a `subprocess.Popen`, and of what is like one."""

    pid: int

    @property
    def args(self) -> Any:
        """What was started."""

    def send_signal(self, how: int, /) -> None:
        """Nothing where it has ended."""

    def kill(self) -> None:
        """SIGKILL."""

    def poll(self) -> int | None:
        """The exit code, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises subprocess.TimeoutExpired."""


class StartError(AssertionError):
    """The process ended, or was not ready in time; its last words follow."""


def start(
    command: Sequence[str], log: Path, *, user: str | None = None, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a process that writes to `log` and dies with the tests, even when they are killed."""
    as_user = [f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
    # SIGQUIT: PostgreSQL's immediate shutdown, and fatal to everything else.
    whole = [SETPRIV, "--pdeathsig=QUIT", *as_user, *command]
    with log.open("ab") as output:
        return subprocess.Popen(whole, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=env)


def wait_until(ready: Callable[[], bool], process: Process, log: Path, timeout: float = 300) -> None:
    """Wait until the process is ready. Raises StartError with the end of its log."""
    give_up = monotonic() + timeout
    while not ready():
        try:
            process.wait(LOOK_AGAIN)
        except subprocess.TimeoutExpired:
            if monotonic() < give_up:
                continue
        raise StartError(f"{process.args!r}\n{log.read_text(errors='replace')[-3000:]}")


def stop(process: Process, how: signal.Signals = signal.SIGTERM, timeout: float = 300) -> int:
    """End the process and return its exit code; one that doesn't listen is killed."""
    process.send_signal(how)
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
