"""Targets in a sentence: operator, value, unit, of what, by when; what is left open stays open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from webapp.plans.reading.blocks import Place
from webapp.plans.reading.wording import fold, one_line, shorten, without_marks

_NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"
_OPERATORS: Final = (
    ("at_least", r"ít nhất|tối thiểu|không dưới|không thấp hơn|không ít hơn|≥|>="),
    ("at_most", r"tối đa|không quá|không vượt quá|không cao hơn|≤|<="),
    ("more_than", r"trên|hơn|vượt|cao hơn|nhiều hơn|>"),
    ("less_than", r"dưới|thấp hơn|ít hơn|<"),
    ("about", r"khoảng|xấp xỉ|gần|~|≈"),
)
_ANY_OPERATOR = "|".join(words for _, words in _OPERATORS)
_PER = r"\s*/\s*(?P<per>năm|tháng|quý|tuần|6 tháng)\b"
# A number with what stands before and behind it: "từ 01 đến 02 sáng kiến", "tối thiểu đạt 60%", "trên 4.000 lượt".
_VALUE = re.compile(
    rf"(?P<operator>(?<!\w)(?:{_ANY_OPERATOR}))?\s*(?P<reach>\b(?:đạt|chiếm|bằng|là|có|từ|lên|thêm)\s+)*"
    rf"(?P<operator2>(?<!\w)(?:{_ANY_OPERATOR})\s*)?(?:từ\s+)?"
    rf"(?<![\w/.,-])(?P<value>{_NUMBER})(?P<percent>\s*%)?(?:\s*(?:-|–|đến|tới)\s*(?P<most>{_NUMBER}))?"
    r"(?P<percent2>\s*%)?(?!\s*%|\w|[.,]\d|(?<!%)[/-])",
    re.IGNORECASE,
)
_COUNTABLE: Final = (
    "trung tâm|tổ chức|cuộc thi|hội thi|hộ dân|người dân|lượt truy cập|lượt người|lượt khách|nhà cung cấp|biểu ghi|"
    "bài báo|tin bài|bài viết|nhiệm vụ|sáng kiến|hoạt động|thông tin|sản phẩm|doanh nghiệp|hợp tác xã|hồ sơ|hội nghị|"
    "hội thảo|phòng học|cán bộ|công chức|học viên|học sinh|mô hình|dự án|đề tài|đề án|giải pháp|không gian|cơ sở|"
    "câu lạc bộ|lao động|hộ nghèo|hộ gia đình|tổ dân phố|hội viên|đoàn viên|thanh niên|trẻ em|phụ nữ|người cao tuổi|"
    "nhà văn hóa|nhà ở|việc làm|cây xanh|hộ kinh doanh|triệu đồng|tỷ đồng|nghìn đồng|phần trăm|chuyên đề|sự kiện|"
    "văn bản|thủ tục|dịch vụ|hình ảnh"
)
_UNITS = re.compile(
    rf"\s*(?P<quoted>“[^”]{{2,60}}”)|\s*(?P<known>(?:(?:triệu|nghìn|ngàn)\s+)?(?:{_COUNTABLE})|\w+)", re.IGNORECASE
)
_NOT_COUNTED = re.compile(
    r"^\s*(?:năm|tháng|quý|ngày|tuần|giờ|phút|cấp|h|giai đoạn|bên|mặt|khâu|rõ|đúng|đồng bộ|về|của|và|theo|tại)\b",
    re.IGNORECASE,
)
# What a number belongs to when it is no value: a date, a year, a document, an article.
_NAMES_NUMBER = re.compile(
    r"(?:\b(?:năm|tháng|ngày|quý|số|điều|khoản|điểm|mục|tuần|đề án|phụ lục|lần thứ|thứ|giai đoạn|khóa|quyển|chương|"
    r"đến|tới|tầm nhìn)\s*|[/.-])$",
    re.IGNORECASE,
)
_AGE = re.compile(r"\s*(?:tháng\s+)?tuổi\b", re.IGNORECASE)  # says who is meant, and is no target
_IS_WORTH = re.compile(r"(?:trị giá|mức|loại|độ|hạng|đề án|chương trình|nghị quyết)\s*$", re.IGNORECASE)
_DOWN_TO = re.compile(r"\bgiảm\b.*\b(?:xuống|còn)\b[^\d]{0,12}$", re.IGNORECASE)
_CUE = re.compile(r"phấn đấu|phân đầu|phần đầu|phân đấu|đạt|duy trì|mỗi năm|h[àằ]ng năm|chỉ tiêu", re.IGNORECASE)
_PERIODS: Final = (
    ("monthly", re.compile(r"/\s*tháng|(?:mỗi|h[àằ]ng|một) tháng", re.IGNORECASE)),
    ("quarterly", re.compile(r"/\s*quý|(?:mỗi|h[àằ]ng) quý", re.IGNORECASE)),
    ("half_yearly", re.compile(r"/\s*0?6 tháng|(?:mỗi|định kỳ) 0?6 tháng", re.IGNORECASE)),
    ("yearly", re.compile(r"/\s*năm|(?:mỗi|h[àằ]ng|một|trong 01) năm", re.IGNORECASE)),
)
_YEAR = re.compile(
    r"(?:vào|đến|tới|hết|trong|cuối)\s+(?:hết\s+|cuối\s+)?năm\s+(20\d\d)|\bnăm\s+(20\d\d)\b", re.IGNORECASE
)
_BASELINE = re.compile(
    rf"từ\s+(?:mức\s+)?(?P<value>{_NUMBER})\s*%?\s*(?:\(?\s*năm\s+(?P<year>20\d\d)\)?)?\s+(?:lên|xuống)|"
    r"so với (?:cùng kỳ )?năm (?P<than>20\d\d)",
    re.IGNORECASE,
)
_OF_WHAT = re.compile(r"\s*(?:trong\s+|so với\s+|của\s+)?((?:tổng|số|GRDP|GDP|dân số|chi)\b[^,.;()]*)", re.IGNORECASE)
_VERB = re.compile(
    r"\s(?:được|có|đạt|sử dụng|tham gia|ứng dụng|hình thành|triển khai|nộp|thực hiện|hoàn thành|tiếp cận|biết|đều|"
    r"xây dựng|đáp ứng|liên quan|là|không|trực tuyến|kết nối|tổ chức|nắm)\b"
)
_TRIMMED = re.compile(
    r"^[\s\-–+•*,;:)]+|(?:\s|,|;|:|\(|–|-|"
    r"\b(?:so với|đạt|là|có|chiếm|bằng|được|từ|lên|và|trong đó|đến|khoảng|dự kiến|phục vụ|luôn|cho))+$"
)
_TIMES = re.compile(
    r"^\s*[-–+•*]?\s*(?:phấn đấu|phân đầu|phần đầu|phân đấu)\b|\s*/\s*(?:năm|tháng|quý|tuần)\b|"
    r"\b(?:mỗi|hằng|hàng|một) (?:năm|tháng|quý)\b|\btrở (?:lên|xuống)\b|"
    r"\b(?:vào|đến|tới|hết|trong)\s+(?:hết\s+)?năm\s+20\d\d\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"[^.;()\d]{3,60},\s*$")
_JOINS = re.compile(r"(?:\bvà|,|\(|:)\s*$")
_FROM_BASELINE = re.compile(rf"\s*từ\s+(?:mức\s+)?(?:{_NUMBER})\s*%?.*$", re.DOTALL)
_SUM = re.compile(r"lũy kế|luỹ kế|cộng dồn|trong cả giai đoạn", re.IGNORECASE)
_TO_BE_TOLD = re.compile(r"nêu rõ\s+([^()]*)", re.IGNORECASE)
_COUNTED = re.compile(r"^(?:số|tỷ lệ|tổng số)\b", re.IGNORECASE)
_SENTENCES = re.compile(r"(?<=[^\W\d]{2})\.\s+(?=[A-ZĐÂÊÔƠƯ\d])|(?<=[%”)])\.\s+(?=[A-ZĐÂÊÔƠƯ\d])|;\s+|\n")
_FULL_STOPS = re.compile(r"(?<=[^\W\d]{2})\.\s+(?=[A-ZĐÂÊÔƠƯ\d])|(?<=[%”)])\.\s+(?=[A-ZĐÂÊÔƠƯ\d])")
LONGEST_SENTENCE: Final = 3_000  # letters; each number in it is looked at with all that stands around it
FEWEST_OF_CLAUSE: Final = 3  # words that say what is counted
FEWEST_WORDS: Final = 5  # of a target without value
_PART = re.compile(r"trong đó|bao gồm", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A target that the plan sets, or something that it asks to be counted."""

    name: str
    text: str  # its sentence
    place: Place  # of the paragraph or row
    operator: str | None = None  # at_least, more_than, at_most, less_than, about, between
    value: float | None = None
    value_most: float | None = None  # the upper end of between
    unit: str = ""
    period: str | None = None  # by_year, yearly, half_yearly, quarterly, monthly
    year: int | None = None
    denominator: str | None = None
    baseline: float | None = None
    baseline_year: int | None = None
    is_cumulative: bool = False
    owner: str | None = None
    part_of: str | None = None  # name of the indicator that this is a part of
    needs_decision: bool = False  # offered from the body

    def to_json(self) -> dict[str, Any]:
        names = ("name", "text", "operator", "value", "value_most", "unit", "period", "year", "denominator", "baseline")
        told = {name: getattr(self, name) for name in (*names, "baseline_year", "owner", "part_of", "needs_decision")}
        source = {"where": str(self.place), "places": [self.place.to_json()]}
        return told | {"cumulative": self.is_cumulative, "source": source}


