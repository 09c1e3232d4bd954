"""A ward always has somebody who administers it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.command import Actor
from engine.errors import Rejected
from tests.web.wards import Ward
from webapp.organisation.commands.people import AddPerson, DeactivatePerson, HeldDesk, NewPerson
from webapp.organisation.models import Membership, Person, Role
from webapp.permissions import Permission

pytestmark = pytest.mark.both_databases


def test_two_administrators_cannot_put_each_other_out_of_use_at_once(ward: Ward) -> None:
    [(unit_id,)] = ward.rows(sa.select(Membership.unit_id).where(Membership.role == Role.ADMIN))
    desks = (HeldDesk(unit_id, Role.ADMIN),)
    ward.execute(AddPerson(person=NewPerson(name="N", username="moi", desks=desks)))
    [(other,)], together = ward.rows(sa.select(Person.id).where(Person.username == "moi")), Barrier(2)
    both = (ward.person("quantri"), other)

    def put_out(who: UUID, by: UUID) -> None:
        actor = Actor(id=by, tenant_id=ward.demo.tenant_id, permissions=frozenset({Permission.ADMINISTER}))
        together.wait()
        with suppress(Rejected):
            ward.runtime.execute(DeactivatePerson(person_id=who), actor=actor)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(put_out, both, reversed(both)))
    assert len(ward.rows(sa.select(Person.id).where(Person.id.in_(both), Person.is_active))) == 1
