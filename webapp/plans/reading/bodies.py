"""The body of a plan: its targets, its tasks and the duties of its units, each with its sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from enum import IntEnum
from itertools import zip_longest
from typing import Any, Final

from webapp.plans.reading.attributes import Attribute, attribute_in
from webapp.plans.reading.blocks import Paragraph, Place
from webapp.plans.reading.furniture import is_annex_title, is_closing
from webapp.plans.reading.headings import roman_value
from webapp.plans.reading.sentence_timing import times_in
from webapp.plans.reading.targets import Indicator, aims_in, indicators_in
from webapp.plans.reading.units import is_vague, starts_like_unit
from webapp.plans.reading.wording import fold, is_shouted, starts_afresh

LONGEST_TITLE: Final = 220

_SECTIONS: Final = (
    ("targets", re.compile(r"\b(muc tieu|chi tieu)\b")),
    ("duties", re.compile(r"to chuc thuc hien|phan cong|trach nhiem|to chuc trien khai")),
    ("tasks", re.compile(r"\b(nhiem vu|giai phap|noi dung( thuc hien| trien khai|$)|cong viec)\b")),
)
_GENERAL = re.compile(r"muc tieu (tong quat|chung)|quan diem")
_MARKS = re.compile(
    r"^\s*(?:(?P<roman>[IVXl]{1,6})\s*[.)/:]|(?P<part>[A-HĐ])\s*[.)/]|(?P<dotted>\d{1,2}(?:\.\d{1,2})+)[.)]?|"
    r"(?P<number>\d{1,2})\s*[.)/:]|"
    r"(?P<letter>[a-zđ])\s*[.)]|(?P<dash>[-–*•])(?=\s|\w)|(?P<plus>\+))\s*(?P<rest>.*)$",
    re.DOTALL,
)
_ASKS = r"(?:Đề nghị|Giao|Yêu cầu|Kính đề nghị)\s+"
_DOES = (
    r"(?:chủ trì|phối hợp|tham mưu|có trách nhiệm|có nhiệm vụ|chịu trách nhiệm|căn cứ|chủ động|triển khai|"
    r"(?<!các )(?<!, )tổ chức(?! (?:chính trị|đoàn thể|xã hội|khoa học|kinh tế|thành viên|đảng|tôn giáo))|"
    r"niêm yết|công khai|công bố|giải quyết|cập nhật|huy động|giám sát|tập huấn|ban hành|phê duyệt|chuẩn bị|nắm|"
    r"thành lập|kiện toàn|phổ biến|xử lý|khảo sát|thống kê|số hóa|bổ sung|phòng ngừa|tuần tra|giao|đưa|khám|"
    r"thực hiện|xây dựng|rà soát|báo cáo|tăng cường|hướng dẫn|theo dõi|là cơ quan|là đơn vị|phát huy|đôn đốc|tổng hợp|"
    r"bố trí|tuyên truyền|kiểm tra|đẩy mạnh|lồng ghép|nghiên cứu|cung cấp|bảo đảm|đảm bảo|phát động|vận động|nâng cao|"
    r"quán triệt|cân đối|thẩm định|làm tốt|tiếp tục|thường xuyên|kịp thời|phân công|chỉ đạo|quản lý|đề xuất|"
    r"được giao|phải|cần|trồng|mở|duy trì|vận hành|sử dụng|ứng dụng|đầu tư|lắp đặt|"
    r"trực tiếp|hỗ trợ|khuyến khích|tham gia|đăng tải|tập trung|định kỳ|lập|cử|gửi)"
)
_UNIT = r"[^\s;:](?:[^;:]|;\s(?=Các |Ủy ban |UBND |Phòng |Sở )){3,200}?"
_UNIT_DOES = re.compile(rf"^(?P<asks>{_ASKS})?(?P<unit>{_UNIT})\s*(?:,|:)?\s+(?={_DOES}\b)")
_UNIT_NAMED = re.compile(rf"^(?P<asks>{_ASKS})?(?P<unit>[^:;.]{{3,160}}):\s")
_UNIT_ABOVE = re.compile(rf"^(?P<asks>{_ASKS})?(?P<unit>.+?)\s*[:.;]?$")
_IS_WORK = re.compile(
    rf"(?:Tổ chức (?!chính trị|đoàn thể|xã hội|khoa học)|Tổ chức$|Ban hành|Hội (?:nghị|thảo|thi)|{_DOES}\b(?! bởi))",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[^\W\d]{2}\.)\s+(?=[A-ZĐÂÊÔƠƯÁÀẢÃẠẤẦẨỦỨỪỬỮỰÚÙỤ])")
_SOMEBODY = re.compile(
    r"\b(?:đơn vị|cơ quan|sở|ngành|phòng|trường|tổ|hội|đoàn|ủy ban|ubnd|trung tâm|công an|trạm|mặt trận)\b",
    re.IGNORECASE,
)
_OF_THE_PLAN = re.compile(
    r"Kế hoạch này\b|(?:Ủy ban nhân dân|UBND)\b[^.;]{0,40}(?:phân công|giao)\s+(?:các\s+)?nhiệm vụ|"
    r"Trong quá trình\b|Các nội dung khác\b"
)
_IN_FRONT = re.compile(r"^(?:Định kỳ|Hằng|Hàng|Trước|Chậm nhất)[^,]{3,60}(?:,\s*trước[^,]{3,30})?,\s*", re.IGNORECASE)
_YEAR = re.compile(r"(?:đến|tới|hết|trong)\s+(?:hết\s+)?năm\s+(20\d\d)|\bnăm\s+(20\d\d)\s*$", re.IGNORECASE)
# "kinh tế - xã hội", broken at its dash by the end of a line.
_BEFORE_DASH = re.compile(r"\b(?:chính trị|kinh tế|văn hóa|khoa học|thương binh|hành chính|công nghệ)$", re.IGNORECASE)
_BEHIND_DASH = re.compile(r"(?:xã hội|kỹ thuật|công nghệ|thể thao|văn hóa|chính trị|thông tin|chính phủ)\b")
_ENDS = (".", ";", ":", "!", "?", "…")


class Level(IntEnum):
    """How deep a paragraph stands, by its mark."""

    PART = 0  # A, B: above Roman numerals
    ROMAN = 1
    NUMBER = 2
    DOTTED = 3
    LETTER = 4
    DASH = 5
    PLUS = 6
    PLAIN = 7


_SIGNS: Final = {Level.PLUS: "+ ", Level.DASH: "- "}  # that stay where items are joined


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What the body asks of a unit."""

    unit: str  # as the plan names it; "" where it names none
    text: str
    place: Place
    section: str = ""  # the heading that it stands below
    is_requested: bool = False  # "Đề nghị …": asked, not ordered
    is_open_group: bool = False  # names no single unit
    coordinators: str = ""  # as lines of their own below it name them
    timing: str = ""
    product: str = ""

    def to_json(self) -> dict[str, Any]:
        source = {"where": str(self.place), "places": [self.place.to_json()]}
        told = {"unit": self.unit, "text": self.text, "section": self.section, "requested": self.is_requested}
        more = {"coordinators_text": self.coordinators, "timing_text": self.timing, "product_text": self.product}
        return told | more | {"open_group": self.is_open_group, "source": source}


