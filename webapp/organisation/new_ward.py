"""A new ward, the first of its database or beside others, with an administrator who does the rest in the browser."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from engine.command import Actor
from engine.errors import Kind, Rejected
from engine.ids import uuid7
from engine.runtime import Runtime
from webapp.accounts.passwords import hash_secret, new_password
from webapp.organisation.commands.committees import SetUpCommittee
from webapp.organisation.commands.people import AddPerson, HeldDesk, NewPerson
from webapp.organisation.contacts import InvalidContact, normalise_username
from webapp.organisation.models import Committee, Role
from webapp.organisation.whole_ward import load_whole, require_no_ward
from webapp.procedures.bundles import deploy_shipped
from webapp.settings import Settings


class NameTaken(Rejected):
    kind = Kind.CONFLICT

    def __init__(self, name: str) -> None:
        super().__init__(f"Cơ sở dữ liệu này đã có {name}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWard:
    """What an operator must know; everything can be changed in the browser."""

    name: str  # "UBND phường …"
    place: str
    city_recipient: str
    administrator: str  # user name
    is_another: bool = False  # beside those that are there; else it must be the first


REQUIRED = {
    "name": "tên cơ quan", "place": "địa danh",
    "city_recipient": "nơi nhận báo cáo",
}  # fmt: skip


def set_up_ward(runtime: Runtime, settings: Settings, ward: NewWard, tell: Callable[[str, str], None]) -> None:
    """Make the ward, there as a whole or not at all.

    `tell` hears the administrator's user name and first password before the ward is there: nobody is left with one that
    they cannot enter. Raises WardExists, NameTaken; Rejected for what is blank, or a bad user name.
    """
    _require_values(ward)

    def require_place(connection: sa.Connection) -> None:
        if not ward.is_another:
            require_no_ward(connection)
        elif ward.name.strip() in connection.scalars(sa.select(Committee.name)):
            raise NameTaken(ward.name.strip())

    with runtime.reading() as connection:
        require_place(connection)
    try:
        username = normalise_username(ward.administrator)
    except InvalidContact as error:
        raise Rejected(str(error)) from error
    password = new_password()

    def fill(scratch: Runtime) -> None:
        _lay_out(scratch, ward, username, password)
        tell(username, password)

    load_whole(runtime, settings, fill, require_place)


def _require_values(ward: NewWard) -> None:
    blank = [what for name, what in REQUIRED.items() if not getattr(ward, name).strip()]
    if blank:
        raise Rejected(f"Chưa ghi {', '.join(blank)}.")


def _lay_out(runtime: Runtime, ward: NewWard, username: str, password: str) -> None:
    system = Actor.system(uuid7())
    name = ward.name.strip()
    unit_id = runtime.execute(
        SetUpCommittee(
            name=name, place=ward.place.strip(),
            city_recipient=ward.city_recipient.strip(), committee_unit_name=f"Lãnh đạo {name}",
        ),
        actor=system,
    )  # fmt: skip
    administrator = NewPerson(
        name="Quản trị viên", username=username, desks=(HeldDesk(unit_id, Role.ADMIN, "Quản trị viên"),),
        password_hash=hash_secret(password), must_change_password=True,
    )  # fmt: skip
    runtime.execute(AddPerson(person=administrator), actor=system)
    deploy_shipped(runtime, system.tenant_id)
