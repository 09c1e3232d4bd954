"""What every test may ask for; the fixtures live in `tests/support/`."""

import pytest

pytest_plugins = [
    "tests.support.databases",
    "tests.support.worlds",
    "tests.support.mail",
    "tests.support.servers",
    "tests.support.demo",
    "tests.support.browsers",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser or PostgreSQL, so that `-m "not browser"` leaves out exactly that."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "chromium" in fixtures:
            item.add_marker("browser")
        if "postgresql_server" in fixtures or "[postgresql" in item.name:
            item.add_marker("postgresql")
