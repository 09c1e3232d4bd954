"""States that released versions have saved, kept as bytes: what is installed must still load them.

`python -m tests.engine.spiff.released.record 0.2.0` adds those of a version that is about to be released.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

from tests.engine.procedures import REPORT_BY, drawing
from tests.engine.spiff.cases import Case
from tests.engine.spiff.drawings import bpmn, end, start, sub, user
from tests.engine.spiff.test_sharing import EVERYTHING, WAY
from tests.engine.spiff.test_walks import ASKING

FOLDER = Path(__file__).parent
Step = tuple[str, dict[str, Any]]

TURN = [(element, {"n": 1, "back": False}) for element in WAY]
ASKED = [
    ("asked", {"days": 9}),
    ("asked", {"days": 9}),
    ("review", {}),
    ("review", {}),
    ("work", {}),
    ("told", {}),
    ("told", {}),
]
ACCEPTED = ("accept", {"decision": "accept", "officer": None})
DONE = ("execute", {"outcome": "done"})
LIFECYCLE = [
    ACCEPTED, ("extension_requested", {"until": "2026-12-20"}), ("extension_review_leader", {"decision": "approve"}),
    ("move_deadline", {}), DONE,
    ("unit_review", {"decision": "return"}), DONE, ("unit_review", {"decision": "approve"}),
    ("check", {"decision": "approve"}), ("consolidated", {}), ("approved", {}), ("submitted", {"last_of_year": True}),
]  # fmt: skip
ASK = start("asked", message="ask", interrupting=False)
BESIDE = bpmn(
    start(), user("a"), end(),
    sub("x", ASK, user("u"), end("e2"), flows="asked>u\nu>e2", beside=True),
    sub("y", start("late", timer="P1D"), user("v"), end("e3"), flows="late>v\nv>e3", beside=True),
    flows="s>a\na>e",
)  # fmt: skip
WATCHED = [("asked", {"n": 1}), ("asked", {"n": 2}), ("u", {}), ("late", {}), ("v", {})]
CASES: dict[str, tuple[bytes, list[Step], dict[str, Any]]] = {
    "everything": (EVERYTHING, TURN, {}),
    "messages": (ASKING, ASKED, {}),
    "beside": (BESIDE, WATCHED, {}),
    "lifecycle": (drawing("task_lifecycle"), LIFECYCLE, {"message": "task.issued", "dates": {"deadline": REPORT_BY}}),
}


def text(stored: bytes) -> str:
    return base64.b85encode(stored).decode()


def as_seen(case: Case) -> dict[str, Any]:
    """What an instance waits for, and how far it is."""
    return {"waits": [list(wait) for wait in case.waits()], "completed": case.completed, "data": case.data}


def record(name: str) -> dict[str, Any]:
    """A way through a drawing, with the state after each step."""
    source, way, options = CASES[name]
    case = Case(source, **options)
    states = [{"state": text(case.state), **as_seen(case)}]
    for element, values in way:
        case.do(element, **values)
        states.append({"state": text(case.state), **as_seen(case)})
    return {"compiled": text(case.compiled), "way": way, "states": states}


if __name__ == "__main__":
    kept = {name: record(name) for name in CASES}
    (FOLDER / f"{sys.argv[1]}.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1, default=str) + "\n")
