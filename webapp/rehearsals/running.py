"""Kept rehearsals, and cases that have ended, played on another version: would they have gone the same way?"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.rehearsals.acts import Bundle
from webapp.rehearsals.queries import Kept, kept_rehearsals
from webapp.rehearsals.stage import Played, theatre


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a kept rehearsal went on another version."""

    rehearsal_id: UUID
    name: str
    passed: bool
    after: int  # acts that went as before
    act: str  # the element of the one with which it went another way; none where that was the start, or a wait
    expected: tuple[str, ...]  # what waited then, where it went another way
    found: tuple[str, ...]
    fault: str | None  # why the act could not be done

    @property
    def begins(self) -> bool:
        """Whether it came so far that there is a way to keep."""
        return bool(self.after or self.found)

    @property
    def come(self) -> list[str]:
        """What would wait instead."""
        return list((Counter(self.found) - Counter(self.expected)).elements())

    @property
    def gone(self) -> list[str]:
        """What would not wait."""
        return list((Counter(self.expected) - Counter(self.found)).elements())


def run_again(ward: sa.Connection, tenant_id: UUID, kept: Iterable[Kept], bundle: Bundle) -> Iterator[Outcome]:
    """Play each on the bundle, and compare what waited after each act. Raises DefinitionRefused."""
    with theatre(ward, tenant_id, bundle) as stage:
        for one in kept:
            yield compare(one, stage.play(one.setting, one.acts))


def going_other_ways(read: Session, tenant_id: UUID, key: str, bundle: Bundle) -> str:
    """Which kept rehearsals of a procedure do so on a bundle, in words; empty where none does.

    Raises DefinitionRefused.
    """
    kept = kept_rehearsals(read, tenant_id, key)
    outcomes = run_again(read.connection(), tenant_id, kept, bundle) if kept else ()
    others = [f"“{one.name}”" for one in outcomes if not one.passed]
    return f"Bài thử đi khác trên bản này: {', '.join(others)}." if others else ""


def compare(kept: Kept, played: Played) -> Outcome:
    """Whether the same waited after each act. What became of the acts after another way is no news."""
    assert kept.expected is not None
    pairs = list(zip(kept.expected, played.trail, strict=False))
    differs = next((n for n, (before, after) in enumerate(pairs) if before != after), len(pairs))
    act = kept.acts[differs - 1].element_id if 0 < differs <= len(kept.acts) else ""
    if differs < len(pairs):
        return Outcome(kept.id, kept.name, False, differs, act, *pairs[differs], None)
    if differs < len(kept.expected):
        return Outcome(kept.id, kept.name, False, differs, act, kept.expected[differs], (), played.fault)
    return Outcome(kept.id, kept.name, True, len(kept.acts), "", (), (), None)
