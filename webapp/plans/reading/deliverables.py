"""What a task is to bring forth: several things, each perhaps one of several, with what is asked of it in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from webapp.plans.reading.wording import one_line

_KNOWN: Final = (
    r"(?:báo cáo|kế hoạch|tờ trình|quyết định|chương trình|đề án|nghị quyết|văn bản|biên bản|đề xuất|hồ sơ|danh sách|"
    r"hướng dẫn|thông báo|quy chế|quy định|công văn|tài liệu|phương án|dự thảo)\b"
)
_NO_SPAN = r"(?!(?:(?<=\b\d\s)|(?<=\b\d\d\s)).\s+\d)(?!(?<=\b20\d\d\s).\s+20\d\d)"  # "01 - 02 lớp", "2026 - 2030"
_SEVERAL = re.compile(
    rf"\s*[;\n]\s*|\s*,\s*(?={_KNOWN})|\s+và\s+(?={_KNOWN})|\s*(?:^|(?<=\s)){_NO_SPAN}[-–+•]\s+", re.IGNORECASE
)
_ONE_OF = re.compile(r"(?<=[^\W\d])\s*/\s*(?=[^\W\d])(?!(?:năm|tháng|quý|tuần|lần)\b)", re.IGNORECASE)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_IF_ANY = re.compile(r"\bnếu\s+(?:có|phát sinh|triển khai)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"\bsố\s+\S*$|\d\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Deliverable:
    """One thing that a task is to bring forth."""

    text: str
    alternatives: tuple[str, ...] = ()  # any of these will do
    instruction: str | None = None  # what its brackets ask for
    is_conditional: bool = False  # "nếu có"
    phase: int | None = None  # which of the timing's phases it belongs to, from 0

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "alternatives": list(self.alternatives),
            "instruction": self.instruction,
            "conditional": self.is_conditional,
            "phase": self.phase,
        }


def read_deliverables(text: str, phases: int) -> tuple[Deliverable, ...]:
    """The deliverables of a cell; one for each phase of the timing where there are as many."""
    pieces = [*_pieces(text)]
    paired = phases > 1 and phases == len(pieces)
    return tuple(_deliverable(piece, index if paired else None) for index, piece in enumerate(pieces))


def _pieces(text: str) -> Iterator[str]:
    """The cell cut where another thing is named, brackets left whole."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return "\ue000"

    for piece in _SEVERAL.split(_BRACKETS.sub(keep, text.replace("\ue000", ""))):
        whole = re.sub("\ue000", lambda _: kept.pop(0), piece or "")
        if whole := one_line(whole).strip(" .,;"):
            yield whole


def _deliverable(text: str, phase: int | None) -> Deliverable:
    asked = [inner.strip() for inner in _BRACKETS.findall(text) if not _IF_ANY.search(inner)]
    named = _BRACKETS.sub("", text).strip(" .,;")
    ways = [way.strip() for way in _ONE_OF.split(named)]
    is_choice = len(ways) > 1 and not any(_NUMBERED.search(way) for way in ways[:-1])
    return Deliverable(
        text, tuple(ways) if is_choice else (), "; ".join(filter(None, asked)) or None,
        bool(_IF_ANY.search(text)), phase,
    )  # fmt: skip
