"""What `make prove` sums up: how many races were run, how many processes were killed."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each kind of attempt that tests have counted by `record_property`."""
    if terminalreporter.config.option.markexpr != "prove":
        return
    attempts: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, number in report.user_properties:
            attempts[name] += number
            tests[name] += 1
    for name, number in attempts.items():
        terminalreporter.write_line(f"{name}: {number:,} in {tests[name]} tests")
