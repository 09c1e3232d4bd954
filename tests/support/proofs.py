"""`make prove` tries many examples, others each time, and says how many races were run and processes killed.

`make test` tries few, the same each time: what it says is about the change at hand, never about luck.
"""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

# No time limits: machines under load are slow to draw examples and to try them.
FREELY = settings(deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("the same each time", FREELY, derandomize=True, max_examples=25)
settings.register_profile("at random", FREELY, max_examples=500)


def is_thorough(config: pytest.Config) -> bool:
    """Whether this is `make prove`."""
    return str(config.option.markexpr).startswith("prove")


def pytest_configure(config: pytest.Config) -> None:
    """Before tests are read: they take over what they don't set themselves."""
    settings.load_profile("at random" if is_thorough(config) else "the same each time")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each kind of attempt that tests have counted by `record_property`."""
    if not is_thorough(terminalreporter.config):
        return
    attempts: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, number in report.user_properties:
            attempts[name] += number
            tests[name] += 1
    for name, number in attempts.items():
        terminalreporter.write_line(f"{name}: {number:,} in {tests[name]} tests")
