"""Units that drawings name: each is found by that name for as long as the drawing is in use."""

import re
from collections.abc import Iterator, Set
from contextlib import contextmanager

import sqlalchemy as sa

from engine.models import InstanceState, ProcessDefinition, ProcessInstance
from engine.transaction import Transaction
from webapp.organisation.refusals import UnitDrawn
from webapp.organisation.unit_codes import unit_codes

_CODE = re.compile(rb"@unit:([a-z0-9-]+)")
_RUNNING = (InstanceState.ACTIVE, InstanceState.SUSPENDED)


@contextmanager
def drawings_find_their_units(tx: Transaction) -> Iterator[None]:
    """Raises UnitDrawn where what changes within takes such a name away, or gives it to a second unit."""
    before = unit_codes(tx.session.connection(), tx.tenant_id).keys()
    yield
    tx.session.flush()
    lost = before - unit_codes(tx.session.connection(), tx.tenant_id).keys()
    if lost:
        _require_not_drawn(tx, lost)


def _require_not_drawn(tx: Transaction, codes: Set[str]) -> None:
    """In the newest version of a procedure, and those by which cases run."""
    later = sa.orm.aliased(ProcessDefinition)
    is_old = sa.exists().where(
        later.tenant_id == ProcessDefinition.tenant_id, later.key == ProcessDefinition.key,
        later.version > ProcessDefinition.version,
    )  # fmt: skip
    runs = sa.exists().where(ProcessInstance.definition_id == ProcessDefinition.id, ProcessInstance.state.in_(_RUNNING))
    drawings = sa.select(ProcessDefinition.name, ProcessDefinition.source).where(
        ProcessDefinition.tenant_id == tx.tenant_id, ~is_old | runs
    )
    for name, source in tx.session.execute(drawings.order_by(ProcessDefinition.name)):
        drawn = sorted({code.decode() for code in _CODE.findall(source)} & codes)
        if drawn:
            raise UnitDrawn(
                f"Quy trình “{name}” gọi đơn vị này là “{drawn[0]}”. Hãy giữ tên đó trong các tên gọi khác của đơn vị, "
                "hoặc sửa quy trình và chuyển các hồ sơ đang chạy trước."
            )