@dataclass(frozen=True, slots=True)
class BodyReading:
    """What the body says beside what its appendix does."""

    indicators: tuple[Indicator, ...] = ()
    duties: tuple[Duty, ...] = ()
    tasks: tuple[Duty, ...] = ()  # of the sections of tasks, mostly without a unit


@dataclass(slots=True)
class _Item:
    level: Level
    text: str  # without its mark
    place: Place
    is_title: bool = False
    told: dict[Attribute, str] = field(default_factory=dict)  # by lines of their own below it

    def tells(self, attribute: Attribute, text: str, line: str) -> None:
        if attribute is Attribute.MORE:
            self.text = f"{self.text.rstrip('.;')}; {line}"
        else:
            self.told[attribute] = "; ".join(filter(None, [self.told.get(attribute), text]))


@dataclass(slots=True)
class _Walk:
    kind: str = ""
    titles: dict[Level, _Item] = field(default_factory=dict)
    is_general: bool = False
    year: int | None = None
    found: BodyReading = field(default_factory=BodyReading)

    def enter(self, item: _Item) -> None:
        """Go below a title."""
        self.titles = {level: title for level, title in self.titles.items() if level < item.level}
        self.titles[item.level] = item
        words = fold(item.text)
        kind = next((name for name, wording in _SECTIONS if wording.search(words)), None)
        opens = item.level is Level.PART or (item.level is Level.ROMAN and (kind or Level.PART not in self.titles))
        if opens or (kind and (item.level is Level.NUMBER or not self.kind)):
            self.kind = kind if kind and not (kind == "targets" and self.kind == "duties") else ""
        years = [int(first or second) for title in self.titles.values() for first, second in _YEAR.findall(title.text)]
        self.year = years[-1] if years else None
        self.is_general = any(_GENERAL.search(fold(title.text)) for title in self.titles.values())

    def _time_of_titles(self) -> str:
        """The times that the nearest title names, where sections are of tasks."""
        levels = sorted((level for level in self.titles if level > Level.ROMAN), reverse=True)
        return next(filter(None, (times_in(self.titles[level].text) for level in levels)), "")

    @property
    def section(self) -> str:
        return self.titles[max(self.titles)].text if self.titles else ""

    def take(self, item: _Item) -> None:
        """Read an item of the section that it stands in; a number of its own rank ends the title before it."""
        if item.level < Level.DASH:
            self.titles = {level: title for level, title in self.titles.items() if level < item.level}
        if self.kind == "targets":
            self._target(item)
        else:
            for part in _by_unit(item):
                self._work(part)

    def _work(self, item: _Item) -> None:
        duty = self._duty(item)
        if self.kind and (duty.unit or self.kind == "duties") and not _OF_THE_PLAN.match(item.text):
            self.found = replace(self.found, duties=(*self.found.duties, duty))
        elif self.kind == "tasks":
            self.found = replace(self.found, tasks=(*self.found.tasks, duty))
        if self.kind in ("tasks", "duties"):
            self._add(indicators_in(item.text, item.place), duty.unit)

    def _target(self, item: _Item) -> None:
        if not self.is_general:
            self._add(aims_in(item.text, item.place, self.year), "")

    def _add(self, indicators: list[Indicator], owner: str) -> None:
        told = (replace(each, owner=owner or None, needs_decision=True) for each in indicators)
        self.found = replace(self.found, indicators=(*self.found.indicators, *told))

    def _duty(self, item: _Item) -> Duty:
        """The unit that the item itself names, else that of the nearest title which names one."""
        asks, unit = _unit_of(item.text)
        unit = item.told.get(Attribute.LEAD, unit)
        for level in sorted(self.titles, reverse=True):
            if unit:
                break
            if level > Level.ROMAN:
                asks, unit = _unit_titled(self.titles[level].text)
        asking = (asks, *(title.text for title in self.titles.values()))
        requested = any(words.startswith(("Đề nghị", "Kính đề nghị")) for words in asking)
        timing = item.told.get(Attribute.TIMING) or times_in(item.text) or self._time_of_titles()
        return Duty(
            unit=unit, text=item.text, place=item.place, section=self.section, is_requested=requested,
            is_open_group=bool(unit) and is_vague(unit), coordinators=item.told.get(Attribute.COORDINATORS, ""),
            timing=timing, product=item.told.get(Attribute.PRODUCT, ""),
        )  # fmt: skip


