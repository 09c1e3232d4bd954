"""A file that comes with an ordinary form."""

from uuid import UUID

from flask import current_app, request

from webapp.documents.attachments import store_bytes
from webapp.documents.commands import AddAttachment
from webapp.documents.media_types import FileRefused, clean_name, judge
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.presentation import file_size
from webapp.settings import Settings


def posted_file(name: str) -> UUID | None:
    """The attachment made of the form's file, or the one that a script uploaded before; None without either.

    Raises FileRefused.
    """
    file = request.files.get(name)
    if file is None or not file.filename:
        return request.form.get(name, type=UUID)
    settings: Settings = current_app.config["SETTINGS"]
    clean, content = clean_name(file.filename), file.stream.read(settings.max_upload_bytes + 1)
    if len(content) > settings.max_upload_bytes:
        raise FileRefused(f"Tệp lớn quá {file_size(settings.max_upload_bytes)}. Hãy nén lại rồi chọn lần nữa.")
    media_type = judge(clean, content)
    digest = store_bytes(signed_in_person().tenant_id, content)
    added: UUID = execute(AddAttachment(name=clean, media_type=media_type, size=len(content), sha256=digest))
    return added
