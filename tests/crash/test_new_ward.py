"""`ward create` that is killed leaves no ward, or one whose administrator's password has been told."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.audit import differences, verify
from engine.database import connect
from engine.models import ProcessDefinition
from tests.crash.dying import NEVER, Hangman
from tests.crash.page_acts import Place
from tests.support.databases import Databases, create_schema, lend
from tests.web.test_new_ward import FIRST
from tests.web.wards import Visitor
from webapp.organisation.models import Committee
from webapp.organisation.new_ward import set_up_ward
from webapp.organisation.whole_ward import WardExists
from webapp.procedures.bundles import SHIPPED

Choose = Callable[[list[str]], Iterable[int]]


def set_up_at(place: Place) -> None:
    """As `quytrinh ward create` does; what it prints stands in a file."""

    def tell(username: str, password: str) -> None:
        (place.folder / "printed").write_text(f"{username} {password}")

    with place.app() as app, app.app_context():
        set_up_ward(app.extensions["quytrinh"], app.config["SETTINGS"], FIRST, tell)


def is_entered(place: Place) -> bool:
    with place.app() as app:
        return Visitor(app.test_client()).sign_in(*(place.folder / "printed").read_text().split()).status_code == 302


def set_up_and_die(databases: Databases, hangman: Hangman, folder: Path, deadly: int) -> list[str]:
    """The points of a run that may have been killed. Then it is run once more, if it left no ward."""
    for url in lend(databases, "schema", create_schema):
        place = Place(url, folder)
        life = hangman.live(partial(set_up_at, place), deadly, str(folder))
        database = connect(url)
        with database.connect() as connection:
            is_there = connection.scalar(sa.select(sa.func.count()).select_from(Committee)) == 1
        if is_there:
            with pytest.raises(WardExists):
                set_up_at(place)
        else:
            set_up_at(place)
        assert is_entered(place), f"killed {life.points[-1]}, after {life.points[:-1]}"
        with database.connect() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(ProcessDefinition)) == len(SHIPPED)
            assert verify(connection) == []
            assert differences(connection) == []
        database.dispose()
    return life.points


def die_at(databases: Databases, hangman: Hangman, folder: Path, choose: Choose) -> int:
    number = count(1)
    chosen = choose(set_up_and_die(databases, hangman, folder / "whole", NEVER))
    return sum(bool(set_up_and_die(databases, hangman, folder / str(next(number)), deadly)) for deadly in chosen)


def where_it_begins_and_ends(points: list[str]) -> tuple[int, ...]:
    """After the first commits of the laying out; before the one that brings it all."""
    laid_out = points.index("after COMMIT", points.index("before INSERT INTO committees")) + 1
    return laid_out, len(points) - points[::-1].index("after COMMIT") - 1


@pytest.mark.any_database
def test_a_ward_is_made_as_a_whole_or_not_at_all(databases: Databases, hangman: Hangman, tmp_path: Path) -> None:
    assert die_at(databases, hangman, tmp_path, where_it_begins_and_ends) == 2


@pytest.mark.prove
def test_a_ward_that_dies_anywhere_is_made_as_a_whole_or_not_at_all(
    databases: Databases, hangman: Hangman, tmp_path: Path, record_property: Callable[[str, int], None]
) -> None:
    record_property("kills", die_at(databases, hangman, tmp_path, lambda points: range(1, len(points) + 1)))
