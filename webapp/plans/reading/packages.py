"""The package that a Word or Excel file is: opened within bounds, and refused when it carries more than text."""

from __future__ import annotations

import lzma
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

_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROJECT: Final = "VBA".encode("utf-16-le")
_MACROS = re.compile(r"macro-?enabled|vba|macrosheet", re.IGNORECASE)  # of a content type, a part or a relation
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
# What zipfile raises on damaged or crafted archives; NotImplementedError is a RuntimeError.
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError, ValueError, OSError, EOFError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of package, with what is said of a file of it that must not be read."""

    program: str  # "Word"
    ending: str  # ".docx"
    content_type: str  # of its main part
    main: str  # where its own program puts that part

    @property
    def broken(self) -> str:
        return (
            f"Tệp {self.program} bị hỏng, không mở được. "
            f"Hãy mở bằng {self.program}, lưu lại dưới dạng {self.ending} rồi tải lên."
        )

    @property
    def other(self) -> str:
        return (
            f"Tệp có đuôi {self.ending} nhưng không phải văn bản {self.program}. "
            f"Hãy chọn đúng tệp, hoặc lưu lại bằng {self.program} dưới dạng {self.ending}."
        )

    @property
    def too_large(self) -> str:
        return (
            f"Tệp {self.program} bung ra quá lớn, không giống một kế hoạch. "
            "Hãy bỏ bớt ảnh, hoặc chỉ gửi phần kế hoạch và phụ lục."
        )

    @property
    def macros(self) -> str:
        return f"Tệp {self.program} có chứa macro. Hãy lưu lại dưới dạng {self.ending} (không macro) rồi tải lên."

    @property
    def doctype(self) -> str:
        return (
            f"Tệp {self.program} có khai báo DTD, không được phép. "
            f"Hãy mở bằng {self.program}, lưu lại dưới dạng {self.ending} rồi tải lên."
        )

    @property
    def locked(self) -> str:
        return f"Tệp {self.program} đặt mật khẩu. Hãy bỏ mật khẩu, lưu lại rồi tải lên."

    def linked(self, target: str) -> str:
        return (
            f"Tệp {self.program} có nội dung liên kết từ ngoài tệp ({target}). Hãy ngắt liên kết, lưu lại rồi tải lên."
        )


WORD: Final = Kind("Word", ".docx", f"{_OFFICE}.wordprocessingml.document.main+xml", "word/document.xml")
EXCEL: Final = Kind("Excel", ".xlsx", f"{_OFFICE}.spreadsheetml.sheet.main+xml", "xl/workbook.xml")


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of a checked file."""

    zip: zipfile.ZipFile
    kind: Kind
    main: str  # the name of the part that holds the text
    has_pictures: bool

    def part(self, name: str) -> Element | None:
        """The text ("document") or a part beside it ("numbering"), parsed; None where there is none."""
        path = self.main if name == "document" else posixpath.join(posixpath.dirname(self.main), f"{name}.xml")
        return self.parsed(path) if path in self.zip.namelist() else None

    def parsed(self, path: str) -> Element:
        return _parsed(self.bytes(path), self.kind)

    def bytes(self, path: str) -> bytes:
        return _bytes(self.zip, path, self.kind)


def open_package(data: bytes, kind: Kind) -> Package:
    """Check a file's package.

    Raises PlanUnreadable for what is no such file, is too large when expanded, or carries macros, linked contents,
    document type declarations or a password.
    """
    try:
        package = zipfile.ZipFile(BytesIO(data))
        _check(package, kind)
    except _DAMAGE as error:
        raise PlanUnreadable(kind.broken) from error
    pictures = any("/media/" in name for name in package.namelist())
    return Package(package, kind, _main_part(package, kind), pictures)


def _main_part(package: zipfile.ZipFile, kind: Kind) -> str:
    """Each program writes its own name; some write another into the package's relations."""
    names = package.namelist()
    relations = _parsed(_bytes(package, "_rels/.rels", kind), kind) if "_rels/.rels" in names else None
    for relation in children(relations, "Relationship"):
        target = (attribute(relation, "Target") or "").lstrip("/")
        if (attribute(relation, "Type") or "").endswith("/officeDocument") and target in names:
            return target
    if kind.main not in names:
        raise PlanUnreadable(kind.other)
    return kind.main


def _check(package: zipfile.ZipFile, kind: Kind) -> None:
    parts = package.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_PACKAGE:
        raise PlanUnreadable(kind.too_large)
    if any(part.flag_bits & 1 for part in parts):
        raise PlanUnreadable(kind.locked)
    if len(set(names)) != len(names):
        raise PlanUnreadable(kind.broken)
    _check_kind(package, names, kind)
    for name in names:
        if name.endswith((".xml", ".rels")):
            _check_part(package, name, kind)
        elif _has_project(package, name, kind):
            raise PlanUnreadable(kind.macros)


def _check_kind(package: zipfile.ZipFile, names: list[str], kind: Kind) -> None:
    if "[Content_Types].xml" not in names:
        raise PlanUnreadable(kind.other)
    types = _parsed(_bytes(package, "[Content_Types].xml", kind), kind)
    named = {attribute(each, "ContentType") or "" for each in types}
    if any(_MACROS.search(each) for each in (*named, *names)):
        raise PlanUnreadable(kind.macros)
    if kind.content_type not in named:
        raise PlanUnreadable(kind.other)


def _has_project(package: zipfile.ZipFile, name: str, kind: Kind) -> bool:
    """Whether a part holds macros, whatever it is called: a compound file with a storage named VBA."""
    with package.open(name) as part:
        if part.read(len(_COMPOUND)) != _COMPOUND:
            return False
    return _PROJECT in _bytes(package, name, kind)


def _check_part(package: zipfile.ZipFile, name: str, kind: Kind) -> None:
    # Parts in UTF-16 have a zero beside each letter.
    data = _bytes(package, name, kind)
    if data.startswith(_COMPOUND):
        raise PlanUnreadable(kind.macros if _PROJECT in data else kind.broken)
    data = data.replace(b"\0", b"")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise PlanUnreadable(kind.doctype)
    if name.endswith(".rels"):
        for relation in children(_parsed(_bytes(package, name, kind), kind), "Relationship"):
            _check_relation(relation, kind)


def _check_relation(relation: Element, kind: Kind) -> None:
    """Links that a reader clicks are text; a template on the author's own disk is left behind by Word itself."""
    named = (attribute(relation, "Type") or "").rpartition("/")[2]
    target = attribute(relation, "Target") or ""
    if _MACROS.search(named):
        raise PlanUnreadable(kind.macros)
    if attribute(relation, "TargetMode") != "External" or named == "hyperlink":
        return
    if named == "attachedTemplate" and re.match(r"(file:///)?[A-Za-z]:[\\/]", target):
        return
    raise PlanUnreadable(kind.linked(target[:80] or named))


def _bytes(package: zipfile.ZipFile, name: str, kind: Kind) -> bytes:
    try:
        with package.open(name) as part:
            data = part.read(LARGEST_PART + 1)
    except _DAMAGE as error:
        raise PlanUnreadable(kind.broken) from error
    if len(data) > LARGEST_PART:
        raise PlanUnreadable(kind.too_large)
    return data


def _parsed(data: bytes, kind: Kind) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PlanUnreadable(kind.broken) from error
    if root.getroottree().docinfo.doctype:
        raise PlanUnreadable(kind.doctype)
    return root