def read_body(prose: list[Paragraph]) -> BodyReading:
    """Walk the outline of the prose from the title on by the marks of its paragraphs, down to the closing sentence."""
    walk = _Walk()
    for item in _with_titles(_items(prose)):
        if item.is_title:
            walk.enter(item)
        else:
            walk.take(item)
    return walk.found


def _items(prose: list[Paragraph]) -> list[_Item]:
    """Paragraphs by their marks; what a page break cut, and lists below a dash, joined to what they belong to."""
    items: list[_Item] = []
    for line in prose:
        if is_closing(line.text) or is_annex_title(line.text) or fold(line.text).startswith("tren day la"):
            break
        item = _item(line)
        last = items[-1] if items else None
        told = attribute_in(item.text) if last is not None and _may_tell(last, item) else None
        if last is not None and told:
            last.tells(*told, item.text)
        elif last is not None and _belongs(last, item):
            last.text = f"{last.text} {_SIGNS.get(item.level, '')}{item.text}"
        elif item.text:
            items.append(item)
    return items


def _may_tell(last: _Item, item: _Item) -> bool:
    """Whether a line stands where it may tell something of the item above it, and heads nothing itself."""
    return last.level > Level.ROMAN and item.level >= max(last.level, Level.LETTER)


def _item(line: Paragraph) -> _Item:
    found = _MARKS.match(line.text)
    if found is None or (found["roman"] and not roman_value(found["roman"])):
        return _Item(Level.PLAIN, line.text, line.place)
    named = ("part", "roman", "number", "dotted", "letter", "dash", "plus")
    level = Level[next(name for name in named if found[name]).upper()]
    return _Item(level, found["rest"].strip(), line.place)


