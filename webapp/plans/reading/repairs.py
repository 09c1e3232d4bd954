"""Likely faults of optical reading and of page breaks, each with a remedy for a person to accept or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from webapp.plans.reading.readings import Repair

_MISREAD: Final = "có thể là lỗi nhận dạng chữ"
_REPEATED: Final = "từ lặp lại ở chỗ ngắt trang"

# Wrong and right, with what must follow where the wrong form is also good Vietnamese ("phần đầu" is "first part").
_SPELLINGS: Final = (
    ("phân đầu", "phấn đấu", r"(?!\s+(?:tư|cơ))"),
    ("phân đấu", "phấn đấu", ""),
    ("phấn đầu", "phấn đấu", ""),
    ("phần đấu", "phấn đấu", ""),
    (
        "phần đầu",
        "phấn đấu",
        r"(?=\s+(?:đạt|đến|tăng|giảm|hoàn thành|mỗi|hằng|hàng|xây dựng|nâng|áp dụng|trở thành)\b)",
    ),
    ("chuyên đổi", "chuyển đổi", ""),
    ("chuyến đổi", "chuyển đổi", ""),
    ("chuyên giao", "chuyển giao", ""),
    ("chuyên biến", "chuyển biến", ""),
    ("công thông tin", "cổng thông tin", ""),
    ("khởi ngành", "khởi nghiệp", ""),
    ("đối mới", "đổi mới", ""),
    ("đồi mới", "đổi mới", ""),
    ("triền khai", "triển khai", ""),
    ("triên khai", "triển khai", ""),
    ("kê hoạch", "kế hoạch", ""),
    ("kể hoạch", "kế hoạch", ""),
    ("thủ tuc", "thủ tục", ""),
    ("úng dụng", "ứng dụng", ""),
    ("ứng dung", "ứng dụng", ""),
    ("phôi hợp", "phối hợp", ""),
    ("phối hơp", "phối hợp", ""),
    ("tồ chức", "tổ chức", ""),
    ("tố chức", "tổ chức", r"(?!\s+năng)"),
    ("tô chức", "tổ chức", ""),
    ("báo cảo", "báo cáo", ""),
    ("bảo cáo", "báo cáo", ""),
    ("nâng cáo", "nâng cao", ""),
    ("nhiệm vu", "nhiệm vụ", ""),
    ("dữ liêu", "dữ liệu", ""),
    ("công nghê", "công nghệ", ""),
    ("đơn vi", "đơn vị", ""),
    ("đ-mst", "đmst", ""),
)
_BY_WRONG: Final = {wrong: right for wrong, right, _ in _SPELLINGS}
_SPELLING = re.compile(
    "|".join(rf"(?<!\w)(?:{re.escape(wrong)}){following}(?!\w)" for wrong, _, following in _SPELLINGS), re.IGNORECASE
)
_ABBREVIATION = re.compile(r"(?<!\w)CDS(?!\w)")
# Only words that Vietnamese never doubles on purpose ("luôn luôn", "dần dần" are good words).
_DOUBLED = re.compile(
    r"(?<!\w)(các|cho|của|và|về|trong|đến|là|với|được|tại|để|theo|những|thành phố|phường)\s+\1(?!\w)", re.IGNORECASE
)
_LONGEST_OVERLAP: Final = 12  # words
_WORD = re.compile(r"\S+")


def repairs_in(field: str, text: str) -> Iterator[Repair]:
    """Propose remedies for misread and doubled words in a field."""
    for found in _SPELLING.finditer(text):
        right = _in_case_of(found[0], _BY_WRONG[found[0].lower()])
        yield Repair(field=field, before=found[0], after=right, why=_MISREAD)
    for found in _ABBREVIATION.finditer(text):
        yield Repair(field=field, before=found[0], after="CĐS", why=_MISREAD)
    for found in _DOUBLED.finditer(text):
        yield Repair(field=field, before=found[0], after=found[1], why="từ bị lặp")


def repairs_at_break(field: str, before: str, after: str) -> Iterator[Repair]:
    """Propose to drop the words that stand on both sides of a page break, and a space that it put after a hyphen."""
    if overlap := _overlap(before, after):
        end = _WORD.findall(before)[-overlap:]
        start = _WORD.findall(after.lstrip(" ,;"))[:overlap]
        gap = after[: len(after) - len(after.lstrip(" ,;"))]
        whole = f"{' '.join(end)} {gap}{' '.join(start)}"
        yield Repair(field=field, before=whole, after=f"{' '.join(end)}{_trailing(start[-1])}", why=_REPEATED)
    elif re.search(r"\w-$", before):
        end, start = _WORD.findall(before)[-1], _WORD.findall(after)[0]
        yield Repair(field=field, before=f"{end} {start}", after=f"{end}{start}", why="khoảng trắng ở chỗ ngắt trang")


def _overlap(before: str, after: str) -> int:
    """How many words at the end of one part open the next again."""
    ending = [_plain(word) for word in _WORD.findall(before)[-_LONGEST_OVERLAP:]]
    opening = [_plain(word) for word in _WORD.findall(after.lstrip(" ,;"))[:_LONGEST_OVERLAP]]
    lengths = range(min(len(ending), len(opening)), 0, -1)
    return next((size for size in lengths if ending[-size:] == opening[:size] and any(ending[-size:])), 0)


def _plain(word: str) -> str:
    return word.strip(".,;:").lower()


def _trailing(word: str) -> str:
    return word[len(word.rstrip(".,;:")) :]


def _in_case_of(written: str, right: str) -> str:
    if written.isupper():
        return right.upper()
    return right[0].upper() + right[1:] if written[0].isupper() else right
