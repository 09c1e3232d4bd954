"""Wards with an issued plan, made once per session and copied for each test."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engine.database import connect
from engine.runtime import Runtime
from tests.support.databases import Databases, create_schema, lend
from tests.support.servers import environment_for
from tests.web.cycle_wards import CycleWard, Row, issue_anew
from tests.web.wards import Ward
from webapp.app import create_app
from webapp.demo.organisation import DemoWard, load_organisation
from webapp.settings import Settings

_made: dict[tuple[str, str], CycleWard] = {}


@contextmanager
def issued_ward(
    databases: Databases, folder: Path, name: str, rows: Sequence[Row], *, accepted: bool = True, **more: str
) -> Iterator[CycleWard]:
    """A copy of the ward called `name`, whose plan has these rows; `more` goes into its environment."""
    key = type(databases).__name__, name

    def load(url: str) -> None:
        create_schema(url)
        with opened(url, folder / "first", organisation(url)) as ward:
            _made[key] = issue_anew(ward, rows, accepted=accepted)

    for url in lend(databases, name, load):
        with opened(url, folder / "data", _made[key].ward.demo, **more) as ward:
            yield replace(_made[key], ward=ward)


def organisation(url: str) -> DemoWard:
    engine = connect(url)
    runtime = Runtime(engine, movable_clock=True)
    with runtime.reading() as connection:
        now = runtime.now(connection)
    demo = load_organisation(runtime, now)
    runtime.close()
    return demo


@contextmanager
def opened(url: str, folder: Path, demo: DemoWard, **more: str) -> Iterator[Ward]:
    app = create_app(Settings.from_environment(environment_for(url, folder, **more)))
    try:
        yield Ward(app, demo)
    finally:
        app.extensions["quytrinh"].close()
