"""A file as it was chosen: its size, its ending and what it really is, then its blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Final

import magic

from webapp.plans.reading.blocks import PlanUnreadable, Source
from webapp.plans.reading.plain_text import decode, read_text
from webapp.plans.reading.word_files import read_word

Progress = Callable[[int, int], None]  # pages read, pages in all
LARGEST_FILE: Final = 20 * 1024 * 1024  # bytes

_ZIP: Final = b"PK\x03\x04"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .doc, and a .docx with a password

# What a file really is, by the start of the type that libmagic finds.
_KINDS: Final = (
    ("image/", "một ảnh"),
    ("audio/", "một tệp âm thanh"),
    ("video/", "một đoạn phim"),
    ("application/pdf", "một tệp PDF"),
    ("application/postscript", "một tệp PostScript"),
    ("text/rtf", "một tệp RTF"),
    ("application/rtf", "một tệp RTF"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml", "một bảng tính Excel"),
    ("application/vnd.openxmlformats-officedocument.presentationml", "một bản trình chiếu"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml", "một tệp Word .docx"),
    ("application/vnd.oasis", "một tệp OpenDocument"),
    ("application/msword", "một tệp Word .doc"),
    ("application/x-ole-storage", "một tệp Office bản cũ"),
    ("application/cdfv2", "một tệp Office bản cũ"),
    ("application/zip", "một tệp nén"),
    ("application/gzip", "một tệp nén"),
    ("application/x-rar", "một tệp nén"),
    ("application/x-7z", "một tệp nén"),
    ("application/x-", "một chương trình hoặc tệp nhị phân"),
)
_MARKUP_STARTS: Final = ("<!doctype", "<html", "<?xml", "<svg", "{\\rtf", "%pdf", "%!ps")

_HOW_ELSE: Final = {
    ".doc": "Tệp .doc (Word bản cũ) không đọc được. Hãy mở bằng Word và lưu lại dưới dạng .docx rồi tải lên.",
    ".docm": "Tệp Word có macro (.docm) không được nhận. Hãy lưu lại dưới dạng .docx rồi tải lên.",
    ".xls": "Tệp .xls (Excel bản cũ) không đọc được. Hãy mở bằng Excel và lưu lại dưới dạng .xlsx rồi tải lên.",
    ".xlsm": "Tệp Excel có macro (.xlsm) không được nhận. Hãy lưu lại dưới dạng .xlsx rồi tải lên.",
    ".odt": "Tệp .odt không đọc được. Hãy lưu lại dưới dạng .docx rồi tải lên.",
}
_OLD_OR_LOCKED: Final = "Tệp là {} hoặc có đặt mật khẩu. Hãy mở bằng {}, bỏ mật khẩu, lưu lại dưới dạng {} rồi tải lên."
_NO_TEXT: Final = (
    "Tệp .txt không phải văn bản, hoặc không dùng bảng mã Unicode. Hãy lưu lại với bảng mã UTF-8 rồi tải lên."
)
_ENDINGS: Final = (
    "Chỉ đọc được tệp .docx, .xlsx, .pdf (có lớp chữ) và .txt; "
    "hãy lưu kế hoạch dưới một trong các dạng này rồi tải lên."
)


def read_file(name: str, data: bytes, progress: Progress = lambda done, of: None) -> Source:
    """The blocks of a plan's file; of the pages of a long one it tells how many are read.

    Raises PlanUnreadable when it is empty, too large, of another kind than its ending says, or damaged.
    """
    ending = PurePath(name.strip()).suffix.lower()
    if len(data) > LARGEST_FILE:
        raise PlanUnreadable(_too_large(len(data)))
    read = _READERS.get(ending)
    if read is None:
        raise PlanUnreadable(_HOW_ELSE.get(ending, f"Tệp “{name[:80]}” không đúng dạng. {_ENDINGS}"))
    if not data.strip():
        raise PlanUnreadable("Tệp rỗng, không có nội dung. Hãy chọn lại tệp kế hoạch.")
    return read(data, progress)


def real_kind(data: bytes) -> str | None:
    """What the bytes are, in words, when they are something other than plain text."""
    found = magic.from_buffer(data[:8192], mime=True).lower()
    return next((words for start, words in _KINDS if found.startswith(start)), None)


def _word(data: bytes, progress: Progress) -> Source:
    _require_package(data, ".docx", "Word bản cũ (.doc)", "Word")
    return read_word(data)


def _excel(data: bytes, progress: Progress) -> Source:
    _require_package(data, ".xlsx", "Excel bản cũ (.xls)", "Excel")
    from webapp.plans.reading.excel_files import read_excel  # Large, and only for such files.

    return read_excel(data)


def _require_package(data: bytes, ending: str, old: str, program: str) -> None:
    if data.startswith(_COMPOUND):
        raise PlanUnreadable(_OLD_OR_LOCKED.format(old, program, ending))
    if not data.startswith(_ZIP):
        raise PlanUnreadable(_disguised(ending, real_kind(data)))


def _pdf(data: bytes, progress: Progress) -> Source:
    if b"%PDF-" not in data[:1024]:
        raise PlanUnreadable(_disguised(".pdf", real_kind(data)))
    from webapp.plans.reading.pdf_files import read_pdf  # Large, and only for such files.

    return read_pdf(data, progress)


def _text(data: bytes, progress: Progress) -> Source:
    text = decode(data)
    if text is None:
        raise PlanUnreadable(_disguised(".txt", real_kind(data)))
    if text.lstrip("\ufeff \r\n\t")[:9].lower().startswith(_MARKUP_STARTS):
        raise PlanUnreadable(_disguised(".txt", real_kind(data) or "một trang web hoặc tệp mã"))
    if not text.strip("\ufeff \r\n\t\f"):
        raise PlanUnreadable("Tệp rỗng, không có chữ nào. Hãy chọn lại tệp kế hoạch.")
    return read_text(text)


def _disguised(ending: str, kind: str | None) -> str:
    if kind is None and ending == ".txt":
        return _NO_TEXT
    really = f"thật ra là {kind}" if kind else f"không phải {_NAMES[ending]}"
    return f"Tệp có đuôi {ending} nhưng {really}. Hãy chọn đúng tệp kế hoạch."


def _too_large(size: int) -> str:
    mib = 1024 * 1024
    return (
        f"Tệp nặng {size / mib:.0f} MB, lớn hơn mức {LARGEST_FILE // mib} MB cho phép. "
        "Hãy bỏ ảnh chụp, hoặc chỉ gửi phần kế hoạch và phụ lục."
    )


_NAMES: Final = {".docx": "văn bản Word", ".xlsx": "bảng tính Excel", ".pdf": "tệp PDF"}
_READERS: Final[dict[str, Callable[[bytes, Progress], Source]]] = {
    ".txt": _text, ".docx": _word, ".xlsx": _excel, ".pdf": _pdf,
}  # fmt: skip
