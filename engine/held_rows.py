"""A row of the domain in a command's hands: read once, changed at most once, without the ORM's ceremony.

For what is part of every step; everything else uses the transaction's session.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from engine.models import Base
from engine.statements import fetch_one

M = TypeVar("M", bound=Base)


class HeldRow:
    """Reads as its model does; what is set is written when the command ends, or when the session is asked for."""

    def __init__(self, table: Any, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)
        self.__dict__["_table"] = table
        self.__dict__["_changed"] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        if value != self.__dict__[name]:  # Raises KeyError for what is no column.
            self.__dict__[name] = self.__dict__["_changed"][name] = value

    def take_change(self) -> tuple[Any, dict[str, Any]] | None:
        """The statement and the values that write what was set since this was last asked."""
        changed = self.__dict__["_changed"]
        if not changed:
            return None
        self.__dict__["_changed"] = {}
        values = {f"new_{name}": value for name, value in changed.items()}
        return _update(self.__dict__["_table"], tuple(changed)), {"row_id": self.__dict__["id"], **values}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the sender of an optimistic command has just read for it, and the connection, idle again.

    The command goes on from there, which spares it statements and a connection. Should the row be out of date, the
    command is computed anew, by what it reads itself.
    """

    row: Any
    """The one that the command would read first."""
    connection: sa.Connection
    held: Mapping[tuple[type[Base], UUID], HeldRow | None]
    """Rows of the domain that subscribers will hold, read with it; None for one that there is not."""


def beside(model: type[Base]) -> list[Any]:
    """The columns of a model for a statement that reads something else, at its end."""
    table: Any = model.__table__
    return [column.label(f"{table.name}_{column.name}") for column in table.columns]


def row_beside(model: type[Base], row: Any) -> HeldRow | None:
    """The model's row at the end of another one, if there is one."""
    table: Any = model.__table__
    names = table.columns.keys()
    values = dict(zip(names, row[-len(names) :], strict=True))
    return None if values["id"] is None else HeldRow(table, values)


def read_row(connection: sa.Connection, model: type[M], id: UUID) -> Any:
    """A row by its id, or None. Its lock is its instance's."""
    table: Any = model.__table__
    row = fetch_one(connection, _select(table), {"row_id": id})
    return HeldRow(table, row._asdict()) if row is not None else None


@lru_cache(maxsize=64)
def _select(table: Any) -> Any:
    return sa.select(table).where(table.c.id == sa.bindparam("row_id"))


@lru_cache(maxsize=256)
def _update(table: Any, columns: tuple[str, ...]) -> Any:
    values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in columns}
    return sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(values)
