"""Which unit of the ward a name in a plan means: certain, likely, or none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.text import fold
from webapp.organisation.models import Committee, Unit, UnitKind, UnitSuccession
from webapp.plans.models import LearnedName
from webapp.plans.reading.units import is_vague

LIKELY = 0.88
"""How alike two names must be to be proposed as one despite faults of reading."""
MOST_PIECES = 60
"""Pieces and separators of a name that is looked through for known ones; a cell of more is left whole."""
ABBREVIATED = 0.95
"""Confidence in a name whose letters stand for the words of the unit's: "VHXH", "TT PVHCC"."""
SPLIT = 0.6
"""Confidence in the first of several that have the place of the unit that a paper names."""
LEARNED = 0.97
"""Confidence in a name for which people of the ward chose the unit before."""
MOST_LEARNED = 500
SHORTENED = 0.7
"""Confidence in a name that leaves words of the unit's out, or adds some."""
_WRITTEN_OUT = {
    "lh": "lien hiep", "lhpn": "lien hiep phu nu", "pn": "phu nu", "tt": "trung tam", "ca": "cong an", "th": "tieu hoc",
    "mttq": "mat tran to quoc", "ubmttq": "uy ban mat tran to quoc", "ubmt": "uy ban mat tran", "ub": "uy ban",
    "hdnd": "hoi dong nhan dan", "ubnd": "uy ban nhan dan", "hcc": "hanh chinh cong", "ktht": "kinh te ha tang",
    "pvhcc": "phuc vu hanh chinh cong", "vhxh": "van hoa xa hoi", "vh": "van hoa", "xh": "xa hoi", "tn": "thanh nien",
    "dvsnc": "dich vu su nghiep cong", "vp": "van phong", "p": "phong", "dt": "do thi", "vn": "viet nam",
}  # fmt: skip
_SEPARATORS = re.compile(r"(\s*[,;+/]\s*(?:và\s+)?|\s+(?:và|cùng)\s+|\s+[-–]\s+)")
_ABOVE = re.compile(r"\b(thanh pho|tinh|trung uong|quan|huyen)\b")


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit as plans may name it."""

    id: UUID
    name: str
    short_name: str
    aliases: tuple[str, ...] = ()
    succeeded_by: KnownUnit | None = None  # who has its place: the names are those of older papers
    is_split: bool = False  # several have its place


@dataclass(frozen=True, slots=True)
class Match:
    unit_id: UUID
    unit_name: str
    confidence: float  # 1: the very name, but for diacritics, dashes and "phường"
    former_name: str = ""  # of the unit whose place it has, where the paper still says that
    learned: int = 0  # how often people chose it for the name

    @property
    def is_certain(self) -> bool:
        """Whether nobody needs to look."""
        return self.confidence == 1


class UnitMatcher:
    """Matches names with the units of one ward; `ward` is the ward's own name, which plans may add to a unit's.

    `learned` are names with the unit that people chose and how often, the most frequent first.
    """

    def __init__(
        self, units: Iterable[KnownUnit], ward: str = "", learned: Iterable[tuple[str, UUID, int]] = ()
    ) -> None:
        self._units = tuple(units)
        self._ward = _plain(ward)
        own = {unit.id: unit for unit in self._units if unit.succeeded_by is None}
        self._learned: dict[str, Match] = {}
        for name, unit_id, times in learned:
            if (unit := own.get(unit_id)) is not None:
                self._learned.setdefault(self._key(name), Match(unit.id, unit.name, LEARNED, learned=times))
        self._cache: dict[str, Match | None] = {}

    def match(self, name: str) -> Match | None:
        """The one unit that a name means; None for a group, for a body outside, and where it might be several."""
        if name not in self._cache:
            key = self._key(name)
            self._cache[name] = None if not key or is_vague(name) else self._found(key)
        return self._cache[name]

    def _found(self, key: str) -> Match | None:
        return self._exact(key) or self._learned.get(key) or self._abbreviated(key) or self._likely(key)

    def cut(self, name: str) -> tuple[str, ...]:
        """A name parted at ",", "và" or "-" where every piece is a known unit's very name or a group; else as it is.

        The longest known name wins, so that "Phòng Kinh tế, Hạ tầng và Đô thị" is never cut.
        """
        if self._exact(self._key(name)) is not None:
            return (name,)
        pieces = _SEPARATORS.split(name)
        if len(pieces) > MOST_PIECES:
            return (name,)
        found: list[str] = []
        at = 0
        while at < len(pieces):
            length = self._longest(pieces[at:])
            if not length:
                return (name,)
            found.append("".join(pieces[at : at + length]).strip())
            at += length + 1
        return tuple(found)

    def named_in(self, name: str) -> Iterator[Match]:
        """The units whose names or abbreviations are parts of a name, whatever else it says."""
        pieces = _SEPARATORS.split(name)[:MOST_PIECES]
        at = 0
        while at < len(pieces):
            length, match = self._first_named(pieces[at:])
            if match is not None:
                yield match
            at += length + 1

    def _first_named(self, pieces: list[str]) -> tuple[int, Match | None]:
        """How many pieces from the first on surely name one unit, and which; else whom the first alone may name."""
        for length in range(len(pieces), 0, -1):
            key = self._key("".join(pieces[:length])) if length % 2 else ""
            if key and (match := self._exact(key) or self._abbreviated(key)):
                return length, match
        return 1, self.match(pieces[0])

    def _longest(self, pieces: list[str]) -> int:
        """How many pieces from the first on, separators included, are one known name or group; 0 where none are."""
        for length in range(len(pieces), 0, -1):
            text = "".join(pieces[:length])
            known = length % 2 and self._key(text) and self._exact(self._key(text)) is not None
            if known or (length == 1 and is_vague(text)):
                return length
        return 0

    def _exact(self, key: str) -> Match | None:
        return _only(self._by_key.get(key, ()), 1)

    def _abbreviated(self, key: str) -> Match | None:
        """The only unit whose name the letters stand for."""
        if key in self._by_key:
            return None
        written_out = _written_out(key)
        units = [unit for unit in self._units if any(_stands_for(written_out, own) for own in self._written(unit))]
        return _only(units, ABBREVIATED)

    def _written(self, unit: KnownUnit) -> Iterator[str]:
        return (_written_out(key) for key in self._keys_of(unit))

    def _likely(self, key: str) -> Match | None:
        """The only unit that is alike enough; two that are leave the choice to a person."""
        if key in self._by_key:
            return None
        degrees = {unit: max(_likeness(key, own) for own in self._keys_of(unit)) for unit in self._units}
        likely = [unit for unit, degree in degrees.items() if degree]
        return _only(likely, round(degrees[likely[0]], 2)) if likely else None

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


def _only(found: Sequence[KnownUnit], confidence: float) -> Match | None:
    """The one unit that is meant; a name that is used now is never taken for an older one."""
    found = [unit for unit in found if unit.succeeded_by is None] or list(found)
    units = {(unit.succeeded_by or unit).id: unit for unit in found}
    if len(units) != 1:
        return None
    (unit,) = units.values()
    if unit.succeeded_by is None:
        return Match(unit.id, unit.name, confidence)
    sure = min(confidence, SPLIT) if unit.is_split else confidence
    return Match(unit.succeeded_by.id, unit.succeeded_by.name, sure, unit.name)


def _plain(name: str) -> str:
    """Letters and digits only: en dash and hyphen, "&" and "," make no difference."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(name.replace("&", " và "))).split())


