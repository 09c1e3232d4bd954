"""What a test begins with is made once; whoever begins so again gets a copy of the database and the files it left."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from engine.models import Base, Tenant
from tests.support.clock import BEGINS, set_clock
from tests.support.postgresql import COPY
from tests.web.wards import Ward
from webapp.settings import Settings

PAUSE = timedelta(minutes=10)
"""A test goes on from what was made for it at the next full ten minutes."""


@dataclass(frozen=True)
class Copy:
    """What was in a ward's database, and its files."""

    name: str
    folder: Path
    goes_on: datetime

    @classmethod
    def of(cls, ward: Ward, name: str) -> "Copy":
        goes_on = BEGINS + ((ward.now() - BEGINS) // PAUSE + 1) * PAUSE
        settings = let_go(ward)
        copy = cls(name, settings.data_dir.with_name(name), goes_on)
        shutil.copytree(settings.data_dir, copy.folder)
        if ward.on_postgresql:
            create(settings.database_url, name, str(sa.make_url(settings.database_url).database))
        else:
            overwrite(settings.database_url.removeprefix("sqlite:///"), copy.folder / "database")
        return copy

    def put_into(self, ward: Ward) -> None:
        """Leave nothing of what the ward had."""
        settings = let_go(ward)
        shutil.copytree(self.folder, settings.data_dir, dirs_exist_ok=True)
        if ward.on_postgresql:
            create(settings.database_url, str(sa.make_url(settings.database_url).database), self.name)
        else:
            overwrite(self.folder / "database", settings.database_url.removeprefix("sqlite:///"))


def let_go(ward: Ward) -> Settings:
    """Disconnect from the database; where it is."""
    ward.runtime.database.dispose()
    settings: Settings = ward.app.config["SETTINGS"]
    return settings


def overwrite(source: str | Path, target: str | Path) -> None:
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        written.execute("PRAGMA synchronous = OFF")
        read.backup(written)


def create(url: str, name: str, template: str) -> None:
    server = sa.make_url(url).set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(COPY.format(name, template).encode())


_made: dict[Any, tuple[Copy, Any]] = {}
_number = count(1)


def remembered(make: Callable[..., Any]) -> Callable[..., Any]:
    """For a function that brings a ward to where tests begin, and returns what holds the ward."""

    @wraps(make)
    def made_before(ward: Ward, *arguments: Any, **options: Any) -> Any:
        key = make, tuple(map(_hashable, arguments)), tuple(options.items()), what_was_done(ward)
        if key in _made:
            copy, made = _made[key]
            copy.put_into(ward)
        else:
            made = make(ward, *arguments, **options)
            copy = Copy.of(ward, f"begun_{next(_number)}")
            _made[key] = copy, replace(made)
        set_clock(ward.app.config["SETTINGS"].database_url, copy.goes_on)
        return replace(made, ward=ward)

    return made_before


def _hashable(argument: Any) -> Any:
    return tuple(argument) if isinstance(argument, list) else argument


def what_was_done(ward: Ward) -> tuple[Any, ...]:
    """The same for wards in which the same was done so far, by commands or beside them."""
    heads = ward.rows(sa.select(Tenant.id, Tenant.head).order_by(Tenant.id))
    counts = [sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in Base.metadata.sorted_tables]
    (rows,) = ward.rows(sa.select(*counts))
    return ward.on_postgresql, tuple(rows), *map(tuple, heads)