def indicators_in(
    text: str, place: Place, *, named: str = "", year: int | None = None, is_aim: bool = False
) -> list[Indicator]:
    """The targets of a text, sentence by sentence; `named` is what they are about where the text only gives values.

    In a text that sets aims each count is one: "Trồng mới 2.000 cây".
    """
    found: list[Indicator] = []
    for sentence in _SENTENCES.split(without_marks(text)):
        if len(sentence) > LONGEST_SENTENCE:
            continue
        about = named or (found[-1].name if found else "")  # "…; đến năm 2030 còn dưới 0,3 %" is about the same
        found.extend(_in_sentence(one_line(sentence).strip(), place, about, year, is_aim=is_aim))
    return found


def aims_in(text: str, place: Place, year: int | None) -> list[Indicator]:
    """The targets of a text that sets some: each sentence gives one, also where it says no value."""
    text = without_marks(text)
    valued = indicators_in(text, place, year=year, is_aim=True)
    found: list[Indicator] = []
    for sentence in _FULL_STOPS.split(one_line(text)):
        own = [each for each in valued if each.text.rstrip(". ") in sentence]
        name = sentence.rstrip(" .;")
        alone = not valued or len(name.split()) >= FEWEST_WORDS
        found.extend(own or [Indicator(name=name, text=sentence, place=place, year=year)] * alone)
    return found if all(each in found for each in valued) else valued


