"""`quytrinh bench`: what the product costs, each figure beside a floor measured in the same run."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import orjson

from engine.errors import InvalidConfiguration
from webapp.benchmarks import pages, steps
from webapp.benchmarks.databases import temporary_databases
from webapp.benchmarks.measuring import Result
from webapp.benchmarks.wards import BenchedWard, load_ward

ROWS: dict[str, Callable[[BenchedWard], Result]] = {
    "step": steps.step, "step_lean": steps.step_lean, "http": pages.http_row, "inbox": pages.inbox,
    "step_page": pages.step_page,
}  # fmt: skip
"""By the names that the command line takes. `step` comes first: it wants the machine for itself."""


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
    yield f"{'':10} {'':10} {'số đo':>9} {'sàn':>9} {'tỉ lệ':>7} {'p95':>9} {'p95 sàn':>9}"
    yield from map(_line, results)


def _measure(names: Sequence[str], scale: int) -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="quytrinh-bench-") as folder:
        for url in temporary_databases(Path(folder)):
            with load_ward(url, Path(folder), scale) as ward:
                for name in names:
                    yield ROWS[name](ward)


def _line(result: Result) -> str:
    times = f"{result.figure:9.2f} {result.floor:9.2f} {result.ratio:6.2f}×"
    return (
        f"{result.row:10} {result.database:10} {times} {result.figure_p95:9.2f} {result.floor_p95:9.2f} {result.unit}"
    )
