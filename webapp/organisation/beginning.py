"""The beginning of a real ward: its committee, its procedures and its first administrator."""

import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from engine.command import Actor
from engine.errors import Kind, Rejected
from engine.ids import uuid7
from engine.models import Tenant
from engine.runtime import Runtime
from webapp.accounts.passwords import hash_secret
from webapp.organisation.commands.committees import SetUpCommittee
from webapp.organisation.commands.people import AddPerson, HeldDesk, NewPerson
from webapp.organisation.models import Role


class WardExists(Rejected):
    kind = Kind.CONFLICT
    message = "Cơ sở dữ liệu này đã có một phường. Mỗi phường dùng một cơ sở dữ liệu riêng."


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """How the first administrator signs in, once."""

    username: str
    password: str


def begin_ward(runtime: Runtime, *, name: str, place: str, city_recipient: str, username: str) -> FirstAccount:
    """Set up a ward in an empty database; the rest is the checklist "Thiết lập phường". Raises WardExists."""
    with runtime.reading() as connection:
        if connection.scalar(sa.select(Tenant.id).limit(1)) is not None:
            raise WardExists
    system = Actor.system(uuid7())
    unit_id = runtime.execute(
        SetUpCommittee(
            name=name, parent_agency="UBND THÀNH PHỐ HẢI PHÒNG", place=place, city_recipient=city_recipient,
            committee_unit_name=f"Lãnh đạo {name}",
        ),
        actor=system,
    )  # fmt: skip
    account = FirstAccount(username, secrets.token_urlsafe(9))
    person = NewPerson(
        name="Quản trị viên", username=username, desks=(HeldDesk(unit_id, Role.ADMIN, "Quản trị viên"),),
        password_hash=hash_secret(account.password), must_change_password=True,
    )  # fmt: skip
    runtime.execute(AddPerson(person=person), actor=system)
    return account
