"""What a long command is at, said to whoever waits for it."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TypeVar

import click

from forms.notation import shown_number

T = TypeVar("T")

OFTEN = 5.0
"""Seconds between two counts."""
log = logging.getLogger("webapp.backups")


class Told(logging.Handler):
    """Says it; the work goes on where nobody listens any more."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say one sentence."""
        with suppress(OSError):
            click.echo(record.getMessage())


@contextmanager
def told() -> Iterator[None]:
    """Say it, until the end."""
    handler, level = Told(), log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(level)
        log.removeHandler(handler)


def counted(things: Iterable[T], said: str, each: int = 1) -> Iterator[T]:
    """The same things; now and then `said`, with how many are done, is told. One of them counts for `each`."""
    told_at = monotonic()
    for number, thing in enumerate(things, 1):
        yield thing
        if monotonic() - told_at >= OFTEN:
            log.info(said, shown_number(number * each))
            told_at = monotonic()
