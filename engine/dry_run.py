"""What a command would do, without doing it."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from engine.command import Actor
from engine.commands.migration import Migrated, MigrateInstance, migrate_instance
from engine.errors import Rejected
from engine.read_only import ReadOnlyTransaction
from engine.runtime import Runtime


def dry_run(
    runtime: Runtime, actor: Actor, commands: Iterable[MigrateInstance]
) -> Iterator[tuple[UUID, Migrated | str]]:
    """What moving each case would change, or why it cannot be moved. Nothing is written."""
    with runtime.reading() as connection:
        now = runtime.now(connection)
        for command in commands:
            try:
                outcome = migrate_instance(command, ReadOnlyTransaction(runtime, connection, actor, now))
            except Rejected as refusal:
                yield command.instance_id, str(refusal)
            else:
                yield command.instance_id, outcome
