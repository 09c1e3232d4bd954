"""The package for the city: PDF, Word file, the appendix as a sheet, the data, and a manifest; made by a job."""

from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.command import Actor, Command, EnginePermission, handles
from engine.ids import uuid7
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from engine.transaction import Transaction
from webapp.cycles.facts import PackageBuilt
from webapp.cycles.models import CitySubmission, ConsolidatedReport
from webapp.cycles.report_data import consolidated_data, issued_versions, report_document
from webapp.documents.exporting import plain_name
from webapp.documents.models import Attachment, AttachmentState
from webapp.documents.rendering.annexes import appendix_sheet
from webapp.documents.rendering.content import AdministrativeDocument
from webapp.documents.rendering.docx import render_docx
from webapp.documents.rendering.packages import package
from webapp.documents.rendering.pdf import render_pdf
from webapp.documents.rendering.sheets import render_xlsx
from webapp.documents.rendering.submission import Version, submission_of
from webapp.documents.storage import FileStore
from webapp.notifications.mail import headed
from webapp.notifications.mail import send as send_mail
from webapp.organisation.models import Committee, Person
from webapp.settings import Settings

BY_MAIL = "mail"
TEXT = """Kính gửi {recipient},

{ward} gửi báo cáo số {code} ngày {day:%d/%m/%Y}: {subject}.

Tệp kèm theo gồm bản PDF, bản Word, phụ lục Excel và dữ liệu của báo cáo.
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A built package and where it belongs."""

    name: str
    content: bytes
    cycle_id: UUID
    subject: str
    text: str
    sent_at: datetime
    sender_email: str | None  # of who recorded the sending, for answers
    city_email: str | None
    method: str


@performs("cycles.package", "dựng và gửi gói báo cáo")
def build_package(job: JobCall, runtime: Runtime) -> None:
    """Build the package of one sending, keep it with the cycle, and mail it where that is how it goes."""
    settings: Settings = current_app.config["SETTINGS"]
    submission_id = UUID(job.payload["submission_id"])
    with runtime.reading() as connection, Session(bind=connection) as read:
        built = make_package(read, submission_id, settings)
    digest = FileStore(settings.data_dir / "files").save(job.tenant_id, built.content)
    command = KeepPackage(submission_id=submission_id, name=built.name, size=len(built.content), sha256=digest)
    runtime.execute(command, actor=Actor.system(job.tenant_id))
    if built.method == BY_MAIL and built.city_email and settings.smtp_url is not None:
        send_mail(_message(built, built.city_email, submission_id, settings), settings.smtp_url)


def make_package(read: Session, submission_id: UUID, settings: Settings) -> Package:
    """The package's bytes, the same for the same report."""
    submission = read.get_one(CitySubmission, submission_id)
    report = read.get_one(ConsolidatedReport, submission.report_id)
    committee = read.get_one(Committee, submission.tenant_id)
    sent_on = local_date(submission.sent_at)
    content = package_content(read, report, sent_on, settings)
    subject = report_document(read, report.id, sent_on).subject
    text = TEXT.format(
        recipient=submission.recipient, ward=committee.name, code=report.document_code, day=report.issued_on or sent_on,
        subject=subject,
    )  # fmt: skip
    sender = read.get(Person, submission.sent_by) if submission.sent_by else None
    return Package(
        package_name(read, report), content, report.cycle_id, f"{committee.name} – {subject}", text, submission.sent_at,
        sender.email if sender else None, committee.city_email, submission.method,
    )  # fmt: skip


def package_name(read: Session, report: ConsolidatedReport) -> str:
    """By the ward, since the city has those of all, the report's number and the year of its series."""
    ward, year = read.get_one(Committee, report.tenant_id).name, report.issued_on.year if report.issued_on else ""
    return f"{plain_name(f'{ward} báo cáo {report.document_code or report.version} {year}')}.zip"


def package_content(read: Session, report: ConsolidatedReport, today: date, settings: Settings) -> bytes:
    """What goes to the city, of a report that has its number."""
    document = report_document(read, report.id, today)
    data = consolidated_data(read, report, today)
    versions = issued_versions(read, report.cycle_id)
    told = submission_of(data, document, tuple(Version(v.version, v.number, v.issued_on) for v in versions))
    return package(
        told,
        pdf=_signed_or_rendered(read, report, document, settings),
        docx=render_docx(document),
        appendix=render_xlsx(appendix_sheet(data)),
    )


def _signed_or_rendered(
    read: Session, report: ConsolidatedReport, document: AdministrativeDocument, settings: Settings
) -> bytes:
    """The signed scan that the clerk filed, where it is a PDF; else the report as it would print."""
    signed = read.get(Attachment, report.signed_file_id) if report.signed_file_id else None
    if signed is not None and signed.media_type == "application/pdf":
        return FileStore(settings.data_dir / "files").read(signed.tenant_id, signed.sha256, signed.name)
    return render_pdf(document)


def _message(built: Package, to: str, submission_id: UUID, settings: Settings) -> EmailMessage:
    message = headed(built.subject, to, submission_id, built.sent_at, settings)
    if built.sender_email:
        message["Reply-To"] = built.sender_email
    message.set_content(built.text)
    message.add_attachment(built.content, maintype="application", subtype="zip", filename=built.name)
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPackage(Command):
    """File a built package with its sending; built twice, it is filed once."""

    permission = EnginePermission.SYSTEM

    submission_id: UUID
    name: str
    size: int
    sha256: str


@handles(KeepPackage)
def keep_package(command: KeepPackage, tx: Transaction) -> None:
    """The same report gives the same bytes, so a second try finds the package in place."""
    submission = tx.session.get_one(CitySubmission, command.submission_id)
    if submission.package_id is not None:
        return
    report = tx.session.get_one(ConsolidatedReport, submission.report_id)
    attachment = Attachment(
        id=uuid7(), tenant_id=tx.tenant_id, instance_id=report.cycle_id, state=AttachmentState.PERMANENT,
        name=command.name, media_type="application/zip", size=command.size, sha256=command.sha256,
        created_at=tx.now,
    )  # fmt: skip
    tx.session.add(attachment)
    submission.package_id = attachment.id
    tx.record(PackageBuilt(submission.id, attachment.id, command.sha256))
