"""What a change has moved to whom, as its events recorded it."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.events import Fact, decode
from engine.facts import PartiesChanged, UserTaskMoved
from engine.models import Event
from webapp.unit_changes.destinations import name_of_change
from webapp.unit_changes.facts import EntriesFollowed, UnitSucceeded
from webapp.unit_changes.models import UnitChange

WORDS = {
    "people": "người", "tasks": "nhiệm vụ chưa xong", "cases": "hồ sơ đang chạy",
    "entries": "dòng trong kỳ báo cáo đang mở", "indicators": "chỉ tiêu phụ trách", "plans": "kế hoạch làm đầu mối",
}  # fmt: skip
AT_ONCE = ("people", "tasks", "indicators", "plans")
"""What goes on the day itself; cases follow one by one."""
Moved = tuple[str, str, str]
"""What kind of thing, which one, and the unit that has it."""


def moved_by(read: Session, change_id: UUID) -> list[tuple[str, str]]:
    """By successor, what has come to it; nothing before the day of the change."""
    change = read.get_one(UnitChange, change_id)
    if change.begun_at is None:
        return []
    moved = set(_moved(read, change))
    return [
        (one.name, _words(str(one.unit_id), moved) or "Không có gì chuyển đến")
        for one in change.successors if one.unit_id != change.unit_id
    ]  # fmt: skip


def _words(unit_id: str, moved: set[Moved]) -> str:
    kinds = [kind for kind, _, to in moved if to == unit_id]
    return "; ".join(f"{kinds.count(kind)} {name}" for kind, name in WORDS.items() if kind in kinds)


def _moved(read: Session, change: UnitChange) -> Iterator[Moved]:
    events = sa.select(Event.stream, Event.data).where(
        Event.tenant_id == change.tenant_id, Event.at >= change.begun_at,
        Event.type.in_((UnitSucceeded.name, PartiesChanged.name)),
    )  # fmt: skip
    until = events if change.ended_at is None else events.where(Event.at <= change.ended_at)
    for stream, data in read.execute(until):
        facts = decode(data)
        match facts[0]:
            case UnitSucceeded(change_id=change.id) as succeeded:
                yield from _on_the_day(succeeded)
            case PartiesChanged() as changed if changed.reason == name_of_change(change):
                yield from _with_a_case(str(stream), str(change.unit_id), changed, facts)


def _on_the_day(succeeded: UnitSucceeded) -> Iterator[Moved]:
    for kind in AT_ONCE:
        for one in getattr(succeeded, kind):
            which, _, to = one.partition("@")
            yield kind, which, to


def _with_a_case(case: str, old: str, changed: PartiesChanged, facts: Sequence[Fact]) -> Iterator[Moved]:
    """The case, by its parties or its open steps, and its rows in cycles."""
    after = orjson.loads(changed.parties)
    for party, unit in orjson.loads(changed.previous).items():
        if unit == old:
            yield "cases", case, after[party]
    for fact in facts:
        if isinstance(fact, UserTaskMoved):
            yield "cases", case, fact.desk.partition("@")[2]
        elif isinstance(fact, EntriesFollowed):
            yield from (("entries", entry, str(fact.unit_id)) for entry in fact.entries)
