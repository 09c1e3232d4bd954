"""A deployed version is immutable; only sound bundles are deployed."""

import threading
from uuid import UUID

import pytest

from engine.commands.deployments import DefinitionRefused, DeployDefinition
from engine.errors import NotFound
from engine.models import DeployedForm, ProcessDefinition
from tests.engine.drawings import FORM, WRITE_AND_CHECK, drawing, flow, user_task
from tests.engine.worlds import World

SHORTER = drawing(
    "write_and_check",
    '<bpmn:startEvent id="start"/>',
    user_task("write", form="note", assignee="staff@lead"),
    '<bpmn:endEvent id="end"/>',
    flow("start", "write"),
    flow("write", "end"),
)


def test_the_first_deployment_is_version_one(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    version = world.one(ProcessDefinition)
    assert (version.key, version.version, version.source) == ("write_and_check", 1, WRITE_AND_CHECK)
    assert [form.source for form in world.rows(DeployedForm.__table__.select())] == [FORM]


def test_a_new_version_is_for_new_cases_only(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    old = world.start("write_and_check")
    world.deploy(SHORTER)
    new = world.start("write_and_check")
    for case in (old, new):
        world.complete("write", world.officer, case, text="Xong", decision="send")
    assert (world.tasks(old), world.tasks(new)) == ({"check"}, set())
    world.complete("check", world.head, old, text="Đạt", decision="send")


def test_whatever_happens_later_a_version_stays_byte_for_byte(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    first = world.one(ProcessDefinition)
    kept = [version_of(world, first.id), forms_of(world, first.id)]
    case = world.start("write_and_check")
    world.deploy(SHORTER, {"note": FORM.replace(b"Quy", b"Nay")})
    world.start("write_and_check")
    world.complete("write", world.officer, case, text="Xong", decision="send")
    assert [version_of(world, first.id), forms_of(world, first.id)] == kept


def version_of(world: World, id_: UUID) -> tuple[object, ...]:
    table = ProcessDefinition.__table__
    return tuple(world.rows(table.select().where(table.c.id == id_))[0])


def forms_of(world: World, id_: UUID) -> list[tuple[object, ...]]:
    table = DeployedForm.__table__
    return [tuple(row) for row in world.rows(table.select().where(table.c.definition_id == id_))]


def test_a_shipped_version_never_replaces_what_is_in_force(world: World) -> None:
    world.deploy(SHORTER)
    shipped = DeployDefinition(source=WRITE_AND_CHECK, forms={"note": FORM}, reason="kèm theo", only_if_new=True)
    assert world.execute(shipped) is None
    assert world.one(ProcessDefinition).source == SHORTER


def test_a_form_of_the_bundle_that_nobody_names_is_left_out(world: World) -> None:
    world.deploy(WRITE_AND_CHECK, {"note": FORM, "other": FORM})
    assert len(world.rows(DeployedForm.__table__.select())) == 1


@pytest.mark.parametrize(
    ("source", "forms", "named"),
    [
        (b"", {"note": FORM}, "trống"),
        (b"\x89PNG\r\n", {"note": FORM}, "BPMN"),
        (WRITE_AND_CHECK, {}, "note"),
        (WRITE_AND_CHECK, {"note": b"{"}, "note"),
        (WRITE_AND_CHECK.replace(b"head@lead", b"king@lead"), {"note": FORM}, "king"),
    ],
    ids=["empty", "picture", "no-form", "broken-form", "unknown-role"],
)
def test_a_faulty_bundle_is_refused_with_findings(
    world: World, source: bytes, forms: dict[str, bytes], named: str
) -> None:
    with pytest.raises(DefinitionRefused, match=named) as refused:
        world.deploy(source, forms or {"unrelated": FORM})
    assert any(finding.severity == "error" for finding in refused.value.findings)
    assert world.all(ProcessDefinition) == []


def test_a_case_needs_a_procedure_in_force(world: World) -> None:
    with pytest.raises(NotFound, match="Chưa triển khai"):
        world.start("write_and_check")


def test_two_who_deploy_at_once_make_two_versions(world: World) -> None:
    threads = [threading.Thread(target=world.deploy, args=(WRITE_AND_CHECK,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row.version for row in world.all(ProcessDefinition)) == [1, 2, 3]
