"""Ten thousand running cases move in minutes, and one job of them never keeps others waiting for long."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from webapp.benchmarks.moves import move_all
from webapp.benchmarks.wards import load_ward

CASES = int(os.environ.get("MOVED_CASES", "10000"))
MINUTES = 10
LONGEST_JOB = 5.0  # seconds, on a machine that others use too


@pytest.mark.prove
def test_ten_thousand_cases_move_in_minutes(
    database_url: str, tmp_path: Path, record_property: Callable[[str, int], None]
) -> None:
    with load_ward(database_url, tmp_path, CASES) as ward:
        cases, tried, moved = move_all(ward, LONGEST_JOB)
        assert cases >= CASES / 2
        assert tried + moved < MINUTES * 60
    kind = database_url.partition(":")[0]
    record_property(f"cases moved on {kind}", cases)
    record_property(f"seconds of trying them on {kind}", round(tried))
    record_property(f"seconds of moving them on {kind}", round(moved))
