"""Files go up as they are chosen, and come down to those who may see their case."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, current_app, jsonify, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from engine.errors import NotFound, PermissionDenied
from webapp.cases.access import may_see_case, place_of_step
from webapp.database import db
from webapp.documents.attachments import file_store, store_bytes
from webapp.documents.commands import AddAttachment
from webapp.documents.media_types import SHOWN_INLINE, FileRefused, FileTooLarge, clean_name, judge
from webapp.documents.models import Attachment, AttachmentState
from webapp.documents.storage import FileLost
from webapp.execution import execute
from webapp.identity import CurrentPerson, signed_in_person
from webapp.permissions import Permission
from webapp.presentation import file_size
from webapp.security import requires, runs
from webapp.settings import Settings

LOCKED = "default-src 'none'; sandbox"
# A browser's own PDF viewer does not start in a sandbox.
_POLICIES = {
    "application/pdf": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
}


def register(bp: Blueprint) -> None:
    """Put the files' routes on the blueprint of documents."""
    bp.add_url_rule("/tep", "upload", upload, methods=["POST"])
    bp.add_url_rule("/tep/<uuid:attachment_id>", "download", download)


@runs(AddAttachment)
def upload() -> ResponseReturnValue:
    """Take one file (`file`); `viec` names the step or message that it is for. Answers in JSON, as upload.js reads."""
    try:
        attachment = _store(signed_in_person())
    except FileRefused as refused:
        return jsonify(message=str(refused)), refused.status
    return jsonify(attachment), HTTPStatus.CREATED


def _store(person: CurrentPerson) -> dict[str, object]:
    """Raises FileRefused, NotFound, PermissionDenied."""
    step_id = request.args.get("viec", type=UUID)
    instance_id = _place(person, step_id)
    name, content = _received()
    command = AddAttachment(
        name=name, media_type=judge(name, content), size=len(content), sha256=store_bytes(person.tenant_id, content),
        instance_id=instance_id, user_task_id=step_id,
    )  # fmt: skip
    attachment_id = execute(command)
    url = url_for("documents.download", attachment_id=attachment_id)
    return {"id": str(attachment_id), "name": name, "size": len(content), "url": url}


def _place(person: CurrentPerson, step_id: UUID | None) -> UUID | None:
    """The case of the step. A file for no step is for a plan or a document: for those who see all cases."""
    if step_id is not None:
        return place_of_step(db.session(), person, step_id)
    if not person.may(Permission.SEE_ALL_CASES):
        raise PermissionDenied
    return None


def _received() -> tuple[str, bytes]:
    settings: Settings = current_app.config["SETTINGS"]
    limit = settings.max_upload_bytes
    file = request.files.get("file")
    if not isinstance(file, FileStorage) or not file.filename:
        raise FileRefused("Chưa chọn tệp.")
    content = file.stream.read(limit + 1)
    if len(content) > limit:
        raise FileTooLarge(f"Tệp lớn quá {file_size(limit)}. Hãy nén hoặc chia nhỏ rồi chọn lại.")
    return clean_name(file.filename), content


@requires(Permission.SEE_CASES)
def download(attachment_id: UUID) -> ResponseReturnValue:
    """The file; `?xem=1` shows PDF and pictures in the browser. Raises NotFound."""
    person = signed_in_person()
    found = db.session.get(Attachment, attachment_id)
    if found is None or found.tenant_id != person.tenant_id or not _may_read(person, found):
        raise NotFound
    inline = request.args.get("xem") == "1" and found.media_type in SHOWN_INLINE
    path = file_store().path(found.tenant_id, found.sha256)
    if not path.exists():
        raise FileLost(found.name)
    response = send_file(
        path, mimetype=found.media_type, as_attachment=not inline, download_name=found.name, etag=found.sha256
    )
    return _locked(response, found.media_type if inline else "")


def _may_read(person: CurrentPerson, file: Attachment) -> bool:
    if file.uploaded_by == person.id:
        return True
    if file.instance_id is not None:
        return may_see_case(db.session(), person, file.instance_id)
    return file.state is AttachmentState.PERMANENT  # A plan's own file: whoever sees plans sees it.


def _locked(response: Response, shown_as: str) -> Response:
    """What somebody uploaded can run nothing, whatever it is."""
    response.headers["Content-Security-Policy"] = _POLICIES.get(shown_as, LOCKED)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
