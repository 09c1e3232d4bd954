"""Lines of the body that say of the task above them who, when and what: "- Đơn vị chủ trì: …", "- Thời gian: …"."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Attribute(StrEnum):
    """What such a line tells of its task."""

    LEAD = "lead"
    COORDINATORS = "coordinators"
    TIMING = "timing"
    PRODUCT = "product"
    MORE = "more"  # belongs to what is to be done


_WHO = r"(?:(?:cơ quan|đơn vị|bộ phận|các đơn vị|các cơ quan)(?:,\s*(?:cơ quan|đơn vị))?\s+)?"
_DONE = r"(?:\s+(?:thực hiện|triển khai|hoàn thành|tổ chức))?"
_LABELS: Final = (
    (Attribute.COORDINATORS, rf"{_WHO}(?:cùng\s+)?(?:phối hợp|tham gia){_DONE}"),
    (Attribute.LEAD, rf"{_WHO}(?:chủ trì|đầu mối){_DONE}|(?:cơ quan|đơn vị|bộ phận|người)\s+(?:thực hiện|phụ trách)|"
                     r"phân công(?:\s+thực hiện)?"),
    (Attribute.TIMING, rf"(?:thời gian|thời hạn|thời điểm|tiến độ|lộ trình|hạn){_DONE}"),
    (Attribute.PRODUCT, r"(?:sản phẩm|kết quả)(?:\s+(?:dự kiến|đầu ra|cần đạt|thực hiện|đạt được))?"),
    (Attribute.MORE, r"nội dung|địa điểm|thành phần|đối tượng|hình thức|phương thức|kinh phí|nguồn kinh phí|quy mô|"
                     r"số lượng"),
)  # fmt: skip
_LABELLED: Final = tuple(
    (attribute, re.compile(rf"^(?:{wording})\s*:\s*(?P<told>.+)$", re.IGNORECASE | re.DOTALL))
    for attribute, wording in _LABELS
)


def attribute_in(text: str) -> tuple[Attribute, str] | None:
    """What a line tells of the task above it; None for lines that stand for themselves."""
    found = ((attribute, wording.match(text)) for attribute, wording in _LABELLED)
    return next(((attribute, match["told"].strip(" ;.")) for attribute, match in found if match), None)
