"""What stands in a document around its text: page numbers, the block of signature and recipients, titles of annexes."""

from __future__ import annotations

import re

from webapp.plans.reading.wording import fold

_PAGE_NUMBER = re.compile(r"^[-–\s]*(?:trang\s*)?\d{1,3}(?:\s*/\s*\d{1,3})?[-–\s]*$", re.IGNORECASE)
_STAMP = re.compile(r"^(người ký|ký bởi|thời gian ký|cơ quan ký|email)\s*:", re.IGNORECASE)
_CLOSING = re.compile(
    r"^[-–+*•\s]*(nơi nhận|lưu\s*:|tm\.|kt\.|tl\.|tuq\.|q\.|ủy ban nhân dân$|uỷ ban nhân dân$|"
    r"chủ tịch$|phó chủ tịch$|trưởng phòng$|\(?đã ký\)?$)|^[-–+*•]\s*như trên\s*[;.]?$",
    re.IGNORECASE,
)
_ANNEX = re.compile(r"^(phu luc|danh muc|bieu)\b")
_TOTAL = re.compile(r"^(tong|tong cong|tong so|cong)( cong| so)?( \d+.*)?( nhiem vu.*)?$")


def is_page_number(text: str) -> bool:
    return bool(_PAGE_NUMBER.match(text) or _STAMP.match(text))


def is_closing(text: str) -> bool:
    """Whether recipients or the signer's block begin: the table before them is over."""
    return bool(_CLOSING.match(text))


def is_last_sentence(text: str) -> bool:
    """Whether a paragraph ends the body of a document, by its sign "./." or its wording."""
    return text.rstrip().endswith("./.") or fold(text).startswith("tren day la")


def is_annex_title(text: str) -> bool:
    """Whether a line is "PHỤ LỤC II"; "biểu dương …" where a line was broken is none."""
    return text[:1].isupper() and bool(_ANNEX.match(fold(text)))


def is_attached_note(text: str) -> bool:
    """Whether a line is "(Kèm theo Kế hoạch số …)" or "(Ban hành kèm theo …)"."""
    return bool(re.match(r"^(ban hanh )?kem theo", fold(text)))


def is_note(text: str) -> bool:
    """Whether a line explains the table: "Ghi chú: …", "Lưu ý: …"."""
    return bool(re.match(r"^[*\s(]*(ghi chú|lưu ý|chú thích|chú ý)\s*[:.)]", text, re.IGNORECASE))


def is_total(text: str) -> bool:
    return bool(_TOTAL.match(fold(text)))


def is_annex_name(text: str) -> bool:
    """Whether a line is nothing but the name of an annex, so that what follows stands in it."""
    return bool(re.match(r"^phu luc( so)?( [ivx]{1,4}| \d{1,2})?$", fold(text)))
