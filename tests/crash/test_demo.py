"""`demo load` that is killed leaves a database that can be loaded, and no half of a ward."""

from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.audit import differences, verify
from engine.database import connect
from tests.crash.dying import NEVER, Hangman
from tests.crash.page_acts import Place
from tests.support.databases import Databases, create_schema, lend
from webapp.demo import load
from webapp.organisation.models import Committee
from webapp.plans.models import Plan


def load_at(place: Place) -> None:
    """As `quytrinh demo load` does."""
    with place.app() as app:
        load(app)


@pytest.mark.prove
def test_a_ward_is_loaded_as_a_whole_or_not_at_all(databases: Databases, hangman: Hangman, tmp_path: Path) -> None:
    """Killed in the middle of its laying out, in the middle of its copying, and right before the end of that."""
    points = len(loaded(databases, hangman, tmp_path / "whole", NEVER, wards=1))
    for deadly, wards in ((points // 2, 0), (points - 20, 0), (points - 1, 1)):
        loaded(databases, hangman, tmp_path / str(deadly), deadly, wards=wards)


def loaded(databases: Databases, hangman: Hangman, folder: Path, deadly: int, *, wards: int) -> list[str]:
    """The points of a load that may have been killed and left so many wards; it was loaded once more then, whole."""
    for url in lend(databases, "schema", create_schema):
        place = Place(url, folder)
        life = hangman.live(partial(load_at, place), deadly)
        database = connect(url)
        with database.connect() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(Committee)) == wards
        load_at(place)
        with database.connect() as connection:
            assert connection.scalars(sa.select(Plan.number)).all() == ["18/KH-UBND"]
            assert verify(connection) == []
            assert differences(connection) == []
        database.dispose()
    return life.points
