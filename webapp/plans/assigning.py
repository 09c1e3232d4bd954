"""The units of a row, told from the names in its cells; what is not certain is said, never guessed silently."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.ids import uuid7
from webapp.plans.matching import SPLIT, UnitMatcher
from webapp.plans.models import PlanTask, PlanTaskUnit, UnitPart
from webapp.plans.reading.units import is_vague


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who has which part of a task, and what a person must look at."""

    parts: tuple[tuple[UnitPart, UUID], ...] = ()
    warnings: tuple[str, ...] = ()


def assignment_of(leads: Sequence[str], coordinators: Sequence[str], matcher: UnitMatcher) -> Assignment:
    """Lead, second lead and coordinators by their names.

    A group as lead stays open, however many units it might mean; one among the coordinators is asked only when the
    lead asks.
    """
    written = leads
    leads, coordinators = _cut(leads, matcher), _cut(coordinators, matcher)
    lead = matcher.match(leads[0]) if leads else None
    second = matcher.match(leads[1]) if len(leads) > 1 else None
    parts = {unit.unit_id: part for part, unit in ((UnitPart.SECOND_LEAD, second), (UnitPart.LEAD, lead)) if unit}
    for name in coordinators:
        if (match := matcher.match(name)) is not None:
            parts.setdefault(match.unit_id, UnitPart.COORDINATOR)
    ordered = sorted(parts.items(), key=lambda item: list(UnitPart).index(item[1]))
    warnings = (*_parted(written, leads), *_doubts([*leads, *coordinators], matcher), *_further_leads(leads, matcher))
    return Assignment(tuple((part, unit_id) for unit_id, part in ordered), warnings)


def _cut(names: Sequence[str], matcher: UnitMatcher) -> tuple[str, ...]:
    """What the reading left whole, cut by the names that the ward knows."""
    return tuple(piece for name in names for piece in matcher.cut(name))


def _parted(written: Sequence[str], leads: Sequence[str]) -> Iterator[str]:
    if len(leads) > len(written):
        yield f"“{'; '.join(written)}” được hiểu là {len(leads)} đơn vị chủ trì: {'; '.join(leads)}; cần kiểm tra."


def _doubts(names: Sequence[str], matcher: UnitMatcher) -> Iterator[str]:
    for name in dict.fromkeys(names):
        match = matcher.match(name)
        if match is not None and match.former_name and match.confidence <= SPLIT:
            yield f"“{name}” là tên cũ của đơn vị đã tách: tạm ghi {match.unit_name}; chọn lại nếu là đơn vị khác."
        elif match is not None and match.former_name:
            yield f"“{name}” là tên cũ: nay là {match.unit_name}; cần kiểm tra."
        elif match is not None and match.learned:
            yield f"“{name}” được hiểu là {match.unit_name} như phường đã chọn {match.learned} lần; cần kiểm tra."
        elif match is not None and not match.is_certain:
            yield f"“{name}” được hiểu là {match.unit_name}; cần kiểm tra."


def _further_leads(leads: Sequence[str], matcher: UnitMatcher) -> Iterator[str]:
    if len(leads) > 1 and matcher.match(leads[1]) is None:
        kind = "một nhóm" if is_vague(leads[1]) else "chưa có trong danh sách đơn vị"
        yield f"Đơn vị chủ trì thứ hai “{leads[1]}” là {kind}; cần chọn đơn vị, hoặc để trống."
    if len(leads) > 2:
        named = "; ".join(leads[2:])
        yield f"Có {len(leads)} đơn vị chủ trì; mới ghi nhận hai đơn vị đầu, còn “{named}” cần xem lại."


def put_units(task: PlanTask, parts: Sequence[tuple[UnitPart, UUID]]) -> None:
    """Give a task its units, those that stay keeping their rows."""
    kept = {(row.part, row.unit_id): row for row in task.units}
    wanted = dict.fromkeys(parts)
    task.units[:] = [kept.get(key) or PlanTaskUnit(id=uuid7(), part=key[0], unit_id=key[1]) for key in wanted]
    for position, row in enumerate(task.units):
        row.position = position
