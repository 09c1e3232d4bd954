"""Two things measured in turns, so that whatever else the machine does falls on both alike."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

WARM_UP = 20
"""Pairs that are not counted: caches fill, code is compiled."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line: what was measured, what it is measured against, and how many times the one is the other."""

    row: str
    database: str
    figure: float
    floor: float
    ratio: float
    unit: str

    @classmethod
    def of(cls, row: str, database: str, figure: float, floor: float, unit: str = "ms") -> "Result":
        """With the ratio."""
        return cls(row, database, round(figure, 3), round(floor, 3), round(figure / floor, 2), unit)


Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of each figure and each floor."""

    figures: Sequence[float]
    floors: Sequence[float]

    def at_median(self, row: str, database: str) -> Result:
        """The medians compared."""
        return Result.of(row, database, median(self.figures), median(self.floors))

    def at_p95(self, row: str, database: str) -> Result:
        """What nineteen of twenty stay below, compared."""
        return Result.of(row, database, p95(self.figures), p95(self.floors))


def in_turns(pairs: Iterable[tuple[Act, Act]]) -> Times:
    """Time each (floor, figure), floor first in every other pair."""
    floors: list[float] = []
    figures: list[float] = []
    for number, (floor, figure) in enumerate(pairs):
        acts = [(floor, floors), (figure, figures)]
        for act, times in acts if number % 2 else reversed(acts):
            times.append(timed(act))
    return Times(figures[WARM_UP:], floors[WARM_UP:])


def timed(act: Act) -> float:
    """Milliseconds that it takes."""
    begun = perf_counter()
    act()
    return (perf_counter() - begun) * 1000


def p95(times: Sequence[float]) -> float:
    """What nineteen of twenty stay below."""
    return quantiles(times, n=20)[-1]
