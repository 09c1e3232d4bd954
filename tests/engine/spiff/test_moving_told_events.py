"""Cases that wait for signals, errors and escalations, or stand in loops, go on in another version."""

import pytest

from engine.errors import StructureDiffers
from tests.engine.spiff.cases import Case
from tests.engine.spiff.drawings import again, border, bpmn, call, end, start, sub, throw, user, xor
from tests.engine.spiff.test_migration import moved


def version(last: str) -> bytes:
    """A loop and an escalation within a sub-process that hears a signal and an error; `last` is a step behind it."""
    box = sub(
        "box", start("s2"), user("a", again("a.more == true")), throw("asked", told="escalation:help"), user("b"),
        xor("g"), end("wrong", told="error:late"), end("e2"),
        flows="s2>a\na>asked\nasked>b\nb>g\ng>wrong if b.late == true\ng>e2 default",
    )  # fmt: skip
    events = [
        border("help", "box", told="escalation", interrupting=False), border("late", "box", told="error:late"),
        border("halt", "box", told="signal:halt"),
    ]  # fmt: skip
    steps = [user(name) for name in ("helper", "mend", "tidy", last)]
    flows = f"s>box\nbox>{last}\n{last}>e\nhelp>helper\nhelper>e\nlate>mend\nmend>e\nhalt>tidy\ntidy>e"
    return bpmn(start(), box, *events, *steps, end(), flows=flows)


def test_what_is_told_is_heard_in_the_other_version() -> None:
    case = Case(version("z"))
    case.do("a", more=True)
    moved(case, version("y"))
    assert case.waits() == [("message", "halt"), ("user", "a")]
    case.do("a", more=True)
    case.do("a", more=False)
    assert case.waits() == [("message", "halt"), ("user", "b"), ("user", "helper")]
    moved(case, version("z"))
    case.do("b", late=True)
    assert case.waits() == [("user", "helper"), ("user", "mend")]


def test_a_case_within_a_call_waits_for_its_end() -> None:
    inner = bpmn(start(), user("u"), end(), flows="s>u\nu>e", process_id="inner")
    calling = bpmn(start(), call("c", "inner"), user("z"), end(), flows="s>c\nc>z\nz>e")
    case = Case(calling, called=[inner])
    with pytest.raises(StructureDiffers):
        moved(case, bpmn(start(), sub("c", start("s2"), user("u"), end("e2"), flows="s2>u\nu>e2"), end(),
                         flows="s>c\nc>e"))  # fmt: skip
