"""What is sent to the city: document, annex and data in one zip, with a manifest that vouches for each file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from webapp.documents.rendering.archives import archive
from webapp.documents.rendering.submission import SubmissionData, to_json

FORMAT = "quytrinh/package/1"
PDF, DOCX, APPENDIX, DATA, MANIFEST = "bao-cao.pdf", "bao-cao.docx", "phu-luc.xlsx", "du-lieu.json", "manifest.json"

_PLAIN_NAME = re.compile(r"[\w() –-][\w .() –-]{0,120}")


def package(
    submission: SubmissionData,
    *,
    pdf: bytes,
    docx: bytes,
    appendix: bytes,
    attachments: Mapping[str, bytes] | None = None,
) -> bytes:
    """A zip of the issued report (the signed PDF), its Word file, the annex as `.xlsx`, the data and the manifest.

    The same content gives the same bytes. Raises ValueError for an attachment whose name isn't plain, or is taken.
    """
    files = {PDF: pdf, DOCX: docx, APPENDIX: appendix, DATA: to_json(submission)}
    for name, content in (attachments or {}).items():
        if not _PLAIN_NAME.fullmatch(name) or name in {*files, MANIFEST}:
            raise ValueError(f"Tên tệp kèm theo không dùng được: “{name[:80]}”.")
        files[name] = content
    return archive({**files, MANIFEST: _manifest(submission, files)})


def _manifest(submission: SubmissionData, files: Mapping[str, bytes]) -> bytes:
    document = submission.document
    manifest = {
        "format": FORMAT,
        "agency": submission.agency,
        "number": document.number,
        "code": document.code,
        "issued": document.issued.isoformat() if document.issued else None,
        "version": max((one.version for one in submission.versions), default=1),
        "content_hash": document.content_hash,
        "files": [
            {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        ],
    }
    return json.dumps(manifest, ensure_ascii=False, indent=2).encode() + b"\n"
