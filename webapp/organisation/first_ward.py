"""The first ward of an empty database, with an administrator who does the rest in the browser."""

from dataclasses import dataclass

import sqlalchemy as sa

from engine.command import Actor
from engine.errors import Kind, Rejected
from engine.ids import uuid7
from engine.models import Tenant
from engine.runtime import Runtime
from webapp.accounts.passwords import hash_secret, new_password
from webapp.organisation.commands.committees import SetUpCommittee
from webapp.organisation.commands.people import AddPerson, HeldDesk, NewPerson
from webapp.organisation.contacts import InvalidContact, normalise_username
from webapp.organisation.models import Role
from webapp.procedures.bundles import deploy_shipped


class WardExists(Rejected):
    kind = Kind.CONFLICT
    message = "Cơ sở dữ liệu này đã có phường. Mỗi phường dùng một cơ sở dữ liệu riêng."


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstWard:
    """What an operator must know; everything can be changed in the browser."""

    name: str  # "UBND phường …"
    parent_agency: str
    place: str
    city_recipient: str
    administrator: str  # user name


def set_up_first_ward(runtime: Runtime, ward: FirstWard) -> str:
    """Return the administrator's first password. Raises WardExists, Rejected for a bad user name."""
    with runtime.reading() as connection:
        if connection.scalar(sa.select(Tenant.id).limit(1)) is not None:
            raise WardExists
    try:
        username = normalise_username(ward.administrator)
    except InvalidContact as error:
        raise Rejected(str(error)) from error
    system, password = Actor.system(uuid7()), new_password()
    unit_id = runtime.execute(
        SetUpCommittee(
            name=ward.name, parent_agency=ward.parent_agency, place=ward.place, city_recipient=ward.city_recipient,
            committee_unit_name=f"Lãnh đạo {ward.name}",
        ),
        actor=system,
    )  # fmt: skip
    administrator = NewPerson(
        name="Quản trị viên", username=username, desks=(HeldDesk(unit_id, Role.ADMIN, "Quản trị viên"),),
        password_hash=hash_secret(password), must_change_password=True,
    )  # fmt: skip
    runtime.execute(AddPerson(person=administrator), actor=system)
    deploy_shipped(runtime, system.tenant_id)
    return password
