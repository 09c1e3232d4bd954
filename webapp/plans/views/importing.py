"""Nhập kế hoạch: a file is read at once, and becomes a draft."""

from http import HTTPStatus
from io import BytesIO
from pathlib import PurePath
from typing import Any
from uuid import UUID
from zipfile import BadZipFile, ZipFile

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.database import db
from webapp.documents.attachments import store_bytes
from webapp.documents.commands import AddAttachment
from webapp.documents.media_types import clean_name
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.plans.blueprint import bp
from webapp.plans.importing import ImportPlan
from webapp.plans.reading import LARGEST_FILE, PlanReading, PlanUnreadable, read_plan_apart
from webapp.plans.reading.packages import LARGEST_PACKAGE
from webapp.plans.receiving import ReceivePlan, progress_of
from webapp.plans.sample_sheet import sample_sheet
from webapp.security import runs

MEDIA_TYPES = {
    "txt": "text/plain",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
LONG = LONG_ROWS = 500 * 1024  # bytes of a packed file, and unpacked of the parts that hold its rows
LONG_TEXT = LONG_PDF = 200 * 1024
_ROWS = ("word/document.xml", "xl/worksheets/", "xl/sharedStrings.xml")
_TOO_LARGE = f"Tệp nặng hơn mức {LARGEST_FILE // 1024**2} MB cho phép. Hãy chọn tệp chỉ có văn bản kế hoạch và phụ lục."


@bp.get("/ke-hoach/nhap")
@runs(ImportPlan)
def choose_file() -> ResponseReturnValue:
    """Choose the plan's file."""
    return render_template("plans/import.html", error=None)


@bp.get("/ke-hoach/nhap/mau.xlsx")
@runs(ImportPlan)
def download_sample() -> ResponseReturnValue:
    """An empty sheet with the columns that are read."""
    return send_file(sample_sheet(), as_attachment=True, download_name="bang-giao-viec.xlsx")


@bp.post("/ke-hoach/nhap")
@runs(ImportPlan)
def import_file() -> ResponseReturnValue:
    """Read the file and show the draft; a file that can't be read comes back with the reason."""
    try:
        name, content = received_file()
        if is_long(name, content):
            return redirect(url_for("plans.receiving", received_id=receive(name, content)))
        reading = read_plan_apart(name, content)
    except PlanUnreadable as refusal:
        return render_template("plans/import.html", error=refusal.message), HTTPStatus.UNPROCESSABLE_ENTITY
    plan_id = _import(reading, name, content)
    if reading.tasks:
        flash(
            f"Đã đọc {len(reading.tasks)} nhiệm vụ trong {name}. Hãy kiểm tra từng dòng trước khi xác nhận.", "success"
        )
    return redirect(url_for("plans.preview", plan_id=plan_id))


@bp.get("/ke-hoach/nhap/<uuid:received_id>")
@runs(ReceivePlan)
def receiving(received_id: UUID) -> ResponseReturnValue:
    """How far the reading of a long file has come; when it is done, the draft, or the reason why there is none."""
    progress = progress_of(db.session(), signed_in_person().tenant_id, received_id)
    part = request.headers.get("HX-Request") == "true"
    if progress.plan_id is not None and not part:
        return redirect(url_for("plans.appendix" if progress.attach_to else "plans.preview", plan_id=progress.plan_id))
    page = "plans/_reading.html" if part else "plans/reading.html"
    return render_template(page, progress=progress, received_id=received_id)


def is_long(name: str, content: bytes) -> bool:
    """Whether reading may take longer than somebody waits for a page: 500 rows, or 10 pages of PDF, a second.

    What unpacks to more than is read at all is refused at once.
    """
    most = {".pdf": LONG_PDF, ".txt": LONG_TEXT}.get(PurePath(name).suffix.lower(), LONG)
    return len(content) > most or LONG_ROWS < _unpacked_rows(content) <= LARGEST_PACKAGE


def _unpacked_rows(content: bytes) -> int:
    """How large the parts of a packed file say they are that hold rows; many alike pack small."""
    try:
        with ZipFile(BytesIO(content)) as packed:
            return sum(part.file_size for part in packed.infolist() if part.filename.startswith(_ROWS))
    except BadZipFile:
        return 0


def receive(name: str, content: bytes, attach_to: UUID | None = None) -> UUID:
    """Keep a long file for a job to read; return the id under which its progress is told."""
    digest = store_bytes(signed_in_person().tenant_id, content)
    kind = MEDIA_TYPES.get(PurePath(name).suffix[1:].lower(), "application/octet-stream")
    file_id = execute(AddAttachment(name=name, media_type=kind, size=len(content), sha256=digest))
    received: UUID = execute(ReceivePlan(file_id=file_id, attach_to=attach_to))
    return received


def received_file() -> tuple[str, bytes]:
    """The name and the bytes of what was sent. Raises PlanUnreadable."""
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge as fault:
        raise PlanUnreadable(_TOO_LARGE) from fault
    if file is None or not file.filename:
        raise PlanUnreadable("Chưa chọn tệp kế hoạch.")
    content = file.stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise PlanUnreadable(_TOO_LARGE)
    return clean_name(file.filename), content


def _import(reading: PlanReading, name: str, content: bytes) -> Any:
    """Keep the file, then make the draft."""
    return execute(ImportPlan(reading=reading, file_name=name, file_id=keep_upload(reading, name, content)))


def keep_upload(reading: PlanReading, name: str, content: bytes) -> UUID:
    """Keep the bytes, then their row; return its id."""
    digest = store_bytes(signed_in_person().tenant_id, content)
    add = AddAttachment(name=name, media_type=MEDIA_TYPES[reading.file_kind], size=len(content), sha256=digest)
    file_id: UUID = execute(add)
    return file_id
