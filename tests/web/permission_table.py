"""Who may do what, as the declarations say it: routes and commands × roles.

    python -m tests.web.permission_table > tests/web/permissions.csv

writes what is declared; whoever changes a permission reads the difference before keeping it.
"""

import csv
import io
from collections.abc import Iterator

from flask import Flask

from engine.command import HANDLERS
from webapp.permissions import ROLE_PERMISSIONS
from webapp.security import PUBLIC

ROLES = tuple(ROLE_PERMISSIONS)
HEAD = ("what", "name", *map(str, ROLES))
YES, ANYBODY = "x", "public"


def table(app: Flask) -> list[tuple[str, ...]]:
    """A row for each route (method and address) and for each command; a mark where the role may."""
    return [HEAD, *sorted(_routes(app)), *sorted(_commands())]


def written(app: Flask) -> str:
    """The table as the file holds it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table(app))
    return text.getvalue()


def _routes(app: Flask) -> Iterator[tuple[str, ...]]:
    for rule in app.url_map.iter_rules():
        permissions = app.view_functions[rule.endpoint].permissions  # type: ignore[attr-defined]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield ("route", f"{method} {rule.rule}", *_marks(permissions))


def _commands() -> Iterator[tuple[str, ...]]:
    for command in HANDLERS:
        if command.__module__.startswith(("engine.", "webapp.")):
            yield ("command", command.__name__, *_marks((command.permission,)))


def _marks(permissions: tuple[str, ...]) -> tuple[str, ...]:
    if PUBLIC in permissions:
        return (ANYBODY,) * len(ROLES)
    return tuple(YES if ROLE_PERMISSIONS[role] & set(permissions) else "" for role in ROLES)


if __name__ == "__main__":
    import sys
    import tempfile

    from webapp.app import create_app
    from webapp.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(written(create_app(Settings.from_environment({"DATA_DIR": folder}))))
