"""Draft the next revision from what the models have and the last revision lacks: `make migration m="…"`."""

import sys
import tempfile
from typing import Any

from alembic import command
from alembic.script import Script, ScriptDirectory

from migrations import configuration, upgrade


def draft(message: str) -> str | None:
    """Write the revision and return its path, for a person to read and mend; None when nothing has changed."""
    with tempfile.TemporaryDirectory() as folder:
        database_url = f"sqlite:///{folder}/draft.db"
        upgrade(database_url)
        config = configuration(database_url)
        config.attributes["autogenerate"] = True
        number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
        written = command.revision(
            config, message, autogenerate=True, rev_id=f"{number:04}", process_revision_directives=drop_empty
        )
    return str(written.path) if isinstance(written, Script) else None


def drop_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Write no revision that would do nothing."""
    if directives[0].upgrade_ops.is_empty():
        directives.clear()


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit('Say what the revision is for: make migration m="Plans know their source"')
    sys.stdout.write(f"{draft(sys.argv[1]) or 'The schema equals the models: nothing to write.'}\n")
