"""A procedure as one file: a zip of the diagram, its forms and a manifest. Nothing of it is ever written to disk."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from engine.errors import Rejected
from engine.spiff import MAX_BYTES
from webapp.documents.media_types import DAMAGED
from webapp.procedures.sources import describe

FORMAT = "quytrinh-procedure"
MANIFEST = "manifest.json"
MAX_ARCHIVE = 10 * 1024 * 1024
MAX_FORM = 512 * 1024
MAX_FORMS = 100
FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)


class BadArchive(Rejected):
    """A file that is no procedure's archive."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What came out of an archive."""

    source: bytes
    forms: Mapping[str, bytes]


def pack(source: bytes, forms: Mapping[str, bytes], note: str) -> bytes:
    """The same content gives the same bytes."""
    described = describe(source)
    manifest = {
        "format": FORMAT, "version": 1, "key": described.key, "name": described.name, "note": note,
        "diagram": "procedure.bpmn", "forms": sorted(forms),
    }  # fmt: skip
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        _write(archive, MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        _write(archive, "procedure.bpmn", source)
        for form_id in sorted(forms):
            _write(archive, f"forms/{form_id}.form", forms[form_id])
    return written.getvalue()


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, FIRST_DAY_OF_ZIP)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def unpack(content: bytes) -> Bundle:
    """Only what the manifest names is read, none of it further than its limit. Raises BadArchive."""
    if len(content) > MAX_ARCHIVE:
        raise BadArchive("Gói quá lớn: nhiều nhất 10 MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            manifest = _manifest(archive)
            source = _read(archive, "procedure.bpmn", MAX_BYTES)
            forms = {form_id: _read(archive, f"forms/{form_id}.form", MAX_FORM) for form_id in manifest["forms"]}
    except DAMAGED as fault:
        raise BadArchive("Không đọc được gói: tệp hỏng, hoặc không phải gói quy trình xuất từ phần mềm này.") from fault
    return Bundle(source, forms)


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest = orjson.loads(_read(archive, MANIFEST, MAX_FORM))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT or manifest.get("version") != 1:
        raise BadArchive("Gói không phải gói quy trình, hoặc do phiên bản phần mềm mới hơn xuất ra.")
    forms = manifest.get("forms")
    if not isinstance(forms, list) or len(forms) > MAX_FORMS or not all(isinstance(f, str) for f in forms):
        raise BadArchive("Gói ghi danh sách biểu mẫu không đúng.")
    return manifest


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """One entry, never expanded beyond `most` whatever it claims."""
    try:
        with archive.open(name) as entry:
            content = entry.read(most + 1)
    except KeyError:
        raise BadArchive(f"Gói thiếu tệp {name[:80]}.") from None
    if len(content) > most:
        raise BadArchive(f"Tệp {name[:80]} trong gói quá lớn.")
    return content
