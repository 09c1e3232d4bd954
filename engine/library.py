"""What is read over and over and changes seldom or never, kept for as long as the process lives."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import Calendar
from engine.models import CalendarDay, DeployedForm, ProcessDefinition, Tenant
from engine.spiff import Definition, load_definition
from engine.statements import fetch, fetch_one
from forms.definition import FormDefinition

CALENDAR_VERSION = sa.select(Tenant.calendar_version).where(Tenant.id == sa.bindparam("tenant"))
CALENDAR_DAYS = sa.select(CalendarDay.day, CalendarDay.working).where(CalendarDay.tenant_id == sa.bindparam("tenant"))
COMPILED = sa.select(ProcessDefinition.compiled).where(ProcessDefinition.id == sa.bindparam("definition"))
FORM = sa.select(DeployedForm.source).where(
    DeployedForm.definition_id == sa.bindparam("definition"), DeployedForm.form_id == sa.bindparam("form")
)

T = TypeVar("T")


class Library:
    """Deployed versions, their forms, and the working days of each tenant."""

    def __init__(self) -> None:
        self._definitions: dict[UUID, Definition] = {}
        self._forms: dict[tuple[UUID, str], FormDefinition] = {}
        self._calendars: dict[UUID, tuple[int, Calendar]] = {}
        self._kept: dict[UUID, tuple[bytes, dict[Any, Any]]] = {}

    def definition(self, definition_id: UUID, connection: sa.Connection) -> Definition:
        """A deployed version, restored once per process: it never changes."""
        known = self._definitions.get(definition_id)
        if known is None:
            row = fetch_one(connection, COMPILED, {"definition": definition_id})
            assert row is not None, "an instance refers to its definition"
            known = self._definitions[definition_id] = load_definition(row.compiled)
        return known

    def form(self, definition_id: UUID, form_id: str, connection: sa.Connection) -> FormDefinition:
        """A form of a deployed version."""
        known = self._forms.get((definition_id, form_id))
        if known is None:
            row = fetch_one(connection, FORM, {"definition": definition_id, "form": form_id})
            assert row is not None, "a deployed diagram names only forms of its bundle"
            known = self._forms[definition_id, form_id] = FormDefinition.parse(row.source)
        return known

    def kept(self, tenant_id: UUID | None, head: bytes | None, key: Any, read: Callable[[], T]) -> T:
        """What was read when the tenant's own stream ended with this link; read now, where that is not known.

        By the link, not by the stream's length: a backup that was put back may have grown as long since.
        """
        if tenant_id is None or head is None:
            return read()
        last, kept = self._kept.get(tenant_id, (None, {}))
        if last != head:
            self._kept[tenant_id] = head, (kept := {})
        if key not in kept:
            kept[key] = read()
        found: T = kept[key]
        return found

    def calendar(self, tenant_id: UUID, connection: sa.Connection, *, version: int | None = None) -> Calendar:
        """The tenant's working days, read again when an administrator has changed them; `version` if it is known."""
        if version is None:
            rows = fetch(connection, CALENDAR_VERSION, {"tenant": tenant_id})
            version = rows[0].calendar_version if rows else 0
        cached = self._calendars.get(tenant_id)
        if cached is None or cached[0] != version:
            days = fetch(connection, CALENDAR_DAYS, {"tenant": tenant_id})
            cached = version, Calendar(overrides={row.day: row.working for row in days})
            self._calendars[tenant_id] = cached
        return cached[1]
