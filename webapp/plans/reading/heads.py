"""The head and body of a plan: number, date, issuer, title, legal bases, what it replaces, duties to report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from typing import Final

from webapp.plans.reading.blocks import Paragraph
from webapp.plans.reading.duties import reporting_duties
from webapp.plans.reading.furniture import is_annex_title, is_attached_note
from webapp.plans.reading.headings import Numbering, heading_in
from webapp.plans.reading.readings import DocumentReference, PlanHead
from webapp.plans.reading.wording import clean, fold, is_shouted

_GAP = r"[\s.…_]*"
_OWN = rf"ố\s*:?\s*(\d{{1,5}}[a-z]?)?{_GAP}/\s*((?:20\d\d/)?[A-ZĐ]{{1,6}}\s?[-–]\s?[A-ZĐ&]{{2,}}(?:[-–.][A-ZĐ&]+)*)"
_NUMBER = re.compile(rf"^\W*S{_OWN}")
_ATTACHED = re.compile(rf"\bs{_OWN}")
_DATE = re.compile(
    rf"^(?:(?P<place>[^,;\d]{{2,40}}),\s*)?ngày\s*(?P<day>\d{{1,2}})?{_GAP}tháng\s*(?P<month>\d{{1,2}})?{_GAP}"
    r"năm\s*(?P<year>20\d\d)?",
    re.IGNORECASE,
)
_GAPS = re.compile(r"\s{3,}|\t")  # between the number and the date on one line
_ATTACHED_DATE = re.compile(r"ngày\s*(\d{1,2})\s*(?:/|tháng)\s*(\d{1,2})\s*(?:/|năm)\s*(20\d\d)", re.IGNORECASE)
_KINDS: Final = ("ke hoach", "chuong trinh", "chuong trinh hanh dong", "quyet dinh", "de an", "thong bao")
_PLAN_TITLE = re.compile(r"^(ke hoach|chuong trinh)\b")
_COMMITTEE = re.compile(r"^(?:Ủy ban nhân dân|Uỷ ban nhân dân|UBND)\b\s*", re.IGNORECASE)
_LEVEL = r"(?:phường|xã|đặc khu|thành phố|tỉnh|quận|huyện|thị trấn)"
_NAME = r"[A-ZĐÂÊÔƠƯÁÀẢÃẠĂÍÌÓÒÚÙÝỦỨỪỬỮỰẤẦẨẪẬẮẰẲẴẶÉÈẺẼẸẾỀỂỄỆỐỒỔỖỘỚỜỞỠỢ]\w*"
_NAMED_ISSUER = re.compile(
    rf"(?:Ủy ban nhân dân|Uỷ ban nhân dân|UBND|ủy ban nhân dân)\s+({_LEVEL}\s+{_NAME}(?:\s+{_NAME}){{0,3}})"
)
_REFERENCE = re.compile(
    r"(Luật|Nghị quyết|Nghị định|Quyết định|Kế hoạch|Công văn|Kết luận|Thông báo|Thông tư|Chỉ thị|Chương trình|Đề án|"
    r"Công điện|Hướng dẫn)\b[^;.\n]{0,120}?\bsố\s*:?\s*(\d[\w/.&-]*\w|/[\w&-]+)"
    r"(?:,?\s*ngày\s+(\d{1,2})\s*(?:/|tháng)\s*(\d{1,2})\s*(?:/|năm)\s*(\d{4}))?"
)
_BASIS = re.compile(r"^[-–+\s]*(căn cứ|thực hiện|theo)\b", re.IGNORECASE)
_SENTENCE = re.compile(
    r"[;:]$|\./?\.?$|^(?:Ủy ban nhân dân|Uỷ ban nhân dân|UBND)\b.*\b(?:ban hành|xây dựng)\b", re.DOTALL
)
_TITLE_GOES_ON = re.compile(r"(?:năm|giai đoạn|trên địa bàn|của|tại|đến|và)\b|\(", re.IGNORECASE)
_REPLACES = re.compile(r"thay thế\s+(?:cho\s+)?(.+)", re.IGNORECASE | re.DOTALL)

LONGEST_TITLE: Final = 12  # lines
FARTHEST_HEAD: Final = 40  # paragraphs in which the number and date of the document may stand


def looks_like_plan(paragraphs: list[Paragraph]) -> bool:
    """Whether a text without tasks is a plan all the same: it says so in a line of its own."""
    titles = [fold(paragraph.text) for paragraph in paragraphs if len(paragraph.text) <= 200]
    return any(title in _KINDS[:3] for title in titles) or any(
        _PLAN_TITLE.match(fold(paragraph.text)) and is_shouted(paragraph.text) for paragraph in paragraphs
    )


def read_head(paragraphs: list[Paragraph]) -> PlanHead:
    """What the paragraphs outside the tables say about the document."""
    top, attached = paragraphs[:FARTHEST_HEAD], [line for line in paragraphs if is_attached_note(line.text)]
    number, code = _number(top, attached)
    place_name, day, day_text = _date(top, attached)
    at = title_at(paragraphs)
    return PlanHead(
        number=number,
        code=code,
        date=day,
        date_text=day_text,
        place_name=place_name,
        issuer=_issuer(paragraphs, place_name),
        title=_title(paragraphs, at),
        appendix_title=_appendix_title(paragraphs),
        legal_bases=tuple(_legal_bases(paragraphs, at)),
        replaces=tuple(_replaced(paragraphs)),
        reporting_duties=tuple(reporting_duties(paragraphs)),
    )


def _number(top: list[Paragraph], attached: list[Paragraph]) -> tuple[str | None, str | None]:
    """The number on the document's own line, else the one that the appendix says it belongs to."""
    found = [match for line in top if (match := _NUMBER.match(line.text))]
    found += [match for line in attached if (match := _ATTACHED.search(line.text))]
    if not found:
        return None, None
    code = re.sub(r"\s*[-–]\s*", "-", found[0][2])
    return (f"{found[0][1]}/{code}" if found[0][1] else None), code.rpartition("/")[2]


