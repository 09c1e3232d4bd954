"""Rows `fan-out`, `loop` and `size`: what a step costs however many cases there are, and what a case leaves behind."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor
from engine.commands.user_tasks import CompleteUserTask
from engine.models import OPEN_STEP, UserTask
from webapp.benchmarks.clones import Cycles
from webapp.benchmarks.measuring import WARM_UP, Act, Result, in_turns
from webapp.benchmarks.sites import Site
from webapp.benchmarks.steps import ANSWERS, ELEMENT, OFFICER
from webapp.benchmarks.wards import BenchedWard

FOCAL = "vhxh.tonghop"
RETURNS = 300
SAMPLES = 60
RETURNED = {"decision": "return", "reason": "Cần bổ sung số liệu."}


def fan_out(site: Site) -> Iterator[Result]:
    """The focal unit takes a report in a cycle of `scale` tasks. Floor: in cycles of 16, and as many cases."""
    copies = 2 * site.scale  # of open steps; somewhat more than half of their cases are in the cycle
    with site.another(copies, Cycles.SHARED) as wide, site.another(copies, Cycles.OWN) as narrow:
        pairs = list(zip(_checks(narrow), _checks(wide), strict=True))[: WARM_UP + 4 * SAMPLES]
        yield in_turns(pairs).at_median("fan-out", site.database)


def _checks(ward: BenchedWard) -> list[Act]:
    focal = ward.actor(FOCAL)
    return [partial(complete, ward, focal, id, {"decision": "approve"}) for id in ward.open_tasks(focal, "check")]


def loop(site: Site) -> Iterator[Result]:
    """An officer sends the result of a case that has come back 300 times. Floor: of cases that never came back."""
    with site.another(RETURNS * 5) as ward:
        officer = ward.actor(OFFICER)
        returned, *fresh = ward.open_tasks(officer, ELEMENT)
        case = _case_of(ward, returned)
        for _ in range(RETURNS):
            _send(ward, officer, case)
            _return(ward, case)
        yield in_turns(_around(ward, officer, case, fresh)).at_median("loop", site.database)


def _around(ward: BenchedWard, officer: Actor, case: UUID, fresh: list[UUID]) -> Iterator[tuple[Act, Act]]:
    for user_task_id in fresh[: WARM_UP + SAMPLES]:
        again = _open_step(ward, case, ELEMENT)
        yield partial(complete, ward, officer, user_task_id, ANSWERS), partial(complete, ward, officer, again, ANSWERS)
        _return(ward, case)


def _send(ward: BenchedWard, officer: Actor, case: UUID) -> None:
    complete(ward, officer, _open_step(ward, case, ELEMENT), ANSWERS)


def _return(ward: BenchedWard, case: UUID) -> None:
    complete(ward, Actor.system(ward.tenant_id), _open_step(ward, case, "unit_review"), RETURNED)


def complete(ward: BenchedWard, actor: Actor, user_task_id: UUID, answers: dict[str, Any]) -> None:
    """One step through the Runtime."""
    ward.runtime.execute(CompleteUserTask(user_task_id=user_task_id, answers=answers), actor=actor)


def _case_of(ward: BenchedWard, user_task_id: UUID) -> UUID:
    with ward.runtime.reading() as connection:
        found: UUID = connection.scalars(sa.select(UserTask.instance_id).where(UserTask.id == user_task_id)).one()
        return found


def _open_step(ward: BenchedWard, case: UUID, element_id: str) -> UUID:
    query = sa.select(UserTask.id).where(
        UserTask.instance_id == case, UserTask.element_id == element_id, UserTask.state == OPEN_STEP
    )
    with ward.runtime.reading() as connection:
        found: UUID = connection.scalars(query).one()
        return found
