"""The package that a Word file is: opened within bounds, and refused when it carries more than text."""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from lxml import etree

from webapp.plans.reading.blocks import PlanUnreadable
from webapp.plans.reading.numbering import Element, attribute, children

MOST_PARTS: Final = 2_000
LARGEST_PACKAGE: Final = 100 * 1024 * 1024  # bytes, expanded
LARGEST_PART: Final = 20 * 1024 * 1024  # bytes of one part that is parsed

_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_BROKEN: Final = "Tệp Word bị hỏng, không mở được. Hãy mở bằng Word, lưu lại dưới dạng .docx rồi tải lên."
_NOT_WORD: Final = (
    "Tệp có đuôi .docx nhưng không phải văn bản Word. Hãy chọn đúng tệp, hoặc lưu lại bằng Word dưới dạng .docx."
)
_TOO_LARGE: Final = (
    "Tệp Word bung ra quá lớn, không giống một kế hoạch. Hãy bỏ bớt ảnh, hoặc chỉ gửi phần kế hoạch và phụ lục."
)
_MACROS: Final = "Tệp Word có chứa macro. Hãy lưu lại dưới dạng .docx (không macro) rồi tải lên."
_LINKED: Final = "Tệp Word có nội dung liên kết từ ngoài tệp ({}). Hãy ngắt liên kết, lưu lại rồi tải lên."
_DOCTYPE: Final = "Tệp Word có khai báo DTD, không được phép. Hãy mở bằng Word, lưu lại dưới dạng .docx rồi tải lên."
_LOCKED: Final = "Tệp Word đặt mật khẩu. Hãy bỏ mật khẩu, lưu lại rồi tải lên."
# What zipfile raises on damaged or crafted archives; NotImplementedError is a RuntimeError.
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, ValueError, OSError, EOFError)


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of a checked Word file."""

    zip: zipfile.ZipFile
    main: str  # the name of the part that holds the text
    has_pictures: bool

    def part(self, name: str) -> Element | None:
        """The text ("document") or a part beside it ("numbering"), parsed; None where there is none."""
        path = self.main if name == "document" else posixpath.join(posixpath.dirname(self.main), f"{name}.xml")
        return _parsed(_bytes(self.zip, path)) if path in self.zip.namelist() else None


def open_package(data: bytes) -> Package:
    """Check a Word file's package.

    Raises PlanUnreadable for what is no Word file, is too large when expanded, or carries macros, linked contents,
    document type declarations or a password.
    """
    try:
        package = zipfile.ZipFile(BytesIO(data))
        _check(package)
    except _DAMAGE as error:
        raise PlanUnreadable(_BROKEN) from error
    return Package(package, _main_part(package), any("/media/" in name for name in package.namelist()))


def _main_part(package: zipfile.ZipFile) -> str:
    """Word itself writes word/document.xml; some programs write another name into the package's relations."""
    names = package.namelist()
    relations = _parsed(_bytes(package, "_rels/.rels")) if "_rels/.rels" in names else None
    for relation in children(relations, "Relationship"):
        target = (attribute(relation, "Target") or "").lstrip("/")
        if (attribute(relation, "Type") or "").endswith("/officeDocument") and target in names:
            return target
    if "word/document.xml" not in names:
        raise PlanUnreadable(_NOT_WORD)
    return "word/document.xml"


def _check(package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_PACKAGE:
        raise PlanUnreadable(_TOO_LARGE)
    if any(part.flag_bits & 1 for part in parts):
        raise PlanUnreadable(_LOCKED)
    if len(set(names)) != len(names):
        raise PlanUnreadable(_BROKEN)
    _check_kind(package, names)
    for name in names:
        if name.endswith((".xml", ".rels")):
            _check_part(package, name)


def _check_kind(package: zipfile.ZipFile, names: list[str]) -> None:
    if "[Content_Types].xml" not in names:
        raise PlanUnreadable(_NOT_WORD)
    kinds = {attribute(kind, "ContentType") or "" for kind in _parsed(_bytes(package, "[Content_Types].xml"))}
    if any("macroenabled" in kind.lower() for kind in kinds) or any("vbaproject" in name.lower() for name in names):
        raise PlanUnreadable(_MACROS)
    if _MAIN not in kinds:
        raise PlanUnreadable(_NOT_WORD)


def _check_part(package: zipfile.ZipFile, name: str) -> None:
    # Parts in UTF-16 have a zero beside each letter.
    data = _bytes(package, name).replace(b"\0", b"")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise PlanUnreadable(_DOCTYPE)
    if name.endswith(".rels"):
        for relation in children(_parsed(_bytes(package, name)), "Relationship"):
            _check_relation(relation)


def _check_relation(relation: Element) -> None:
    """Links that a reader clicks are text; a template on the author's own disk is left behind by Word itself."""
    kind = (attribute(relation, "Type") or "").rpartition("/")[2]
    target = attribute(relation, "Target") or ""
    if attribute(relation, "TargetMode") != "External" or kind == "hyperlink":
        return
    if kind == "attachedTemplate" and re.match(r"(file:///)?[A-Za-z]:[\\/]", target):
        return
    raise PlanUnreadable(_LINKED.format(target[:80] or kind))


def _bytes(package: zipfile.ZipFile, name: str) -> bytes:
    try:
        with package.open(name) as part:
            data = part.read(LARGEST_PART + 1)
    except _DAMAGE as error:
        raise PlanUnreadable(_BROKEN) from error
    if len(data) > LARGEST_PART:
        raise PlanUnreadable(_TOO_LARGE)
    return data


def _parsed(data: bytes) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PlanUnreadable(_BROKEN) from error
    if root.getroottree().docinfo.doctype:
        raise PlanUnreadable(_DOCTYPE)
    return root
