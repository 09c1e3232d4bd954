"""What every test may ask for; the fixtures live in `tests/support/`."""

import gc

import pytest

pytest_plugins = [
    "tests.support.temporary",
    "tests.support.addresses",
    "tests.support.passwords",
    "tests.support.compiled",
    "tests.support.databases",
    "tests.support.worlds",
    "tests.support.mail",
    "tests.support.nursery",
    "tests.support.servers",
    "tests.support.demo",
    "tests.support.browsers",
    "tests.support.proofs",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser or PostgreSQL, so that `-m "not browser"` leaves out exactly that.

    Pages are asked on SQLite; on PostgreSQL too where the database does the work (marked `both_databases`), all of
    them with `make prove`. So is what the engine does alike on any database (marked `any_database`).
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "chromium" in fixtures:
            item.add_marker("browser")
        if "postgresql_server" in fixtures or "[postgresql" in item.name:
            item.add_marker("postgresql")
            is_page = item.path.parent.name in {"browser", "web"}
            if item.get_closest_marker("any_database") or (is_page and not item.get_closest_marker("both_databases")):
                item.add_marker("prove")


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what was loaded, as the server does: a fifth of the time of tests."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
