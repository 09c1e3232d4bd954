"""A task while its rows are being joined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from webapp.plans.reading.columns import Column
from webapp.plans.reading.deliverables import read_deliverables
from webapp.plans.reading.half_read import half_read
from webapp.plans.reading.ordinals import marks_row, parted, read_ordinal
from webapp.plans.reading.readings import Repair, TaskReading, TaskSource
from webapp.plans.reading.repairs import repairs_at_break, repairs_in
from webapp.plans.reading.tables import BodyRow
from webapp.plans.reading.targets import Indicator, indicators_in, to_be_told
from webapp.plans.reading.timing import read_blocking, read_condition, read_timing
from webapp.plans.reading.units import UnitNames, read_coordinators, read_leads
from webapp.plans.reading.wording import one_line, shorten

JSON_FIELDS: Final = {
    Column.CONTENT: "content",
    Column.LEAD: "leads",
    Column.COORDINATORS: "coordinators",
    Column.TIMING: "timing_text",
    Column.PRODUCT: "product_text",
    Column.NOTE: "note",
}
_NAMES: Final = {
    Column.LEAD: "đơn vị chủ trì",
    Column.COORDINATORS: "đơn vị phối hợp",
    Column.TIMING: "thời gian",
    Column.PRODUCT: "sản phẩm",
    Column.NOTE: "ghi chú",
    Column.CONTENT: "nội dung",
}
_DITTO = re.compile(r"^[-–\s]*(nt|n\.t|như trên|\"|”|//)[-–\s.]*$", re.IGNORECASE)
_LEAD_LABEL = re.compile(r"^[\s–+•*-]*(?:cơ quan |đơn vị )?chủ trì(?: thực hiện)?\s*:\s*", re.IGNORECASE)
_IN_ONE_CELL = re.compile(
    r"(?:[–+•*-]\s*)?(?:\bcơ quan\b|\bđơn vị\b)?\s*\bphối hợp(?: thực hiện)?\s*:|"
    r"\s*\(?(?<=[\s(])chủ trì\)?\s*[,;.]?\s*(?:và\s+)?phối hợp\s+(?:với\s+)?|\s*\(chủ trì\)\s*[,;\n]",
    re.IGNORECASE,
)
_HELPS = re.compile(r"\s*\(phối hợp\)", re.IGNORECASE)
_AFTER_SLASH = re.compile(r"(?<=[\w)])/\0 ")


@dataclass(slots=True)
class Draft:
    """One task's parts, row by row."""

    ordinal_text: str
    group: str
    group_index: int | None
    section: str | None
    columns: frozenset[Column]
    parts: dict[Column, list[str]] = field(default_factory=dict)
    extra: dict[str, list[str]] = field(default_factory=dict)
    rows: list[BodyRow] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)

    def text(self, column: Column) -> str:
        """A cell's parts together; a page that breaks behind "kế hoạch/" puts no space there."""
        return _AFTER_SLASH.sub("/", " ".join(f"{part}\0" for part in self.parts.get(column, []))).replace("\0", "")

    @property
    def where(self) -> str:
        place = str(self.rows[0].place)
        return place[0].upper() + place[1:]

    def add(self, row: BodyRow, texts: dict[Column, str]) -> None:
        """Join a row, cell by cell."""
        for column, text in texts.items():
            if text and column is not Column.ORDINAL:
                self._join(column, text)
        for heading, text in row.extra:
            self.extra.setdefault(heading, []).append(text)
        if row.spare:
            self.extra.setdefault("Ô thừa", []).extend(row.spare)
            self.warnings.append(f"{_capital(str(row.place))} có nhiều ô hơn dòng tiêu đề; cần kiểm tra các cột.")
        if row.row.doubt:
            self.warnings.append(f"{_capital(str(row.place))} {row.row.doubt}.")
        if row.shifted:
            self.warnings.append(f"{_capital(str(row.place))} thiếu ô STT; đã đọc các ô lùi sang phải một cột.")
        self.rows.append(row)

    def _join(self, column: Column, text: str) -> None:
        parts = self.parts.setdefault(column, [])
        if parts and column in JSON_FIELDS:
            self.repairs.extend(repairs_at_break(JSON_FIELDS[column], one_line(parts[-1]), one_line(text)))
        parts.append(text)

    def inherit(self, row: BodyRow) -> None:
        """Take what a merged cell says for this row too."""
        for column, text in row.above.items():
            if text and column in _NAMES and not row.text(column):
                self.parts[column] = [text]
                self.warnings.append(f"{_capital(_NAMES[column])} “{shorten(text)}” lấy từ ô gộp với dòng trên.")

    def finish(self, before: TaskReading | None) -> TaskReading:
        """The task, its cells read."""
        self._part_units()
        leads, coordinators = read_leads(self.text(Column.LEAD)), read_coordinators(self.text(Column.COORDINATORS))
        timing = read_timing(self.text(Column.TIMING))
        content, product, note = (self.text(column) for column in (Column.CONTENT, Column.PRODUCT, Column.NOTE))
        if timing.kind == "unknown":
            self.warnings.append(f"Chưa hiểu thời gian “{shorten(self.text(Column.TIMING))}”; cần xác định hạn.")
        else:
            self.warnings.extend(
                f"Chỉ hiểu một phần thời gian “{shorten(text)}”; cần xem lại." for text in half_read(timing)
            )
        return TaskReading(
            group=self.group,
            group_index=self.group_index,
            section=self.section,
            ordinal=read_ordinal(self.ordinal_text) or self.ordinal_text,
            content=content,
            leads=leads.names,
            coordinators=coordinators.names,
            vague_leads=leads.vague,
            vague_coordinators=coordinators.vague,
            timing_text=self.text(Column.TIMING),
            timing=timing,
            product_text=product,
            note=note,
            is_conditional=read_condition(content, product, note, self.text(Column.TIMING)),
            blocked_until=read_blocking(self.text(Column.TIMING), note, content),
            extra=tuple((heading, " ".join(texts)) for heading, texts in self.extra.items()),
            warnings=(*self._missing(leads), *self.warnings, *leads.warnings, *coordinators.warnings),
            repairs=tuple(dict.fromkeys([*self.repairs, *self._misspelled(), *self._dittos(before)])),
            source=self._source(),
            deliverables=read_deliverables(product, len(timing.phases)),
            indicators=tuple(self._indicators(leads)),
        )

    def _indicators(self, leads: UnitNames) -> Iterator[Indicator]:
        """The targets of the deliverable and of the content, the lead answering for them where there is one."""
        place, content = self.rows[0].place, one_line(self.text(Column.CONTENT))
        found = indicators_in(self.text(Column.PRODUCT), place, named=content)
        told = {(each.value, each.unit) for each in found}
        found += [each for each in indicators_in(content, place) if (each.value, each.unit) not in told]
        found += indicators_in(self.text(Column.NOTE), place, named=content)
        found += to_be_told(self.text(Column.PRODUCT), place)
        owner = leads.names[0] if leads.names and not leads.vague else None
        return (replace(each, owner=owner) for each in found)

    def _part_units(self) -> None:
        """Part a cell that names lead and coordinators both; that of the lead may, where no other names these."""
        both = self.text(Column.UNITS)
        lead, *others = _IN_ONE_CELL.split(both or self.text(Column.LEAD))
        if not both and (self.text(Column.COORDINATORS) or not (others or _LEAD_LABEL.match(lead))):
            return
        self.parts[Column.LEAD] = list(filter(None, [_LEAD_LABEL.sub("", lead).strip(" ;,.\n–-")]))
        if others or both:
            self.parts[Column.COORDINATORS] = [_HELPS.sub("", other).strip() for other in others]
        if both and not others:
            self.warnings.append("Ô đơn vị không ghi rõ chủ trì, phối hợp; tạm đọc cả ô là chủ trì, cần kiểm tra.")

    def _missing(self, leads: UnitNames) -> list[str]:
        named = f"“{shorten(self.text(Column.CONTENT))}”"
        missing = []
        if not self.text(Column.CONTENT):
            missing.append(f"{self.where} chưa có nội dung nhiệm vụ; cần bổ sung hoặc bỏ dòng này.")
        if not leads.names:
            missing.append(f"{self.where} chưa có đơn vị chủ trì ({named}); cần chọn đơn vị trước khi giao.")
        for column, words in ((Column.TIMING, "thời gian thực hiện"), (Column.PRODUCT, "sản phẩm")):
            if column in self.columns and not self.text(column):
                missing.append(f"{self.where} chưa có {words}.")
        if _DITTO.match(self.text(Column.LEAD)):
            missing.append(f"{self.where} ghi đơn vị chủ trì “{self.text(Column.LEAD)}”; cần chọn đơn vị.")
        return missing

    def _misspelled(self) -> list[Repair]:
        return [repair for column, name in JSON_FIELDS.items() for repair in repairs_in(name, self.text(column))]

    def _dittos(self, before: TaskReading | None) -> list[Repair]:
        """ "nt" and its like stand for what the row above says."""
        if before is None:
            return []
        above = {
            Column.LEAD: before.source.lead_text,
            Column.COORDINATORS: before.source.coordinators_text,
            Column.TIMING: before.timing_text,
            Column.PRODUCT: before.product_text,
        }
        same = [column for column in above if _DITTO.match(self.text(column)) and above[column]]
        why = "ghi “như trên”"
        return [Repair(field=JSON_FIELDS[at], before=self.text(at), after=above[at], why=why) for at in same]

    def _source(self) -> TaskSource:
        return TaskSource(
            places=tuple(row.place for row in self.rows),
            raw=tuple(row.row.raw for row in self.rows),
            ordinal_text=self.ordinal_text,
            lead_text=one_line(self.text(Column.LEAD)),
            coordinators_text=one_line(self.text(Column.COORDINATORS)),
        )


def texts_of(row: BodyRow) -> dict[Column, str]:
    """A row's texts, with the number told from the text where both stand in one cell."""
    texts = dict(row.texts)
    number = texts.get(Column.ORDINAL, "")
    if marks_row(number):
        return texts
    if number:
        ordinal, rest = parted(number, sure=False)
        texts[Column.ORDINAL] = ordinal
        texts[Column.CONTENT] = " ".join(filter(None, [rest, texts.get(Column.CONTENT)]))
        return texts
    numbered = Column.ORDINAL not in row.columns or texts.get(Column.LEAD)
    if numbered and Column.ORDINAL not in row.above:
        texts[Column.ORDINAL], texts[Column.CONTENT] = parted(texts.get(Column.CONTENT, ""), sure=True)
    return texts


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
