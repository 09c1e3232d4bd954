"""PostgreSQL's own tools, at work on the database of an address; none outlives the command that needs it."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from typing import IO, Any

import sqlalchemy as sa
from psycopg import pq

from engine.errors import Rejected
from webapp.backups.stopping import dies_with_us

Stream = int | IO[bytes]
PATIENCE = 10
"""Seconds that a tool has to end when it is told to: it has the server cancel what it asked for."""


class DatabaseTool(Rejected):
    """A tool of PostgreSQL is missing, or said no."""


def run(tool: str, url: str, *arguments: str) -> bytes:
    """Run a tool to its end; return what it printed. Raises DatabaseTool with what it complained of."""
    with TemporaryFile() as complaints:
        with started(tool, url, *arguments, stdout=subprocess.PIPE, stderr=complaints) as process:
            printed: bytes = process.stdout.read()
        require_done(tool, process, complaints)
    return printed


def require_done(tool: str, process: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
    """Raises DatabaseTool with what a tool that failed complained of."""
    if process.returncode:
        raise DatabaseTool(f"{tool} không thực hiện được: {said(complaints).strip()[-2000:]}")


def said(file: IO[bytes]) -> str:
    """What a tool wrote to a file."""
    file.seek(0)
    return file.read().decode(errors="replace")


@contextmanager
def started(
    tool: str, url: str, *arguments: str, stdout: Stream, stderr: Stream, stdin: Stream = subprocess.DEVNULL
) -> Iterator[Any]:
    """A tool at work, until it ends; whoever leaves by an error takes it along.

    It hears of Ctrl-C from us only, and the password never stands in the list of processes. Raises DatabaseTool.
    """
    try:
        process = subprocess.Popen(  # noqa: S603  a fixed tool, no shell
            [tool, *arguments], stdin=stdin, stdout=stdout, stderr=stderr,
            env={**os.environ, **environment(url)}, process_group=0, preexec_fn=dies_with_us(),
        )  # fmt: skip
    except FileNotFoundError as error:
        raise DatabaseTool(f"Không tìm thấy {tool}: cài bộ công cụ PostgreSQL (gói postgresql-client).") from error
    try:
        yield process
    except BaseException:
        process.send_signal(signal.SIGINT)
        _close(process)
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        raise
    finally:
        _close(process)
        process.wait()


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            if stream is not None:
                stream.close()


def environment(url: str) -> Mapping[str, str]:
    """What an address says, as libpq takes it from the environment: all that the driver would hand to it."""
    address = sa.make_url(url).set(drivername="postgresql+psycopg")
    given = address.get_dialect()().create_connect_args(address)[1]
    known = pq.Conninfo.get_defaults()
    names = {option.keyword.decode(): option.envvar.decode() for option in known if option.envvar is not None}
    return {names[name]: str(value) for name, value in given.items() if name in names}
