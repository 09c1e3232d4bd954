"""Kept rehearsals, and cases that have ended, played on another version: would they have gone the same way?"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Rejected
from webapp.rehearsals.acts import Bundle
from webapp.rehearsals.queries import Kept
from webapp.rehearsals.stage import Played, play


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
    """Play each on the bundle, and compare what waited after each act."""
    for one in kept:
        yield _outcome(one, lambda one=one: play(ward, tenant_id, bundle, one.setting, one.acts))  # type: ignore[misc]


def _outcome(kept: Kept, perform: Callable[[], Played]) -> Outcome:
    assert kept.expected is not None
    try:
        played = perform()
    except Rejected as refusal:
        return Outcome(kept.id, kept.name, False, 0, (), (), str(refusal))
    pairs = list(zip(kept.expected, played.trail, strict=False))
    differs = next((n for n, (before, after) in enumerate(pairs) if before != after), None)
    if differs is not None:
        return Outcome(kept.id, kept.name, False, differs, *pairs[differs], played.fault)
    if len(played.trail) < len(kept.expected):
        stopped = len(played.trail)
        return Outcome(kept.id, kept.name, False, stopped, kept.expected[stopped], (), played.fault)
    return Outcome(kept.id, kept.name, True, len(kept.acts), (), (), None)
