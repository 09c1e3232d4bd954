"""Two things measured in turns, so that whatever else the machine does falls on both alike."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

WARM_UP = 20
"""Pairs that are not counted: caches fill, code is compiled."""


@dataclass(frozen=True, slots=True)
class Result:
    """One row: medians in milliseconds, and how many floors the figure is high."""

    row: str
    database: str
    figure: float
    floor: float
    ratio: float
    unit: str
    figure_p95: float
    floor_p95: float
    samples: int


Act = Callable[[], object]


def in_turns(row: str, database: str, pairs: Iterable[tuple[Act, Act]]) -> Result:
    """Time each (floor, figure), floor first in every other pair."""
    floors: list[float] = []
    figures: list[float] = []
    for number, (floor, figure) in enumerate(pairs):
        acts = [(floor, floors), (figure, figures)]
        for act, times in acts if number % 2 else reversed(acts):
            times.append(_timed(act))
    return _result(row, database, figures[WARM_UP:], floors[WARM_UP:])


def _timed(act: Act) -> float:
    begun = perf_counter()
    act()
    return (perf_counter() - begun) * 1000


def _result(row: str, database: str, figures: list[float], floors: list[float]) -> Result:
    figure, floor = median(figures), median(floors)
    return Result(
        row, database, round(figure, 3), round(floor, 3), round(figure / floor, 2), "ms",
        round(_p95(figures), 3), round(_p95(floors), 3), len(figures),
    )  # fmt: skip


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]
