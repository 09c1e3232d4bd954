"""Who may do what where."""

from tests.architecture.sources import ROOT, sources

CLOCKS = ("engine/clock.py:", "engine/ids.py:")  # Ids sort by the time they were made; nothing reads it from them.
CLOCK_READS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns")
WAITS = ("time.sleep", "sleep")


def calls(*names: str, rooms: tuple[str, ...] = ()) -> list[str]:
    """Where any of some functions is called, by the end of its dotted name."""
    ends = tuple(f".{name}" for name in names)
    return [
        f"{source}:{line} {name}()"
        for source in sources(*rooms)
        for line, name in source.called
        if f".{name}".endswith(ends)
    ]


def test_only_engine_spiff_imports_spiffworkflow() -> None:
    """Beside it only the floor of the benchmark, which is SpiffWorkflow without us."""
    importing = {source for source in sources() for _, name in source.imported if name.split(".")[0] == "SpiffWorkflow"}
    rooms = ROOT / "engine" / "spiff", ROOT / "webapp" / "benchmarks" / "stock.py"
    assert [str(source) for source in importing if not any(map(source.path.is_relative_to, rooms))] == []


def test_only_the_runtime_ends_transactions() -> None:
    ending = calls("commit", "rollback")
    assert [place for place in ending if not place.startswith("engine/runtime.py:")] == []


def test_only_the_clock_reads_the_time() -> None:
    reading = calls(*CLOCK_READS)
    assert [place for place in reading if not place.startswith(CLOCKS)] == []


def test_nobody_sleeps() -> None:
    assert calls(*WAITS) == []
    assert [place for place in calls(*WAITS, rooms=("tests",)) if "/page." not in place] == []


def test_tests_mock_nothing() -> None:
    assert [
        f"{source}:{line}" for source in sources("tests") for line, name in source.imported if name == "unittest.mock"
    ] == []
