"""`quytrinh bench`: what the product costs, each figure beside a floor measured in the same run."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import orjson

from engine.errors import InvalidConfiguration
from webapp.benchmarks import cases, crowds, moves, pages, sizes, steps, workers
from webapp.benchmarks.databases import servers
from webapp.benchmarks.measuring import Result
from webapp.benchmarks.sites import Site

ROWS: dict[str, Callable[[Site], Iterable[Result]]] = {
    "step": steps.step,
    "step_short": steps.step_short,
    "step_lean": steps.step_lean,
    "inbox_page": pages.inbox_page,
    "step_page": pages.step_page,
    "http": pages.http_row,
    "fan-out": cases.fan_out,
    "loop": cases.loop,
    "size": sizes.size,
    "inbox": crowds.inbox,
    "http8": pages.http8,
    "timers": workers.timers,
    "workers": workers.workers,
    "moves": moves.moves,
    "memory": pages.memory,
}
"""By the names that the command line takes.

`step` comes first: it wants the machine for itself. What sends steps comes after what shows them.
"""


def run(rows: Sequence[str], *, scale: int, as_json: bool) -> Iterable[str]:
    """Measure the rows (all without names) on SQLite, and on PostgreSQL where DATABASE_URL points to one.

    Raises InvalidConfiguration for a row that does not exist.
    """
    unknown = [name for name in rows if name not in ROWS]
    if unknown:
        raise InvalidConfiguration(f"Không có dòng đo “{unknown[0]}”; có: {', '.join(ROWS)}.")
    results = _measure([name for name in ROWS if name in rows or not rows], scale)
    if as_json:
        yield orjson.dumps([asdict(result) for result in results], option=orjson.OPT_INDENT_2).decode()
        return
    yield f"{'':14} {'':10} {'số đo':>10} {'sàn':>10} {'tỉ lệ':>8}"
    yield from map(_line, results)


def _measure(names: Sequence[str], scale: int) -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="quytrinh-bench-") as folder:
        for server in servers():
            site = Site(server, Path(folder), scale)
            try:
                for name in names:
                    yield from ROWS[name](site)
            finally:
                site.close()


def _line(result: Result) -> str:
    figures = f"{result.figure:10.2f} {result.floor:10.2f} {result.ratio:7.2f}×"
    return f"{result.row:14} {result.database:10} {figures} {result.unit}"
