"""What time it is in a test: ten on a working morning, whenever the tests run, so that no day turns under any of them.

`TESTS_BEGIN=2028-02-28T23:59:59+07:00 pytest …` runs them at another moment.
"""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from math import ceil

import psycopg

BEGINS = datetime.fromisoformat(os.environ.get("TESTS_BEGIN", "2027-06-08T10:00:00+07:00"))
"""When a test finds its database; no public holiday is within five weeks of it."""
PREPARED = BEGINS - timedelta(hours=1)
"""When what the templates hold was entered."""


def ahead_of(moment: datetime) -> int:
    """By how many seconds the movable clock shows a moment now; less than none for one that has passed."""
    return ceil((moment - datetime.now(UTC)).total_seconds())


def set_clock(url: str, moment: datetime) -> None:
    """Let the movable clock of a database that nobody is connected to show a moment."""
    with closing(_connect(url)) as connection:
        connection.execute("DELETE FROM clock")
        connection.execute(f"INSERT INTO clock (id, ahead_seconds) VALUES (1, {ahead_of(moment)})")
        connection.commit()


def _connect(url: str) -> sqlite3.Connection | psycopg.Connection:
    """By the driver alone: each test does this."""
    if url.startswith("postgresql"):
        return psycopg.connect(url)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("PRAGMA synchronous = OFF")
    return connection
