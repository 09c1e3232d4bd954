"""What a file is by its content; its name only says what it is meant to be."""

import io
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath

import magic

from engine.errors import Kind, Rejected

LONGEST_NAME = 150
MOST_PARTS = 10_000
_DIRECTORY_ENTRY = b"PK\x01\x02"
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"


class FileRefused(Rejected):
    """The text is for the person who chose the file."""

    kind = Kind.INVALID
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class FileTooLarge(FileRefused):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@dataclass(frozen=True, slots=True)
class MediaType:
    """A kind of file that we take."""

    media_type: str
    words: str
    also: frozenset[str] = frozenset()  # what libmagic says of older or smaller ones


_PICTURE = MediaType("image/jpeg", "ảnh JPG")
_OLD_OFFICE = frozenset({"application/x-ole-storage", "application/cdfv2"})
TAKEN: Mapping[str, MediaType] = {
    ".pdf": MediaType("application/pdf", "PDF"),
    ".docx": MediaType(f"{_OPEN_XML}.wordprocessingml.document", "Word"),
    ".xlsx": MediaType(f"{_OPEN_XML}.spreadsheetml.sheet", "Excel"),
    ".pptx": MediaType(f"{_OPEN_XML}.presentationml.presentation", "PowerPoint"),
    ".doc": MediaType("application/msword", "Word bản cũ", _OLD_OFFICE),
    ".xls": MediaType("application/vnd.ms-excel", "Excel bản cũ", _OLD_OFFICE),
    ".odt": MediaType(f"{_OPEN_DOCUMENT}.text", "OpenDocument"),
    ".ods": MediaType(f"{_OPEN_DOCUMENT}.spreadsheet", "bảng tính OpenDocument"),
    ".jpg": _PICTURE,
    ".jpeg": _PICTURE,
    ".png": MediaType("image/png", "ảnh PNG"),
    ".heic": MediaType("image/heic", "ảnh HEIC", frozenset({"image/heif"})),
    ".txt": MediaType("text/plain", "văn bản thuần", frozenset({"text/csv"})),
    ".csv": MediaType("text/csv", "bảng CSV", frozenset({"text/plain", "application/csv"})),
    ".zip": MediaType("application/zip", "tệp nén ZIP"),
}
SHOWN_INLINE = frozenset({"application/pdf", "image/jpeg", "image/png"})
"""A browser shows these without running anything of ours; everything else is downloaded."""
PROGRAMS = frozenset(
    {
        ".exe", ".dll", ".com", ".scr", ".msi", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".hta",
        ".jar", ".lnk", ".reg", ".sh", ".app", ".apk",
    }
)  # fmt: skip

_NAMED = {
    "application/x-dosexec": "tệp chương trình",
    "application/vnd.microsoft.portable-executable": "tệp chương trình",
    "application/x-executable": "tệp chương trình",
    "text/html": "trang web",
    "text/x-shellscript": "tệp lệnh",
    "image/svg+xml": "hình SVG",
} | {kind.media_type: kind.words for kind in TAKEN.values()}
DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, NotImplementedError, OSError, ValueError,
)  # fmt: skip
"""What Python's zipfile raises of archives that are cut, altered, encrypted or packed in ways it does not know."""
_ICONS = {
    ".pdf": "pdf", ".zip": "zip",
    **dict.fromkeys((".doc", ".docx", ".odt"), "doc"),
    **dict.fromkeys((".xls", ".xlsx", ".ods", ".csv"), "xls"),
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".heic"), "photo"),
}  # fmt: skip
# Controls, and marks that turn the reading direction round: "gpj.exe" must not read "exe.jpg".
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def judge(name: str, content: bytes) -> str:
    """The media type of a file whose name and content agree. Raises FileRefused."""
    suffix = PurePosixPath(name).suffix.lower()
    meant = TAKEN.get(suffix)
    if meant is None:
        taken = ", ".join(sorted({suffix.removeprefix(".").upper() for suffix in TAKEN}))
        raise FileRefused(f"Không nhận tệp “{name}”. Chỉ nhận: {taken}.")
    if not content:
        raise FileRefused(f"Tệp “{name}” rỗng.")
    found = _found(name, content)
    if found != meant.media_type and found not in meant.also:
        raise FileRefused(f"Tệp có đuôi {suffix} nhưng thật ra là {_NAMED.get(found, 'loại tệp khác')}.")
    return meant.media_type


def _found(name: str, content: bytes) -> str:
    if content.startswith(b"PK"):
        return _found_in_archive(name, content)
    found: str = magic.from_buffer(content, mime=True)
    return found.lower()


def _found_in_archive(name: str, content: bytes) -> str:
    """Office documents are archives too; libmagic tells them apart only where their parts are in a certain order."""
    if content.count(_DIRECTORY_ENTRY) > MOST_PARTS:  # Half a million, of which each is read, take ten seconds.
        raise FileRefused(f"Trong tệp nén “{name}” có quá nhiều tệp. Hãy chia thành nhiều tệp nén.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.namelist()
            mimetype = _first_words(archive, "mimetype") if "mimetype" in parts[:1] else ""
    except DAMAGED as fault:
        raise FileRefused(f"Tệp “{name}” bị hỏng nên không mở được. Hãy lưu lại rồi chọn lại.") from fault
    unpacked = [part.lower().rstrip(". ") for part in parts]  # As Windows names what it unpacks.
    if any(PurePosixPath(part).suffix in PROGRAMS for part in unpacked):
        raise FileRefused(f"Trong tệp “{name}” có tệp chương trình nên không nhận.")
    if any(part.endswith("vbaproject.bin") for part in unpacked):
        raise FileRefused(f"Tệp “{name}” có macro nên không nhận. Hãy lưu lại dạng không có macro.")
    return mimetype.strip() or _open_xml_kind(parts)


def _first_words(archive: zipfile.ZipFile, part: str) -> str:
    """No more than these are unpacked, however far a part would go."""
    with archive.open(part) as stream:
        return stream.read(100).decode("ascii", "replace")


def _open_xml_kind(parts: list[str]) -> str:
    if "[Content_Types].xml" in parts:
        for folder, suffix in (("word/", ".docx"), ("xl/", ".xlsx"), ("ppt/", ".pptx")):
            if any(part.startswith(folder) for part in parts):
                return TAKEN[suffix].media_type
    return TAKEN[".zip"].media_type


def clean_name(name: str) -> str:
    """A file's own name without folders, hidden characters or endless length."""
    bare = re.split(r"[/\\]", unicodedata.normalize("NFC", _HIDDEN.sub("", name)))[-1]
    bare = " ".join(re.sub(r'[<>:"|?*]', " ", bare).split()).strip(". ")
    stem, suffix = bare[: len(bare) - len(PurePosixPath(bare).suffix)], PurePosixPath(bare).suffix[:10]
    return f"{stem[: LONGEST_NAME - len(suffix)] or 'tep'}{suffix}"


def kind_of(name: str) -> str:
    """The icon that stands for a file, by its name: pdf, doc, xls, zip, photo; none for others."""
    return _ICONS.get(PurePosixPath(name).suffix.lower(), "")
