"""The groups of a plan: which headings make groups, which stand above or below them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from webapp.plans.reading.blocks import Place
from webapp.plans.reading.headings import Heading, Numbering, roman, same_title
from webapp.plans.reading.ordinals import figures
from webapp.plans.reading.readings import GroupReading


@dataclass(slots=True)
class Outline:
    """The headings met so far, and where a task met now belongs.

    Groups are the headings in Roman numerals. A plan without them is grouped by its outermost headings, whose place
    in the order gives the numeral.
    """

    kinds: list[Numbering]  # of the whole plan, in order of first appearance, so outermost first
    groups: list[GroupReading] = field(default_factory=list)
    prefix: str = ""  # "A." before the group's numeral
    part: str | None = None  # the heading above the groups
    sections: list[Heading] = field(default_factory=list)
    current: int | None = None
    last_is_group: bool = False

    @property
    def group(self) -> str:
        return "" if self.current is None else self.groups[self.current].group

    @property
    def section(self) -> str | None:
        return " / ".join(heading.title for heading in self.sections) or None

    def open(self, heading: Heading, place: Place) -> bool:
        """Enter a heading; False when it only repeats the one that is open."""
        rank, of_groups = self._rank(heading.numbering), self._rank(self._group_kind())
        self.last_is_group = rank == of_groups
        if rank < of_groups:
            self.prefix, self.current, self.sections = f"{heading.label}." if heading.label else "", None, []
            self.part = f"{self.prefix} {heading.title}".strip()
            return True
        if rank > of_groups:
            return self._open_section(heading, rank)
        return self._open_group(heading, place)

    def extend_title(self, text: str) -> None:
        """Take in the rest of a title that a page break cut."""
        if self.last_is_group and self.current is not None:
            group = self.groups[self.current]
            self.groups[self.current] = replace(group, title=f"{group.title} {text}".strip())
        elif self.sections:
            self.sections[-1] = replace(self.sections[-1], title=f"{self.sections[-1].title} {text}")
        elif self.part:
            self.part = f"{self.part} {text}"

    def leave(self) -> None:
        """Step out of every heading, where another annex begins."""
        self.prefix, self.part, self.current, self.sections = "", None, None, []

    def leave_parent(self, ordinal: str, before: str) -> None:
        """Step out of the heading "2" when the task "3", of its own rank, follows its children 2.1, 2.2 or a, b."""
        own, last = figures(ordinal), figures(before)
        if len(own) != 1 or len(last) == 1:
            return
        while self.sections and self.sections[-1].numbering in (Numbering.NUMBER, Numbering.DOTTED):
            if self.sections[-1].numbering is Numbering.NUMBER and self.sections[-1].value + 1 != own[0]:
                return
            self.sections.pop()
        if self.current is not None and self.groups[self.current].label == str(own[0] - 1):
            self.current = None

    def _open_group(self, heading: Heading, place: Place) -> bool:
        label = self.prefix + roman(min(heading.value or len(self.groups) + 1, 39))
        same_label = self.current is not None and self.group == label
        if same_label and same_title(self.groups[self.current or 0].title, heading.title):
            return False
        self.groups.append(
            GroupReading(group=label, label=heading.label, title=heading.title, part=self.part, place=place)
        )
        self.current, self.sections = len(self.groups) - 1, []
        return True

    def _open_section(self, heading: Heading, rank: int) -> bool:
        if self.sections and same_title(self.sections[-1].title, heading.title):
            return False
        self.sections = [*(outer for outer in self.sections if self._rank(outer.numbering) < rank), heading]
        return True

    def _rank(self, numbering: Numbering) -> int:
        # Headings without a number stand below every numbered one.
        if numbering is Numbering.NONE and len(self.kinds) > 1:
            return len(self.kinds)
        return self.kinds.index(numbering)

    def _group_kind(self) -> Numbering:
        numbered = [kind for kind in self.kinds if kind is not Numbering.NONE] or self.kinds
        return Numbering.ROMAN if Numbering.ROMAN in numbered else numbered[0]
