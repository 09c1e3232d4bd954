"""Routes and commands × roles: what is declared is what is meant."""

import csv
from pathlib import Path

import pytest

from engine.command import HANDLERS, EnginePermission
from tests.web.permission_table import ANYBODY, HEAD, table
from tests.web.wards import Ward
from webapp.organisation.models import Role
from webapp.permissions import ROLE_PERMISSIONS, Permission
from webapp.security import PUBLIC

MEANT = Path(__file__).with_name("permissions.csv")
PUBLIC_ROUTES = {
    "GET /", "GET /dang-nhap", "POST /dang-nhap", "GET /dang-nhap/ma", "POST /dang-nhap/ma", "POST /dang-xuat",
    "GET /static/<path:filename>", "GET /static/dist/<path:name>",
}  # fmt: skip


def test_what_is_declared_is_what_is_meant(ward: Ward) -> None:
    """After a wanted change write the file anew, as `permission_table.py` says, and read the difference."""
    with MEANT.open(newline="") as file:
        meant = {tuple(row) for row in csv.reader(file)}
    assert set(table(ward.app)) == meant


def test_only_signing_in_and_out_is_open_to_anybody(ward: Ward) -> None:
    assert {name for what, name, first, *_ in table(ward.app) if first == ANYBODY} == PUBLIC_ROUTES


def test_what_only_the_system_does_no_role_may() -> None:
    assert all(EnginePermission.SYSTEM not in permissions for permissions in ROLE_PERMISSIONS.values())


def test_an_administrator_neither_signs_nor_does_the_work_of_others() -> None:
    """Whoever keeps the system has no part in what it decides."""
    assert not ROLE_PERMISSIONS[Role.ADMIN] & {
        EnginePermission.WORK, EnginePermission.ENTER_FOR_OTHERS, Permission.SIGN, Permission.ISSUE_DOCUMENTS,
        Permission.RUN_CYCLES, Permission.MANAGE_PLANS,
    }  # fmt: skip


def test_only_administrators_administer() -> None:
    may = {role for role, permissions in ROLE_PERMISSIONS.items() if Permission.ADMINISTER in permissions}
    assert may == {Role.ADMIN}


def test_every_permission_is_asked_for_and_held_by_somebody(ward: Ward) -> None:
    asked = {str(command.permission) for command in HANDLERS}
    asked |= {str(p) for view in ward.app.view_functions.values() for p in view.permissions}  # type: ignore[attr-defined]
    held = {str(permission) for permissions in ROLE_PERMISSIONS.values() for permission in permissions}
    assert asked - held <= {PUBLIC, str(EnginePermission.SYSTEM)}


USERNAMES = {
    Role.STAFF: "vhxh.cv1", Role.HEAD: "vhxh.truong", Role.FOCAL: "vhxh.tonghop", Role.OFFICE: "vanphong",
    Role.VICE_CHAIR: "pct.vhxh", Role.CHAIR: "chutich", Role.CLERK: "vanthu", Role.ADMIN: "quantri",
}  # fmt: skip


@pytest.mark.parametrize("role", Role)
def test_the_table_holds_over_http(ward: Ward, role: Role) -> None:
    """A page is shown to whom the table allows it and refused to others; strangers are asked to sign in."""
    visitor, stranger = ward.signed_in(USERNAMES[role]), ward.visitor()
    column = HEAD.index(str(role))
    for what, name, *marks in table(ward.app):
        method, _, path = name.partition(" ")
        if what != "route" or method != "GET" or "<" in path or marks[0] == ANYBODY:
            continue
        assert (visitor.get(path).status_code == 403) == (marks[column - 2] == ""), f"{name} as {role}"
        assert stranger.get(path).headers["Location"].startswith("/dang-nhap"), name