def to_be_told(text: str, place: Place) -> list[Indicator]:
    """What a plan asks to be counted without saying how much: "nêu rõ số lượng tin bài, số cuộc tuyên truyền"."""
    pieces = [piece.strip(" .…") for found in _TO_BE_TOLD.findall(text) for piece in found.split(",")]
    return [Indicator(name=piece, text=one_line(text), place=place) for piece in pieces if _COUNTED.match(piece)]


def _in_sentence(sentence: str, place: Place, named: str, year: int | None, *, is_aim: bool) -> Iterator[Indicator]:
    main: Indicator | None = None
    last: re.Match[str] | None = None
    of_share = False  # behind a leading "100% cán bộ", counts only qualify it
    values = [*_VALUE.finditer(sentence)]
    valued = {each.start(): _is_value(each, sentence) or (is_aim and _counts(each, sentence)) for each in values}
    for index, each in enumerate(values):
        before = sentence[last.end() if last else 0 : each.start()]
        is_part = main is not None and bool(_PART.search(before) or before.rstrip().endswith("("))
        listed = last is not None and _LISTED.match(before) is not None
        if not (valued[each.start()] or (listed and _UNITS.match(sentence[each.end() :]))):
            continue
        if of_share and not _is_percent(each) and not is_part:
            continue
        of_share = of_share or (_is_percent(each) and not _words(sentence[: each.start()]))
        later = (value for value in values[index + 1 :] if valued[value.start()])
        end = next((value.start() for value in later if _ends_name(value, sentence, of_share=of_share)), len(sentence))
        made = _indicator(sentence, each, "" if listed else before, sentence[each.end() : end], last is None)
        made = replace(made, place=place, part_of=main.name if is_part and main else None)
        if listed and last is not None and made.operator == "at_least":
            made = replace(made, operator=_operator(last) or "at_least")
        if _is_only_unit(made):
            made = replace(made, name=shorten(one_line(named), 300) or made.name)
        made = _dated(made, sentence, year)
        main, last = made if main is None or not is_part else main, each
        yield made


