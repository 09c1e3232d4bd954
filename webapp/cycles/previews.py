"""A report as it will print: PDF, Word file, its appendix as a sheet; and the package that goes to the city."""

from functools import lru_cache
from io import BytesIO
from uuid import UUID

from flask import Response, current_app, send_file
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.errors import NotFound
from webapp.cycles.access import require_report
from webapp.cycles.blueprint import bp
from webapp.cycles.models import ReportingCycle
from webapp.cycles.packages import package_content, package_name
from webapp.cycles.report_data import consolidated_data, report_document
from webapp.database import db
from webapp.documents.exporting import plain_name
from webapp.documents.rendering.annexes import appendix_sheet
from webapp.documents.rendering.content import AdministrativeDocument
from webapp.documents.rendering.docx import render_docx
from webapp.documents.rendering.pdf import render_pdf
from webapp.documents.rendering.sheets import Sheet, render_xlsx
from webapp.identity import signed_in_person
from webapp.permissions import Permission
from webapp.plans.models import Plan
from webapp.runtime import now
from webapp.security import requires

MOST_KEPT = 16
"""Rendered files that a process keeps, so that opening the same content again is quick; some 100 kB each."""

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# A browser's own viewer of PDF does not start under the policy of our pages.
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"

kept_pdf = lru_cache(MOST_KEPT)(render_pdf)


@bp.get("/tong-hop/<uuid:report_id>/xem.<kind>")
@requires(Permission.SEE_CASES)
def preview(report_id: UUID, kind: str) -> ResponseReturnValue:
    """The report as `pdf` or `docx`, its appendix as `xlsx`, or all that goes to the city as `zip`."""
    if kind == "zip":
        return _package(report_id)
    if kind not in MEDIA_TYPES:
        raise NotFound
    name, content = _name(report_id, kind), _content(report_id, kind)
    response = send_file(
        BytesIO(content), mimetype=MEDIA_TYPES[kind], as_attachment=kind != "pdf", download_name=f"{name}.{kind}"
    )
    return _allowed(response, kind)


def _name(report_id: UUID, kind: str) -> str:
    """By the cycle and the plan: a ward has the reports of forty plans in one folder."""
    read = db.session()
    cycle = read.get_one(ReportingCycle, require_report(read, signed_in_person(), report_id).cycle_id)
    plan = read.get_one(Plan, cycle.plan_id)
    return plain_name(f"{'Phụ lục' if kind == 'xlsx' else 'Báo cáo'} {cycle.name} {plan.number or plan.title}")


def _package(report_id: UUID) -> Response:
    read = db.session()
    report = require_report(read, signed_in_person(), report_id)
    if report.number is None:
        raise NotFound("Báo cáo chưa có số nên chưa có gói hồ sơ.")
    content = package_content(read, report, local_date(now()), current_app.config["SETTINGS"])
    return send_file(BytesIO(content), "application/zip", as_attachment=True, download_name=package_name(read, report))


def _content(report_id: UUID, kind: str) -> bytes:
    """Rendering takes a second or more: the reading ends before."""
    document = _read_sheet(report_id) if kind == "xlsx" else _read_document(report_id)
    db.session.remove()
    if isinstance(document, Sheet):
        return render_xlsx(document)
    return kept_pdf(document) if kind == "pdf" else render_docx(document)


def _read_document(report_id: UUID) -> AdministrativeDocument:
    report = require_report(db.session(), signed_in_person(), report_id)
    return report_document(db.session(), report.id, local_date(now()))


def _read_sheet(report_id: UUID) -> Sheet:
    report = require_report(db.session(), signed_in_person(), report_id)
    return appendix_sheet(consolidated_data(db.session(), report, local_date(now())))


def _allowed(response: Response, kind: str) -> Response:
    if kind == "pdf":
        response.headers["Content-Security-Policy"] = PDF_POLICY
    return response