def _belongs(last: _Item, item: _Item) -> bool:
    if item.level is Level.PLUS:
        return last.level in (Level.DASH, Level.PLUS) and last.text.endswith((":", ";", ".", "…"))
    if item.level is Level.DASH:
        return bool(_BEFORE_DASH.search(last.text) and _BEHIND_DASH.match(item.text))
    if item.level is not Level.PLAIN or (last.level <= Level.NUMBER and len(last.text) < 60):
        return False
    return not starts_afresh(item.text) or (last.level is Level.DASH and not last.text.endswith((*_ENDS, "”", ")")))


def _with_titles(items: list[_Item]) -> list[_Item]:
    """An item is a title when deeper ones follow it and it is short, or is a section's in any case."""
    for item, below in zip_longest(items, items[1:]):
        deeper = below is not None and below.level > item.level and item.level < Level.DASH
        short = len(item.text) <= LONGEST_TITLE and not item.text.endswith(";")
        long = item.text.endswith(".") and len(item.text.split()) > 15
        sentence = long and below is not None and below.level is not Level.DOTTED
        item.is_title = item.level <= Level.ROMAN or is_shouted(item.text) or (deeper and short and not sentence)
    return items


def _unit_of(text: str) -> tuple[str, str]:
    """The asking word and the unit with which a sentence begins."""
    for wording in (_UNIT_NAMED, _UNIT_DOES):
        found = wording.match(_IN_FRONT.sub("", text))
        if found is not None and _names_unit(found["unit"]):
            return (found["asks"] or "").strip(), found["unit"].strip(" ,:")
    return "", ""


def _by_unit(item: _Item) -> Iterator[_Item]:
    """An item cut where one of its sentences begins with another unit that does something."""
    part, unit = item, _unit_of(item.text)[1]
    first, *others = _SENTENCES.split(item.text)
    part.text = first
    for sentence in others:
        other = _unit_of(sentence)[1]
        if other and other != unit and _SOMEBODY.search(other):
            yield part
            part, unit = _Item(item.level, sentence, item.place), other
        else:
            part.text = f"{part.text} {sentence}"
    yield part


def _unit_titled(text: str) -> tuple[str, str]:
    found = _UNIT_ABOVE.match(text)
    if found is None or len(found["unit"]) > 160 or not _names_unit(found["unit"]):
        return "", ""
    return (found["asks"] or "").strip(), found["unit"]


def _names_unit(text: str) -> bool:
    return starts_like_unit(text[:1].upper() + text[1:]) and not _IS_WORK.match(text)


def not_in_tasks(indicators: tuple[Indicator, ...], of_tasks: list[Indicator]) -> tuple[Indicator, ...]:
    """The body's targets without those that a row of the appendix states again."""
    return tuple(each for each in indicators if not any(_same(each, other) for other in of_tasks))


def _same(one: Indicator, other: Indicator) -> bool:
    if one.value is None or (one.value, one.unit) != (other.value, other.unit):
        return False
    return SequenceMatcher(None, fold(one.text), fold(other.text), autojunk=False).ratio() > 0.6


def offers(reading: BodyReading) -> Iterator[tuple[str, list[Duty]]]:
    """Tasks by the heading of their section, then duties by unit: what a plan without appendix may mean as tasks."""
    groups: dict[str, list[Duty]] = {}
    for duty in reading.tasks:
        groups.setdefault(duty.section, []).append(duty)
    for duty in reading.duties:
        groups.setdefault(duty.unit or duty.section, []).append(duty)
    yield from groups.items()
