"""A report as it went up for signing: its plan, cases, units and leaders go on changing, what was signed does not."""

from dataclasses import replace

from cattrs.preconf.orjson import make_converter

from webapp.cycles.models import ConsolidatedReport
from webapp.documents.rendering.consolidated import ConsolidatedData
from webapp.documents.rendering.content import Signer

_json = make_converter()


def keep(report: ConsolidatedReport, data: ConsolidatedData) -> None:
    """This is what is signed from now on."""
    report.kept = _json.dumps(data).decode()


def kept_data(report: ConsolidatedReport) -> ConsolidatedData | None:
    """What a report says that went up; None while it is drafted."""
    return _json.loads(report.kept, ConsolidatedData) if report.kept else None


def keep_signer(report: ConsolidatedReport, signer: Signer) -> None:
    """Whoever signed it, also in another's place."""
    if (data := kept_data(report)) is not None:
        keep(report, replace(data, signer=signer))
