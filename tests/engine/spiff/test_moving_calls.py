"""A case inside a called process moves as any other: its tokens, moments and the called process's own data go along."""

import pytest

from engine.errors import NoSuchPlace, StructureDiffers
from engine.spiff import compile_bpmn, load_definition
from engine.spiff.migrate import Carried, Passage
from engine.spiff.versions import Version, hashes_called, proposed
from tests.engine.spiff.cases import Case, compiled
from tests.engine.spiff.drawings import border, bpmn, call, catch, end, many, start, user, xor

READ = bpmn(
    start(), user("answer"), border("late", "answer", timer="P3D", interrupting=False), user("sign"), end(),
    end("told"), flows="s>answer\nanswer>sign\nsign>e\nlate>told", process_id="opinion",
)  # fmt: skip
ASKING = bpmn(start(), user("ask"), call("unit", "opinion", outputs="text = answer.text"), user("use"), end(),
              flows="s>ask\nask>unit\nunit>use\nuse>e")  # fmt: skip
LONGER = bpmn(start(), user("ask"), call("unit", "opinion", outputs="text = answer.text"), user("more"), user("use"),
              end(), flows="s>ask\nask>unit\nunit>more\nmore>use\nuse>e")  # fmt: skip


def asked(source: bytes = ASKING, *called: bytes) -> Case:
    case = Case(source, called=called or (READ,))
    case.do("ask", text="Có kinh phí không?")
    return case


def moved(case: Case, source: bytes, called: bytes, *was_called: bytes, **mapping: str) -> Carried:
    """Into another version, which calls another version."""
    new_bytes = compile_bpmn(source, compiled(called))
    new = load_definition(new_bytes)
    drawings = dict(zip((*hashes_called(case.definition), *hashes_called(new)), (*was_called, called), strict=True))
    old_version = Version.read(case.definition, case.source, drawings)
    new_version = Version.read(new, source, drawings)
    places = proposed(old_version, new_version) | mapping
    carried = Passage(old_version, new_version, places, frozenset()).carry(case.walk)
    carried.begin()
    case.source, case.compiled, case.definition = source, new_bytes, new
    case._save(carried.walk)
    return carried


def waits(case: Case) -> set[str]:
    return {wait.element_id for wait in case.walk.waits.user_tasks}


def test_the_case_goes_on_inside_and_comes_out_with_what_was_answered() -> None:
    case = asked()
    before = case.walk.waits
    moved(case, LONGER, READ, READ)
    after = case.walk.waits
    assert (after.user_tasks, after.timers) == (before.user_tasks, before.timers)
    case.do("unit:answer", text="Có")
    case.do("unit:sign")
    assert waits(case) == {"more"}
    assert case.data["unit"] == {"text": "Có"}


def test_the_called_process_may_be_another_version() -> None:
    case = asked()
    case.do("unit:answer", text="Có")
    checked = bpmn(start(), user("answer"), user("sign"), user("file"), end(),
                   flows="s>answer\nanswer>sign\nsign>file\nfile>e", process_id="opinion")  # fmt: skip
    moved(case, LONGER, checked, READ)
    case.do("unit:sign")
    case.do("unit:file")
    assert case.data["unit"] == {"text": "Có"}  # Entered before the case moved, in the called process's own data.


def test_a_renamed_step_inside_is_told_by_its_name_or_by_hand() -> None:
    renamed = READ.replace(b'"answer"', b'"reply"').replace(b"answer", b"reply")
    source = LONGER.replace(b"answer.text", b"reply.text")
    case = asked()
    moved(case, source, renamed, READ, **{"unit:answer": "unit:reply", "unit:late": "unit:late"})
    assert waits(case) == {"unit:reply"}
    assert {timer.element_id for timer in case.walk.waits.timers} == {"unit:late"}


def test_what_lies_outside_the_call_is_no_place_for_what_is_inside() -> None:
    with pytest.raises(NoSuchPlace):
        moved(asked(), LONGER, READ, READ, **{"unit:answer": "more"})


def test_a_call_that_became_another_keeps_its_cases() -> None:
    other = READ.replace(b'id="opinion"', b'id="view"')
    source = LONGER.replace(b'calledElement="opinion"', b'calledElement="view"')
    with pytest.raises(StructureDiffers, match="bản mới không gọi ở đó nữa"):
        moved(asked(), source, other, READ)


def test_several_calls_at_once_move_each_with_its_own() -> None:
    asking = bpmn(start(), user("ask"), call("unit", "opinion", many("2")), user("use"), end(),
                  flows="s>ask\nask>unit\nunit>use\nuse>e")  # fmt: skip
    longer = bpmn(start(), user("ask"), call("unit", "opinion", many("2")), user("more"), end(),
                  flows="s>ask\nask>unit\nunit>more\nmore>e")  # fmt: skip
    case = asked(asking)
    before = case.walk.waits.user_tasks
    moved(case, longer, READ, READ)
    assert case.walk.waits.user_tasks == before
    for _ in range(2):
        for step in ("unit:answer", "unit:sign"):
            case.do(step)
    assert waits(case) == {"more"}


def test_an_event_that_only_the_new_called_version_has_begins() -> None:
    bare = bpmn(start(), user("answer"), user("sign"), end(), flows="s>answer\nanswer>sign\nsign>e",
                process_id="opinion")  # fmt: skip
    case = asked(ASKING, bare)
    moved(case, LONGER, READ, bare)
    assert {timer.element_id for timer in case.walk.waits.timers} == {"unit:late"}


def test_a_wait_for_a_message_inside_goes_on() -> None:
    hearing = bpmn(start(), user("answer"), catch("heard", message="heard"), xor("g"), end(),
                   flows="s>answer\nanswer>heard\nheard>g\ng>e default", process_id="opinion")  # fmt: skip
    case = asked(ASKING, hearing)
    case.do("unit:answer")
    before = case.walk.waits.subscriptions
    moved(case, LONGER, hearing, hearing)
    assert case.walk.waits.subscriptions == before
