"""What dies, and what kills."""

from collections.abc import Iterator

import pytest

from engine.registry import SERVICES
from tests.crash.dying import Hangman
from tests.engine.worlds import World


@pytest.fixture(scope="session")
def hangman() -> Iterator[Hangman]:
    """Kills processes at chosen points."""
    made = Hangman()
    yield made
    made.close()


@pytest.fixture
def mortal_world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world that has the service of the procedure that has a bit of everything."""
    monkeypatch.setitem(SERVICES, "tests.register", lambda call, runtime: {"number": call.key})
    return world