def _written_out(key: str) -> str:
    return " ".join(_WRITTEN_OUT.get(word, word) for word in key.split())


def _stands_for(name: str, own: str) -> bool:
    """Whether a name is another's, word for word but for letters that stand for several of its words."""
    return _reaches(name.split(), [word for word in own.split() if word != "va"])


def _reaches(words: list[str], own: list[str]) -> bool:
    words = [word for word in words if word != "va"]
    if not words or not own:
        return not words and not own
    first, rest = words[0], words[1:]
    if first == own[0] and _reaches(rest, own[1:]):
        return True
    initials = "".join(word[0] for word in own[: len(first)])
    return 1 < len(first) <= len(own) and first == initials and _reaches(rest, own[len(first) :])


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
    working = read.scalars(
        sa.select(Unit)
        .where(Unit.tenant_id == tenant_id, Unit.is_active, Unit.kind != UnitKind.COMMITTEE)
        .order_by(Unit.position)
    )
    committee = read.get(Committee, tenant_id)
    known = {unit.id: _known(unit) for unit in working}
    learned = read.execute(
        sa.select(LearnedName.name, LearnedName.unit_id, LearnedName.times)
        .where(LearnedName.tenant_id == tenant_id)
        .order_by(LearnedName.times.desc(), LearnedName.name)
        .limit(MOST_LEARNED)
    )
    units = [*known.values(), *_former(read, known)]
    names = ((row.name, row.unit_id, row.times) for row in learned)
    return UnitMatcher(units, committee.place if committee else "", names)


def _known(unit: Unit, succeeded_by: KnownUnit | None = None, *, is_split: bool = False) -> KnownUnit:
    names = unit.name, unit.short_name, tuple(unit.aliases.split("\n"))
    return KnownUnit(unit.id, *names, succeeded_by, is_split)


def _former(read: Session, known: Mapping[UUID, KnownUnit]) -> Iterator[KnownUnit]:
    """Units that are no more, each with who has its place."""
    rows = read.execute(
        sa.select(Unit, UnitSuccession)
        .join(UnitSuccession, UnitSuccession.predecessor_id == Unit.id)
        .where(Unit.ended_on.is_not(None), UnitSuccession.successor_id.in_(known), UnitSuccession.is_partial.is_(False))
        .order_by(Unit.id, UnitSuccession.is_main.desc(), UnitSuccession.successor_id)
    ).all()
    for unit, others in groupby(rows, key=lambda row: row.Unit):
        places = [row.UnitSuccession for row in others]
        yield _known(unit, known[places[0].successor_id], is_split=len(places) > 1)
