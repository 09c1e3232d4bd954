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


def compare(before: Sequence[PlanTask], after: Sequence[PlanTask]) -> tuple[Pair, ...]:
    """In the order of the later plan, what is gone last. Those most alike are taken for the same first.

    Where a person has said which goes on as which, nothing is guessed.
    """
    known = _said(before, after)
    taken = {task.id for task in known.values()}
    likeness = [] if known else sorted(_alike(before, after), key=lambda found: -found[0])
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
    return FEWEST_WORDS <= len(shorter) < len(longer) and [word.strip(",;.") for word in longer[: len(shorter)]] == [
        word.strip(",;.") for word in shorter
    ]


def _pair(before: PlanTask | None, after: PlanTask) -> Pair:
    if before is None:
        return Pair(None, after)
    told = (
        ("Nội dung", before.content, after.content), ("Thời gian", before.timing_text, after.timing_text),
        ("Hạn", _day(before), _day(after)), ("Sản phẩm", before.product_text, after.product_text),
        ("Chủ trì", units_of(before, UnitPart.LEAD), units_of(after, UnitPart.LEAD)),
        ("Phối hợp", units_of(before, UnitPart.COORDINATOR), units_of(after, UnitPart.COORDINATOR)),
    )  # fmt: skip
    return Pair(before, after, tuple(change for change in told if fold(change[1]) != fold(change[2])))


def _day(task: PlanTask) -> str:
    return f"{task.due_on:%d/%m/%Y}" if task.due_on else ""


def units_of(task: PlanTask, part: UnitPart) -> str:
    """The names of the units that have a part in a task."""
    return "; ".join(sorted(row.unit.short_name for row in task.units if row.part is part))