def _ends_name(value: re.Match[str], sentence: str, *, of_share: bool) -> bool:
    """Whether another target begins with a value; "ít nhất 01 phòng học" only says what is a share of the schools'."""
    return not of_share or _is_percent(value) or bool(_PART.search(sentence[: value.start()]))


def _is_percent(found: re.Match[str]) -> bool:
    return bool(found["percent"] or found["percent2"])


def _is_value(found: re.Match[str], sentence: str) -> bool:
    """Percentages are; counts are where the words say that they are to be reached."""
    before, behind = sentence[: found.start("value")], sentence[found.end() :]
    if _AGE.match(behind) and "tuổi thọ" not in before.lower():
        return False
    if _is_percent(found):
        return not re.search(r"từ\s+(?:mức\s+)?$", before) or not re.match(
            r"[^;.]{0,25}\b(?<!trở )(?:lên|xuống)\b", behind
        )
    if re.fullmatch(r"20\d\d|19\d\d", found["value"]) and (_NAMES_NUMBER.search(before) or not _operator(found)):
        return False
    if _NOT_COUNTED.match(behind) or (_NAMES_NUMBER.search(before) and not found["reach"]):
        return False
    rate = re.match(rf"[^,.;]{{0,40}}?{_PER}", behind)
    return bool(_operator(found) or rate or (_CUE.search(before) and _UNITS.match(behind)))


def _counts(found: re.Match[str], sentence: str) -> bool:
    """Whether a number says how many of something there are to be."""
    before, behind = sentence[: found.start("value")], sentence[found.end() :]
    if _NAMES_NUMBER.search(before) or _NOT_COUNTED.match(behind) or _AGE.match(behind) or _IS_WORTH.search(before):
        return False
    is_year = re.fullmatch(r"20\d\d|19\d\d", found["value"])
    return (
        not is_year
        and len(found["value"]) > 1
        and bool(re.match(r"\s+[^\W\d]", behind))
        and behind.strip()[0].islower()
    )


def _operator(found: re.Match[str]) -> str | None:
    words = " ".join(filter(None, (found["operator"], found["operator2"]))).lower().strip()
    return next((name for name, wording in _OPERATORS if words and re.search(wording, words)), None)


def _operator_behind(behind: str) -> str:
    return "at_most" if re.match(r"[^,;.\d]{0,30}\btrở xuống", behind) else "at_least"