def _date(top: list[Paragraph], attached: list[Paragraph]) -> tuple[str | None, str | None, str | None]:
    """Place, day and the words of the line that dates the document."""
    for text in (piece for line in top for piece in _GAPS.split(line.raw)):
        found = _DATE.match(clean(text))
        if found and (found["place"] or found["year"]):
            day = _iso(found["year"], found["month"], found["day"])
            return (found["place"] or "").strip() or None, day, found[0].strip()
    for line in attached:
        if found := _ATTACHED_DATE.search(line.text):
            return None, _iso(found[3], found[2], found[1]), found[0]
    return None, None, None


def _iso(year: str | None, month: str | None, day: str | None) -> str | None:
    try:
        return date(int(year or 0), int(month or 0), int(day or 0)).isoformat()
    except ValueError:
        return None


def _issuer(paragraphs: list[Paragraph], place: str | None) -> str | None:
    """The committee that the head names, else that of the place which dates it, else that which the appendix names."""
    top = [line.text for line in paragraphs[:10]]
    for line, below in zip_longest(top, top[1:], fillvalue=""):
        found = _COMMITTEE.match(line)
        rest = line[found.end() :].strip() or below if found and line.isupper() else ""
        if re.match(_LEVEL, rest, re.IGNORECASE):
            return f"Ủy ban nhân dân {_in_names(rest)}"
    if place and (level := _level_of(place, paragraphs)):
        return f"Ủy ban nhân dân {level} {place}"
    notes = [line for line in paragraphs if is_attached_note(line.text)]
    names = (_NAMED_ISSUER.search(line.text) for line in [*notes, *paragraphs[:FARTHEST_HEAD]])
    return next((f"Ủy ban nhân dân {name[1]}" for name in names if name), None)


def _level_of(place: str, paragraphs: list[Paragraph]) -> str | None:
    """Whether a place is a ward, a commune or the city, by what the text puts before its name."""
    named = re.compile(rf"\b({_LEVEL})\s+{re.escape(place)}\b", re.IGNORECASE)
    levels = [found[1].lower() for line in paragraphs for found in named.finditer(line.text)]
    lowest = (level for level in ("phường", "xã", "đặc khu") if level in levels)
    return next(lowest, levels[0] if levels else None)


