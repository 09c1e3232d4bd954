"""Kept rehearsals, and cases that have ended, played on another version: would they have gone the same way?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from webapp.rehearsals.acts import Bundle
from webapp.rehearsals.queries import Kept
from webapp.rehearsals.stage import Played, theatre


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a kept rehearsal went on another version."""

    rehearsal_id: UUID
    name: str
    passed: bool
    after: int  # acts that went as before
    expected: tuple[str, ...]  # what waited then, where it went another way
    found: tuple[str, ...]
    fault: str | None


def run_again(ward: sa.Connection, tenant_id: UUID, kept: Iterable[Kept], bundle: Bundle) -> Iterator[Outcome]:
    """Play each on the bundle, and compare what waited after each act. Raises DefinitionRefused."""
    with theatre(ward, tenant_id, bundle) as stage:
        for one in kept:
            yield compare(one, stage.play(one.setting, one.acts))


def compare(kept: Kept, played: Played) -> Outcome:
    """Whether the same waited after each act."""
    assert kept.expected is not None
    pairs = list(zip(kept.expected, played.trail, strict=False))
    differs = next((n for n, (before, after) in enumerate(pairs) if before != after), None)
    if differs is not None:
        return Outcome(kept.id, kept.name, False, differs, *pairs[differs], played.fault)
    if len(played.trail) < len(kept.expected):
        stopped = len(played.trail)
        return Outcome(kept.id, kept.name, False, stopped, kept.expected[stopped], (), played.fault)
    return Outcome(kept.id, kept.name, True, len(kept.acts), (), (), None)
