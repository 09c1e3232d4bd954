"""Two plans side by side: which tasks stayed, changed, are new, are gone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from uuid import UUID

from engine.text import fold
from webapp.plans.models import PlanTask, UnitPart

ALIKE = 0.72
"""Contents at least as alike are one task that was worded anew."""
CONTENT = "Nội dung"
HALF = 0.5
"""Of the shorter text, the share of words in common from which on what was changed is shown within it."""
FEWEST_WORDS = 5
"""So many words, and more behind them, are one task that says more, however much more."""


class Fate(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Pair:
    """A task in the earlier plan and in the later one; one of them may be missing."""

    before: PlanTask | None
    after: PlanTask | None
    changes: tuple[tuple[str, str, str], ...] = ()  # what, as it was, as it is

    @property
    def fate(self) -> Fate:
        """What became of it."""
        if self.before is None:
            return Fate.NEW
        if self.after is None:
            return Fate.GONE
        return Fate.CHANGED if self.changes else Fate.SAME


def compare(before: Sequence[PlanTask], after: Sequence[PlanTask], *, guess: bool = True) -> tuple[Pair, ...]:
    """In the order of the later plan, what is gone last. Those most alike are taken for the same first.

    Where a person has said which goes on as which, or that none does, nothing is guessed.
    """
    known = _said(before, after)
    taken = {task.id for task in known.values()}
    likeness = [] if known or not guess else sorted(_alike(before, after), key=lambda found: -found[0])
    for _, old, new in likeness:
        if new.id not in known and old.id not in taken:
            known[new.id] = old
            taken.add(old.id)
    pairs = [_pair(known.get(task.id), task) for task in after]
    return (*pairs, *(Pair(task, None) for task in before if task.id not in taken))


def _said(before: Sequence[PlanTask], after: Sequence[PlanTask]) -> dict[UUID, PlanTask]:
    earlier = {task.id: task for task in before}
    return {task.id: earlier[task.continues_id] for task in after if task.continues_id in earlier}


def _alike(before: Sequence[PlanTask], after: Sequence[PlanTask]) -> Iterator[tuple[float, PlanTask, PlanTask]]:
    for new in after:
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(fold(new.content))
        for old in before:
            if _goes_on(fold(old.content), fold(new.content)):
                yield ALIKE, old, new
                continue
            matcher.set_seq1(fold(old.content))
            if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE:
                ratio = matcher.ratio()
                if ratio >= ALIKE:
                    yield ratio, old, new


def _goes_on(one: str, other: str) -> bool:
    """Whether one is the other with something behind it."""
    shorter, longer = sorted((one.split(), other.split()), key=len)
    return FEWEST_WORDS <= len(shorter) < len(longer) and _bare(longer[: len(shorter)]) == _bare(shorter)


def _bare(words: Sequence[str]) -> list[str]:
    return [word.strip(",;.") for word in words]


def _pair(before: PlanTask | None, after: PlanTask) -> Pair:
    if before is None:
        return Pair(None, after)
    told = (
        (CONTENT, before.content, after.content), ("Thời gian", before.timing_text, after.timing_text),
        ("Hạn", _day(before), _day(after)), ("Sản phẩm", before.product_text, after.product_text),
        ("Chủ trì", lead_of(before), lead_of(after)),
        ("Đồng chủ trì", units_of(before, UnitPart.SECOND_LEAD), units_of(after, UnitPart.SECOND_LEAD)),
        ("Phối hợp", _coordinators_of(before), _coordinators_of(after)),
    )  # fmt: skip
    return Pair(before, after, tuple(change for change in told if fold(change[1]) != fold(change[2])))


def _day(task: PlanTask) -> str:
    return f"{task.due_on:%d/%m/%Y}" if task.due_on else ""


def lead_of(task: PlanTask) -> str:
    """Who leads it; as the plan says it while nobody has said which units that means."""
    return units_of(task, UnitPart.LEAD) or task.lead_text or ""


def _coordinators_of(task: PlanTask) -> str:
    return units_of(task, UnitPart.COORDINATOR) or task.coordinators_text or ""


def worded(before: str, after: str) -> Iterator[tuple[str, str]]:
    """The words of both in one text, by what became of them: those that stay ("="), went ("-") and came ("+")."""
    old, new = before.split(), after.split()
    matcher = SequenceMatcher(None, _bare(old), _bare(new), autojunk=False)
    common = sum(block.size for block in matcher.get_matching_blocks())
    changes = matcher.get_opcodes() if common >= HALF * min(len(old), len(new)) else [("", 0, len(old), 0, len(new))]
    for what, start, end, start_new, end_new in changes:
        if what == "equal":
            yield "=", " ".join(new[start_new:end_new])
            continue
        yield from (("-", " ".join(old[start:end])),) if end > start else ()
        yield from (("+", " ".join(new[start_new:end_new])),) if end_new > start_new else ()


def units_of(task: PlanTask, part: UnitPart) -> str:
    """The names of the units that have a part in a task."""
    return "; ".join(sorted(row.unit.short_name for row in task.units if row.part is part))
