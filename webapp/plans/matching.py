"""Which unit of the ward a name in a plan means: certain, likely, or none."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.text import fold
from webapp.organisation.models import Committee, Unit, UnitKind
from webapp.plans.reading.units import is_vague

LIKELY = 0.88
"""How alike two names must be to be proposed as one despite faults of reading."""
SHORTENED = 0.7
"""Confidence in a name that leaves words of the unit's out, or adds some."""
_ABOVE = re.compile(r"\b(thanh pho|tinh|trung uong|quan|huyen)\b")


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit as plans may name it."""

    id: UUID
    name: str
    short_name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    unit_id: UUID
    unit_name: str
    confidence: float  # 1: the very name, but for diacritics, dashes and "phường"

    @property
    def is_certain(self) -> bool:
        """Whether nobody needs to look."""
        return self.confidence == 1


class UnitMatcher:
    """Matches names with the units of one ward; `ward` is the ward's own name, which plans may add to a unit's."""

    def __init__(self, units: Iterable[KnownUnit], ward: str = "") -> None:
        self._units = tuple(units)
        self._ward = _plain(ward)
        self._cache: dict[str, Match | None] = {}

    def match(self, name: str) -> Match | None:
        """The one unit that a name means; None for a group, for a body outside, and where it might be several."""
        if name not in self._cache:
            key = self._key(name)
            self._cache[name] = None if not key or is_vague(name) else self._exact(key) or self._likely(key)
        return self._cache[name]

    def _exact(self, key: str) -> Match | None:
        found = self._by_key.get(key, ())
        return Match(found[0].id, found[0].name, 1) if len(found) == 1 else None

    def _likely(self, key: str) -> Match | None:
        """The only unit that is alike enough; two that are leave the choice to a person."""
        if key in self._by_key:
            return None
        degrees = {unit: max(_likeness(key, own) for own in self._keys_of(unit)) for unit in self._units}
        likely = [unit for unit, degree in degrees.items() if degree]
        return Match(likely[0].id, likely[0].name, round(degrees[likely[0]], 2)) if len(likely) == 1 else None

    @cached_property
    def _by_key(self) -> dict[str, list[KnownUnit]]:
        found: dict[str, list[KnownUnit]] = {}
        for unit in self._units:
            for key in set(self._keys_of(unit)):
                found.setdefault(key, []).append(unit)
        return found

    def _keys_of(self, unit: KnownUnit) -> Iterator[str]:
        return (self._key(name) for name in (unit.name, unit.short_name, *unit.aliases))

    def _key(self, name: str) -> str:
        """Without "phường" and the ward's name at the end."""
        key = _plain(name)
        if self._ward:
            key = re.sub(rf" phuong {re.escape(self._ward)}$", "", key)
        return re.sub(r" phuong$", "", key)


def _plain(name: str) -> str:
    """Letters and digits only: en dash and hyphen, "&" and "," make no difference."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(name.replace("&", " và "))).split())


def _likeness(name: str, own: str) -> float:
    """0 unless the two may well be the same unit's: other numbers, a body above the ward or a second name are not."""
    mine, theirs = name.split(), own.split()
    if _numbers(mine) != _numbers(theirs):
        return 0
    if (_above_ward(name) and not _above_ward(own)) or ("va" in mine and "va" not in theirs):
        return 0
    shorter, longer = sorted((mine, theirs), key=len)
    if 1 < len(shorter) < len(longer) and mine[0] == theirs[0] and _within(shorter, longer):
        return SHORTENED
    degree = SequenceMatcher(None, name, own, autojunk=False).ratio()
    return degree if degree >= LIKELY else 0


def _above_ward(name: str) -> bool:
    """Whether a name says that the body is not the ward's."""
    return bool(_ABOVE.search(name))


def _numbers(words: list[str]) -> set[str]:
    return {word for word in words if any(char.isdigit() for char in word)}


def _within(words: list[str], longer: list[str]) -> bool:
    rest = iter(longer)
    return all(word in rest for word in words)


def matcher_of(read: Session, tenant_id: UUID) -> UnitMatcher:
    """The matcher of a ward: its working units, but for the leaders' own, which carries no task out."""
    units = read.scalars(
        sa.select(Unit)
        .where(Unit.tenant_id == tenant_id, Unit.is_active, Unit.kind != UnitKind.COMMITTEE)
        .order_by(Unit.position)
    )
    committee = read.get(Committee, tenant_id)
    known = [KnownUnit(unit.id, unit.name, unit.short_name, tuple(unit.aliases.split("\n"))) for unit in units]
    return UnitMatcher(known, committee.place if committee else "")
