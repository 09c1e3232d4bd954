"""Who may do what where."""

import subprocess
import sys

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


REGISTERING = ("handles", "subscribes", "performs", "service")
LOADED = """
import sys
from importlib import import_module
from webapp.app import CAPABILITIES
for capability in CAPABILITIES:
    import_module(f"webapp.{capability}.routes")
print(*sys.modules)
"""


def test_whatever_registers_itself_is_known_when_the_application_starts() -> None:
    """Imports do it: a command that only a job's module imports would be unknown to whoever looks before."""
    ran = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, check=True, capture_output=True, text=True)
    registering = {place.partition(":")[0] for place in calls(*REGISTERING, rooms=("engine", "webapp"))}
    modules = {place.removesuffix(".py").replace("/", ".") for place in registering}
    assert modules - set(ran.stdout.split()) == set()