def _in_names(text: str) -> str:
    """ "PHƯỜNG DƯƠNG KINH" as "phường Dương Kinh"."""
    level = re.match(_LEVEL, text, re.IGNORECASE)
    assert level is not None
    name = text[level.end() :].strip()
    return f"{level[0].lower()} {name.title() if name.isupper() else name}"


def title_at(paragraphs: list[Paragraph]) -> int | None:
    """The position of the line that names the kind of document."""
    annex = next((at for at, line in enumerate(paragraphs) if is_annex_title(line.text)), len(paragraphs))
    named = {kind: at for at, line in reversed([*enumerate(paragraphs[:annex])]) if (kind := fold(line.text)) in _KINDS}
    return next((named[kind] for kind in _KINDS if kind in named), None)


def _title(paragraphs: list[Paragraph], at: int | None) -> str | None:
    if at is None:
        shouted = (line.text for line in paragraphs if _PLAN_TITLE.match(fold(line.text)) and is_shouted(line.text))
        return next(shouted, None)
    lines: list[str] = []
    for line in paragraphs[at + 1 : at + 1 + LONGEST_TITLE]:
        if _opens_body(line) or (lines and (_is_sentence(line.text) or not (line.adjacent or _goes_on(line.text)))):
            break
        lines.append(line.text)
    return " ".join(lines) or None


def _is_sentence(text: str) -> bool:
    """Whether a line below a title is one of the grounds, or says what the committee does: no part of the title."""
    return bool((text[:1].isupper() or text[:1] in "-–+") and (_BASIS.match(text) or _SENTENCE.search(text)))


def _goes_on(text: str) -> bool:
    """Whether a short line below a title belongs to it: "năm 2026", "giai đoạn 2026 - 2030", a bracket."""
    return len(text) <= 120 and bool(_TITLE_GOES_ON.match(text))


def _opens_body(line: Paragraph) -> bool:
    heading = heading_in(line.text)
    return heading is not None and heading.numbering is not Numbering.NONE


def _appendix_title(paragraphs: list[Paragraph]) -> str | None:
    """The lines below the last "PHỤ LỤC"."""
    named = [(at, line) for at, line in enumerate(paragraphs) if re.match(r"phu luc\b", fold(line.text))]
    starts = [at for at, line in named if len(line.text) <= 60]
    if not starts:
        return None
    lines: list[str] = []
    for line in paragraphs[starts[-1] + 1 : starts[-1] + 6]:
        if is_attached_note(line.text) or not (is_shouted(line.text) or line.adjacent):
            break
        lines.append(line.text)
    return " ".join(lines) or paragraphs[starts[-1]].text


def _legal_bases(paragraphs: list[Paragraph], title: int | None) -> Iterator[DocumentReference]:
    """The documents named between the title and the first section, or in the section of grounds."""
    in_grounds, sections = False, 0
    for line in paragraphs[0 if title is None else title + 2 :]:
        heading = heading_in(line.text)
        if is_annex_title(line.text):
            return
        if heading is not None and heading.numbering is Numbering.ROMAN:
            sections += 1
            in_grounds = "can cu" in fold(heading.title)
        elif in_grounds or (sections == 0 and _BASIS.match(line.text)):
            yield from (reference for piece in line.text.split(";") if (reference := _reference(piece, line)))


def _reference(text: str, line: Paragraph) -> DocumentReference | None:
    found = _REFERENCE.search(text)
    if found is None:
        return None
    day = _iso(found[5], found[4], found[3])
    return DocumentReference(kind=found[1], number=found[2], date=day, text=text.strip(" -–+;."), place=line.place)


def _replaced(paragraphs: list[Paragraph]) -> Iterator[DocumentReference]:
    """The plans that this one replaces; what those carry out is no part of it."""
    for line in paragraphs:
        found = _REPLACES.search(line.text)
        if found is None or "ke hoach nay" not in fold(line.text[: found.start()]):
            continue
        for named in _REFERENCE.finditer(found[1]):
            if named[1] == "Kế hoạch":
                day = _iso(named[5], named[4], named[3])
                yield DocumentReference(kind=named[1], number=named[2], date=day, text=named[0], place=line.place)
