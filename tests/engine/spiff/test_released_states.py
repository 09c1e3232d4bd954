"""What released versions have saved still loads, and goes on as it did then."""

import base64
import json
from typing import Any

import pytest

from tests.engine.spiff.cases import Case
from tests.engine.spiff.released.record import CASES, FOLDER, as_seen

FILES = {file.stem: json.loads(file.read_text()) for file in FOLDER.glob("*.json")}
RELEASED = {(version, name): kept for version, cases in FILES.items() for name, kept in cases.items()}


def test_the_first_release_has_kept_its_states() -> None:
    assert {("0.1.0", name) for name in CASES} <= RELEASED.keys()


@pytest.mark.parametrize(("version", "name"), sorted(RELEASED))
def test_states_of_a_released_version_go_on(version: str, name: str) -> None:
    kept = RELEASED[version, name]
    for place in range(len(kept["way"])):
        case = restored(kept, name, place)
        for (element, values), expected in zip(kept["way"][place:], kept["states"][place:], strict=False):
            assert as_seen(case) == {key: expected[key] for key in ("waits", "completed", "data")}
            case.do(element, **values)
        assert case.completed


def restored(kept: dict[str, Any], name: str, place: int) -> Case:
    """With the definition as it was compiled then."""
    state = base64.b85decode(kept["states"][place]["state"])
    return Case.kept(base64.b85decode(kept["compiled"]), state, CASES[name][2].get("dates", {}))