def _indicator(sentence: str, found: re.Match[str], before: str, behind: str, is_first: bool) -> Indicator:
    percent, baseline = _is_percent(found), _BASELINE.search(sentence)
    usual = "at_most" if _DOWN_TO.search(sentence[: found.start("value")]) else _operator_behind(behind)
    name = _share_name(before, behind) if percent else _count_name(before, behind, is_first)
    return Indicator(
        name=shorten(name, 300) or shorten(sentence, 300), text=sentence, place=Place(),
        operator="between" if found["most"] else _operator(found) or usual,
        value=_number(found["value"]), value_most=_number(found["most"]) if found["most"] else None,
        unit="%" if percent else _unit(behind), denominator=_denominator(before, behind) if percent else None,
        baseline=_number(baseline["value"]) if baseline and baseline["value"] else None,
        baseline_year=int(baseline["year"] or baseline["than"] or 0) or None if baseline else None,
        is_cumulative=bool(_SUM.search(sentence)),
    )  # fmt: skip


def _is_only_unit(made: Indicator) -> bool:
    """Whether a value names nothing but its unit or its whole, as "Đạt trên 50 nhiệm vụ" and "đạt 3% tổng chi" do."""
    return len(made.name.removeprefix(made.unit).split()) < 2 or made.name in (made.denominator, made.text)


def _share_name(before: str, behind: str) -> str:
    """What is measured: before a share that closes its clause, behind one that opens it."""
    ahead = _bare(_FROM_BASELINE.sub("", _PART.split(before)[-1]))
    return _bare(behind) if _words(ahead) < 2 or _JOINS.search(before) else ahead


def _count_name(before: str, behind: str, is_first: bool) -> str:
    """The clause that leads to a number, and what is counted."""
    clauses = re.split(r"[,;]\s(?![^(]*\))", _PART.split(before)[-1])
    ahead = _bare(clauses[-1])
    if 0 < _words(ahead) < FEWEST_OF_CLAUSE:
        ahead = _bare(", ".join(clauses[-2:]))
    if _COUNTED.match(ahead):
        return ahead
    counted = _bare(re.split(r"[,;(]|\btrong đó\b", behind)[0])
    return f"{ahead} {counted}".strip() if is_first or _words(ahead) > 1 else counted


def _bare(text: str) -> str:
    text = _TIMES.sub(" ", text).strip().strip(".")
    while (shorter := _TRIMMED.sub("", text)) != text:
        text = shorter
    if text.count(")") > text.count("("):
        text = text.replace(")", "").rstrip(" .…")
    return " ".join(text.strip(" -–").split())


def _words(text: str) -> int:
    return len([word for word in re.findall(r"[^\W\d_]+", text) if fold(word) not in ("co", "dat", "phan", "dau")])


def _unit(behind: str) -> str:
    found = _UNITS.match(behind)
    return (found["known"] or found["quoted"].strip("“”")).strip() if found else ""


def _denominator(before: str, behind: str) -> str | None:
    """Of what: "3% tổng chi ngân sách", "100% cán bộ, công chức được …"."""
    if told := _OF_WHAT.match(behind):
        return _bare(_YEAR.sub("", told[1])) or None
    if re.match(r"\s*GRDP|\s*GDP", behind):
        return behind.split()[0].strip(",.;")
    if (_words(before) and not _JOINS.search(before)) or _YEAR.match(behind.strip()):
        return None
    subject = _VERB.split(f" {behind.strip()} ")[0].strip(" ,.;")
    return subject if 0 < len(subject) <= 120 else None


def _dated(made: Indicator, sentence: str, year: int | None) -> Indicator:
    """When it holds: its own year, else each period that it names, else the year of its section."""
    period = next((name for name, wording in _PERIODS if wording.search(sentence)), None)
    years = [int(first or second) for first, second in _YEAR.findall(_BASELINE.sub("", sentence))]
    if years:
        return replace(made, period="by_year", year=max(years))
    if period:
        return replace(made, period=period, year=year)
    return replace(made, period="by_year" if year else None, year=year)


def _number(text: str) -> float:
    """ "1.000" is a thousand and "0,5" a half; "2.5" is no thousand."""
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", text):
        text = text.replace(".", "")
    return float(text.replace(",", "."))
