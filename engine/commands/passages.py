"""The ways from one version of a procedure to another, made ready once: thousands of cases may take one of them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.errors import CannotMigrate, NotFound
from engine.library import Library
from engine.models import ProcessDefinition, Submission
from engine.spiff import Walk
from engine.spiff.migrate import Passage
from engine.spiff.versions import Version, hashes_called
from engine.transaction import Transaction

Key = tuple[UUID, UUID, frozenset[tuple[str, str]]]

MOST = 8
_passages: dict[Key, Passage] = {}
"""Versions never change, so what was made ready holds as long as the process lives."""


def passage_for(tx: Transaction, old_id: UUID, new_id: UUID, mapping: Mapping[str, str]) -> Passage:
    """Raises NotFound; CannotMigrate where the versions are of different procedures."""
    key = old_id, new_id, frozenset(mapping.items())
    passage = _passages.get(key)
    if passage is None:
        passage = _made(tx, old_id, new_id, mapping)
        if len(_passages) >= MOST:
            _passages.clear()
        _passages[key] = passage
    return passage


def _made(tx: Transaction, old_id: UUID, new_id: UUID, mapping: Mapping[str, str]) -> Passage:
    columns = ProcessDefinition.id, ProcessDefinition.key, ProcessDefinition.source
    query = sa.select(*columns).where(
        ProcessDefinition.tenant_id == tx.tenant_id, ProcessDefinition.id.in_([old_id, new_id])
    )
    rows = {row.id: row for row in tx.connection.execute(query)}
    if len(rows) < 2:
        raise NotFound
    if rows[old_id].key != rows[new_id].key:
        raise CannotMigrate("Hai bản không cùng một quy trình.")
    old, new = (read_version(tx.library, tx.connection, tx.tenant_id, rows[id]) for id in (old_id, new_id))
    return Passage(old, new, mapping, frozenset(_new_fields(tx, old, old_id, new, new_id)))


def read_version(library: Library, connection: sa.Connection, tenant_id: UUID, row: Any) -> Version:
    """A deployed version of which `row` has id and source, with the drawings of all that it calls."""
    definition = library.definition(row.id, connection)
    hashes = hashes_called(definition)
    drawings = sa.select(ProcessDefinition.content_hash, ProcessDefinition.source).where(
        ProcessDefinition.tenant_id == tenant_id, ProcessDefinition.content_hash.in_(hashes)
    )
    called = {row.content_hash: row.source for row in connection.execute(drawings)} if hashes else {}
    return Version.read(definition, row.source, called)


def supply(tx: Transaction, passage: Passage, walk: Walk) -> None:
    """Let the process see what was entered already in fields that only the new version's forms mark for it."""
    for element_id, fields in sorted(_unseen(passage, walk).items()):
        answers = _last_answers(tx, element_id)
        found = {f"{element_id}.{name}": answers[name] for name in sorted(fields) if name in answers}
        if found:
            walk.data[element_id] = {
                **walk.data[element_id],
                **{name: answers[name] for name in fields & answers.keys()},
            }
            walk.assigned.append((element_id, found))


def _unseen(passage: Passage, walk: Walk) -> dict[str, set[str]]:
    """By step that was done: the fields of which the case's data knows nothing."""
    unseen: dict[str, set[str]] = {}
    for name in passage.new_fields:
        element_id, _, field = name.partition(".")
        given = walk.data.get(element_id)
        if isinstance(given, Mapping) and field not in given:
            unseen.setdefault(element_id, set()).add(field)
    return unseen


def _last_answers(tx: Transaction, element_id: str) -> dict[str, Any]:
    assert tx.instance is not None
    text = tx.connection.scalar(
        sa.select(Submission.data)
        .where(Submission.instance_id == tx.instance.id, Submission.element_id == element_id)
        .order_by(Submission.submitted_at.desc())
        .limit(1)
    )
    return dict(orjson.loads(text)) if text else {}


def _new_fields(tx: Transaction, old: Version, old_id: UUID, new: Version, new_id: UUID) -> set[str]:
    """The process variables (`step.field`) for which the old version's form of the step did not ask."""
    found = set()
    for element_id, step in new.definition.steps.items():
        before = old.definition.steps.get(element_id)
        if before is not None and before.form and step.form:
            asked = tx.library.form(old_id, before.form, tx.connection).process_variables
            now = tx.library.form(new_id, step.form, tx.connection).process_variables
            found |= {f"{element_id}.{field}" for field in set(now) - set(asked)}
    return found
