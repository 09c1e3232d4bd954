"""What people correct in a draft is learned: proposed, never applied, where the ward reads the same again."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.ids import uuid7
from engine.text import fold
from engine.transaction import Transaction
from webapp.plans.models import LearnedName, LearnedRepair
from webapp.plans.reading import Repair

LONGEST: Final = 4
"""Words of a correction: more is another text, not a fault of reading put right."""
ALIKE: Final = 0.6
MOST: Final = 500
_WORD = re.compile(r"\S+")
_ENDS: Final = ".,;:()“”"


@dataclass(frozen=True, slots=True)
class Correction:
    before: str
    after: str


def corrections_between(before: str, after: str) -> Iterator[Correction]:
    """The few words that a person put right in a text, where the new are like the old; one word with its neighbour.

    By itself "dung" is a good word: only "ứng dung" is not.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    for change, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "replace" and last - first <= LONGEST and end - start <= LONGEST:
            found = Correction(" ".join(old[first:last]).strip(_ENDS), " ".join(new[start:end]).strip(_ENDS))
            if _is_misreading(found):
                ahead = old[first - 1].strip(_ENDS) if last - first == 1 and first else ""
                behind = old[last].strip(_ENDS) if last - first == 1 and not first and last < len(old) else ""
                yield Correction(_words(ahead, found.before, behind), _words(ahead, found.after, behind))


def _words(*words: str) -> str:
    return " ".join(filter(None, words))


def _is_misreading(found: Correction) -> bool:
    """Figures, and words that mean something else, are this plan's own matter."""
    has_figures = any(char.isdigit() for char in found.before + found.after)
    if has_figures or found.before == found.after or not (found.before and found.after):
        return False
    return SequenceMatcher(None, fold(found.before), fold(found.after), autojunk=False).ratio() >= ALIKE


def learn(tx: Transaction, before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str]]:
    """Keep what was put right between two states of a row's texts; return it."""
    found = [each for name, old in before.items() for each in corrections_between(old, after[name])]
    for each in found:
        learn_again(tx, each.before, each.after)
    return [(each.before, each.after) for each in found]


def learn_again(tx: Transaction, before: str, after: str, times: int = 1) -> None:
    """Count a correction as often as people made it."""
    new = LearnedRepair(id=uuid7(), tenant_id=tx.tenant_id, before=before, after=after, times=times)
    _count(tx, _known(tx, before, after), new)


def unlearn(tx: Transaction, before: str, after: str) -> None:
    """A correction was taken back: it counts once less."""
    _count_less(tx, _known(tx, before, after))


def forget(tx: Transaction, before: str, after: str) -> int:
    """Somebody refused what was learned: it isn't proposed again. Return how often people had done so."""
    return _drop(tx, _known(tx, before, after))


def _known(tx: Transaction, before: str, after: str) -> LearnedRepair | None:
    mine = LearnedRepair.tenant_id == tx.tenant_id, LearnedRepair.before == before, LearnedRepair.after == after
    return tx.session.scalar(sa.select(LearnedRepair).where(*mine))


def learn_name(tx: Transaction, name: str, unit_id: UUID, times: int = 1) -> None:
    """Count that people chose a unit for a name."""
    new = LearnedName(id=uuid7(), tenant_id=tx.tenant_id, name=name, unit_id=unit_id, times=times)
    _count(tx, _known_name(tx, name, unit_id), new)


def unlearn_name(tx: Transaction, name: str, unit_id: UUID) -> None:
    """A choice was taken back: it counts once less."""
    _count_less(tx, _known_name(tx, name, unit_id))


def forget_name(tx: Transaction, name: str, unit_id: UUID) -> int:
    """The name isn't taken for that unit again. Return how often people had chosen so."""
    return _drop(tx, _known_name(tx, name, unit_id))


def _known_name(tx: Transaction, name: str, unit_id: UUID) -> LearnedName | None:
    mine = LearnedName.tenant_id == tx.tenant_id, LearnedName.name == name, LearnedName.unit_id == unit_id
    return tx.session.scalar(sa.select(LearnedName).where(*mine))


def _count(tx: Transaction, known: LearnedRepair | LearnedName | None, new: LearnedRepair | LearnedName) -> None:
    if known is not None:
        known.times += new.times
        return
    tx.session.add(new)
    tx.session.flush()


def _count_less(tx: Transaction, known: LearnedRepair | LearnedName | None) -> None:
    if known is not None and known.times > 1:
        known.times -= 1
    else:
        _drop(tx, known)


def _drop(tx: Transaction, known: LearnedRepair | LearnedName | None) -> int:
    if known is None:
        return 0
    tx.session.delete(known)
    tx.session.flush()
    return known.times


class Learned:
    """What a ward has learned, looked for in the texts of an import."""

    def __init__(self, repairs: Sequence[tuple[str, str, int]]) -> None:
        self._repairs = {before: (after, times) for before, after, times in reversed(repairs)}
        words = "|".join(re.escape(before) for before in sorted(self._repairs, key=len, reverse=True))
        self._pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None

    def proposals(self, texts: Mapping[str, str]) -> Iterator[Repair]:
        """What to propose for a row; `texts` by the field of the reading."""
        for field, text in texts.items():
            found = dict.fromkeys(self._pattern.findall(text)) if self._pattern else {}
            for before in found:
                after, times = self._repairs[before]
                yield Repair(field=field, before=before, after=after, why=f"phường đã sửa như vậy {times} lần")


def learned_of(tx: Transaction) -> Learned:
    """The ward's, the most frequent first where there are very many."""
    query = (
        sa.select(LearnedRepair.before, LearnedRepair.after, LearnedRepair.times)
        .where(LearnedRepair.tenant_id == tx.tenant_id)
        .order_by(LearnedRepair.times.desc(), LearnedRepair.before)
        .limit(MOST)
    )
    return Learned([(row.before, row.after, row.times) for row in tx.session.execute(query)])
