"""Row `inbox`: the first page of Hộp việc where a city's committees share a database with a million open steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.ids import uuid7
from engine.models import InstanceState, ProcessDefinition, ProcessInstance, Tenant, UserTask, UserTaskState
from webapp.benchmarks import bulk
from webapp.benchmarks.measuring import WARM_UP, Act, Result, in_turns
from webapp.benchmarks.pages import OFFICER, visiting
from webapp.benchmarks.sites import Site
from webapp.benchmarks.wards import BenchedWard

TENANTS, DESKS = 114, 10_000
AT_THE_DESK = 10_000
PAGES = (
    "/hop-viec?ds=cho-nhan",
    "/hop-viec?ds=cho-nhan&han=qua-han",
    "/hop-viec?ds=cho-nhan&q=truong",
    "/hop-viec?ds=cua-toi",
)
_instances: Any = ProcessInstance.__table__
_user_tasks: Any = UserTask.__table__
Row = dict[str, Any]


def inbox(site: Site) -> Iterator[Result]:
    """A hundred times `scale` open steps over 114 tenants and 10,000 desks, the officer's with 10,000 of them.

    Lists with and without filters, badges included. Floor: the same pages where there are 1,000 steps.
    """
    total = 100 * site.scale
    with (
        _crowded(site, total, min(AT_THE_DESK, total)) as many,
        _crowded(site, 1_000, 1_000) as few,
        visiting(many) as busy,
        visiting(few) as calm,
    ):
        pairs: list[tuple[Act, Act]] = [(partial(calm.get, page), partial(busy.get, page)) for page in PAGES]
        times = in_turns(pairs * ((WARM_UP + 200) // len(pairs)))
    yield times.at_p95("inbox", site.database)


@contextmanager
def _crowded(site: Site, total: int, at_the_desk: int) -> Iterator[BenchedWard]:
    with site.another(0) as ward:
        with ward.runtime.database.begin() as connection:
            definition = connection.scalars(sa.select(ProcessDefinition.id).limit(1)).one()
            tenants = [ward.tenant_id, *(uuid7() for _ in range(TENANTS - 1))]
            connection.execute(sa.insert(Tenant), [{"id": id} for id in tenants[1:]])
        rows = _tasks(ward, tenants, definition, total, at_the_desk)
        while batch := list(islice(rows, bulk.BATCH)):
            bulk.insert(ward.runtime.database, _instances, (case for case, _ in batch))
            bulk.insert(ward.runtime.database, _user_tasks, (task for _, task in batch))
        with ward.runtime.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        yield ward


def _tasks(
    ward: BenchedWard, tenants: list[UUID], definition: UUID, total: int, at_the_desk: int
) -> Iterator[tuple[Row, Row]]:
    """A case and its open step, each; every so many-th at the officer's desk, so that they lie among the others."""
    now = datetime.combine(ward.today, datetime.min.time(), UTC)
    (desk,) = (desk for desk in sorted(ward.actor(OFFICER).desks) if desk.startswith("staff@"))
    others = [f"staff@{uuid7()}" for _ in range(DESKS - 1)]
    every = max(total // at_the_desk, 1)
    for n in range(total):
        is_own = n % every == 0
        tenant = tenants[0] if is_own else tenants[n % DESKS % TENANTS]
        at = now + timedelta(minutes=n * 7919 % 28_800 - 14_400)
        case = uuid7()
        title = f"Nhiệm vụ {n} của kế hoạch, trường hợp {n % 97}"
        yield (
            {
                "id": case, "tenant_id": tenant, "definition_id": definition, "key": "task_lifecycle",
                "business_key": f"crowd:{n}", "title": title, "search_text": f"nhiem vu {n} truong hop {n % 97}",
                "state": InstanceState.ACTIVE, "sequence": 0, "head": bytes(32), "parties": "{}", "dates": "{}",
                "started_at": now, "saved_state": b"-",
            },
            {
                "id": uuid7(), "tenant_id": tenant, "instance_id": case, "element_id": "execute", "name": "Thực hiện",
                "form_id": "execute", "desk": desk if is_own else others[n % (DESKS - 1)],
                "assignee_id": None, "state": UserTaskState.OPEN, "created_at": now, "due_at": at, "order_at": at,
            },
        )  # fmt: skip
