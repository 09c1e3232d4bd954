"""The times that a sentence of the body names: by the words before them, so that dates of documents are none."""

from __future__ import annotations

import re
from typing import Final

_NUMERAL = r"(?:IV|III|II|I|[1-4])"
_YEAR = r"20\d\d"
_OF_YEAR = rf"(?:\s*(?:/|-|,?\s*năm)\s*{_YEAR})?"
_DAY = rf"(?:ngày\s+)?\d{{1,2}}\s*(?:[/-]|\s+tháng\s+)\s*\d{{1,2}}(?:\s*(?:[/-]|,?\s*năm)\s*{_YEAR})?(?!\d)"
_MONTHS = rf"tháng\s+\d{{1,2}}(?:\s*(?:,|và|-|–|đến)\s*(?:tháng\s+)?\d{{1,2}}(?![\d/]))*{_OF_YEAR}"
_QUARTERS = rf"quý\s+{_NUMERAL}\b(?:\s*(?:,|và|-|–|đến)\s*(?:quý\s+)?{_NUMERAL}\b)*{_OF_YEAR}"
_PERIOD = rf"(?:{_DAY}|{_MONTHS}|{_QUARTERS})"
_NEXT = r"(?:sau|kế tiếp|tiếp theo|liền kề)"
_DAY_OF_PERIOD = (
    r"(?:(?:trước|chậm nhất|muộn nhất|vào|là)\s+)*ngày\s+\d{1,2}\s+(?:của\s+)?"
    rf"tháng\s+(?:{_NEXT}|(?:đầu|giữa|cuối)(?:\s+của)?\s+quý(?:\s+{_NEXT})?)"
)
_EACH_PERIOD = r"(?:năm|quý|tháng|tuần|0?6 tháng)"
_TIMES: Final = (
    rf"từ\s+{_PERIOD}\s+(?:đến|tới)\s+(?:hết\s+)?{_PERIOD}",
    rf"(?:trước|chậm nhất|muộn nhất|xong|hạn cuối|đến|hết|trong|vào|cuối|đầu)\s+"
    rf"(?:(?:trước|là|vào|hết|trong|cuối|đầu)\s+)*{_PERIOD}(?:\s+h[àằ]ng\s+{_EACH_PERIOD})?",
    rf"(?:{_MONTHS}|{_QUARTERS})\s+h[àằ]ng\s+năm",
    r"0?6 tháng (?:đầu|cuối) năm(?:\s+20\d\d)?",
    r"(?:(?:trước|chậm nhất|muộn nhất|vào|là)\s+)*(?:ngày\s+\d{1,2}\s+(?:h[àằ]ng|mỗi)\s+tháng|"
    r"thứ\s+(?:hai|ba|tư|năm|sáu|bảy|[2-7])\s+(?:h[àằ]ng|mỗi)\s+tuần)\b",
    rf"(?:định kỳ\s+)?(?:h[àằ]ng|mỗi)\s+{_EACH_PERIOD}\b"
    rf"(?:,\s*(?:{_DAY_OF_PERIOD}|trước\s+{_PERIOD}|(?:trước|vào)\s+ngày\s+\d{{1,2}}(?!\d|\s*[/.-]\s*\d|\s+tháng)))?",
    _DAY_OF_PERIOD,
    rf"định kỳ\s+{_EACH_PERIOD}\b",
    r"(?:\d{1,2}|một|hai)\s+(?:lần|buổi|đợt|cuộc|lớp)\s*/\s*(?:năm|quý|tháng|tuần)\b",
    r"thường xuyên(?!\s+liên tục)|liên tục(?=[\s,.;]*$)|thường niên|quanh năm|suốt năm",
    rf"giai đoạn\s+(?:năm\s+)?{_YEAR}\s*[-–]\s*{_YEAR}",
    rf"từ\s+năm\s+{_YEAR}\s*(?:đến|-|–)\s*(?:hết\s+)?(?:năm\s+)?{_YEAR}",
    rf"(?:đến|tới)\s+(?:hết\s+)?năm\s+{_YEAR}|trước\s+năm\s+{_YEAR}|(?:ngay\s+)?trong\s+(?:các\s+)?năm\s+{_YEAR}",
    r"(?:ngay\s+)?sau\s+khi\s+(?:có|được|cấp|Bộ|Chính phủ|UBND|Ủy ban nhân dân|HĐND|Thành ủy|Sở|Đề án|Kế hoạch)"
    r"\s[^;.()\n,]*",
    r"(?:(?:chậm nhất|muộn nhất|trong vòng|trong)\s+)*\d{1,2}\s+ngày(?:\s+làm việc)?,?\s+"
    r"kể từ\s+(?:ngày|khi)\s+(?!\d)[^;.()\n,]+",
    rf"{_QUARTERS}|(?<!\d )tháng\s+\d{{1,2}}(?:/|\s+năm\s+){_YEAR}",
    r"khi có yêu cầu|đột xuất",
)
_TIME: Final = re.compile("|".join(rf"(?<!\w)(?:{wording})" for wording in _TIMES), re.IGNORECASE)
_ONE_TIME: Final = ("", "và")  # between two of them: "trước ngày 15/6 và trước ngày 15/12 hằng năm"
_NAMES: Final = re.compile(r"“[^”]*”|\"[^\"]*\"")  # what is quoted is called so, and not when something is done
_DOCUMENTS: Final = re.compile(
    r"số\s*:?\s*\d[\w/.&-]*,?\s*ngày\s+\d{1,2}\s*(?:/|tháng)\s*\d{1,2}\s*(?:/|năm)\s*\d{4}", re.IGNORECASE
)


def times_in(sentence: str) -> str:
    """The times of a sentence in its own words, parted by ";"; "" where it names none."""
    bare = _DOCUMENTS.sub(_blank, _NAMES.sub(_blank, sentence))
    found: list[str] = []
    end = 0
    for each in _TIME.finditer(bare):
        time, between = " ".join(each[0].split()), " ".join(bare[end : each.start()].split())
        if found and between in _ONE_TIME:
            found[-1] = " ".join(filter(None, [found[-1], between, time]))
        else:
            found.append(time)
        end = each.end()
    return "; ".join(dict.fromkeys(found))


def _blank(found: re.Match[str]) -> str:
    return "\0" * len(found[0])
