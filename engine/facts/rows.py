"""What the appliers share."""

from typing import Any

import sqlalchemy as sa


def by_id(table: Any) -> Any:
    """The condition of an applier's statement: the row whose id is bound as `row_id`."""
    return table.c.id == sa.bindparam("row_id")
