"""What fails of the calendar's work: told as an incident of the ward until it is done."""

import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor
from engine.commands.incidents import RaiseIncident, ResolveIncident
from engine.errors import Rejected
from engine.models import Incident, IncidentState
from engine.runtime import Runtime

log = logging.getLogger(__name__)

CALENDAR = "calendar"
"""What stands in an incident of the calendar where others name an element of a drawing."""
DONE_SINCE = "Đã làm được ở lần thử sau."


class Faults:
    """What has failed in one run: each thing's message, with what helps to understand it."""

    def __init__(self, common: "Faults | None" = None) -> None:
        """`common` are those of work that is done for all wards at once."""
        self.found: dict[str, str] = dict(common.found) if common else {}

    @contextmanager
    def of(self, what: str) -> Iterator[None]:
        """What fails is remembered; other parts and other wards go on. Raises OperationalError: nothing could go on."""
        try:
            yield
        except sa.exc.OperationalError:
            raise
        except Exception as error:
            why = str(error) if isinstance(error, Rejected) else "Lỗi kỹ thuật, xem chi tiết."
            message = f"Việc theo lịch chưa làm được: {what}. {why}"
            self.found[message] = "".join(traceback.format_exception(error))[-4000:]


def tell(runtime: Runtime, tenant_id: UUID, faults: Mapping[str, str]) -> None:
    """Make the ward's open incidents what fails now: one for each thing however often it fails, none for what is done.

    The next minute tries again by itself, so to retry one by hand is to close it: it comes back if it fails again.
    """
    known = sa.select(Incident.message, Incident.id).where(
        Incident.tenant_id == tenant_id, Incident.state == IncidentState.OPEN, Incident.element_id == CALENDAR,
        Incident.instance_id.is_(None),
    )  # fmt: skip
    with runtime.reading() as connection:
        told = {row.message: row.id for row in connection.execute(known)}
    system = Actor.system(tenant_id)
    for message, detail in faults.items():
        if message not in told:
            log.error("calendar work of ward %s failed: %s", tenant_id, detail)
            fault = RaiseIncident(instance_id=None, element_id=CALENDAR, message=message, detail=detail)
            runtime.execute(fault, actor=system)
    for message, incident_id in told.items():
        if message not in faults:
            runtime.execute(ResolveIncident(incident_id=incident_id, retry=False, reason=DONE_SINCE), actor=system)
