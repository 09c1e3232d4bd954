"""Every command says who may; without that it is not even known."""

from dataclasses import fields
from typing import Any, ClassVar

import pytest

import engine.commands
from engine.command import HANDLERS, Actor, Command, EnginePermission, handles
from engine.errors import PermissionDenied
from engine.ids import uuid7
from tests.engine.worlds import World

pytestmark = pytest.mark.any_database

COMMANDS = sorted((c for c in HANDLERS if c.__module__.startswith(engine.commands.__name__)), key=lambda c: c.__name__)


def made(command: type[Command]) -> Command:
    """A command whose contents do not matter: it is refused before anybody looks."""
    blank: Any = {field.name: None for field in fields(command)}  # type: ignore[arg-type]
    return command(**blank)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_command_without_its_permission_is_refused(world: World, command: type[Command]) -> None:
    others = frozenset(set(EnginePermission) - {command.permission})
    actor = Actor(id=uuid7(), tenant_id=world.tenant_id, permissions=others, desks=frozenset({f"head@{world.unit}"}))
    with pytest.raises(PermissionDenied):
        world.execute(made(command), actor)
    assert world.facts() == []


def test_all_engine_commands_are_known() -> None:
    assert len(COMMANDS) >= 18
    assert {command.permission for command in COMMANDS} <= set(EnginePermission)


def test_only_the_system_itself_fires_delivers_and_starts() -> None:
    of_system = {command.__name__ for command in COMMANDS if command.permission == EnginePermission.SYSTEM}
    assert of_system == {
        "CompleteServiceTask", "DeliverKept", "DeliverMessage", "ExpireMessage", "FailServiceTask", "FireTimer",
        "FollowCalendar", "MoveDates", "PutTimerOff", "RaiseIncident", "SendSignal", "StartInstance",
    }  # fmt: skip


def test_a_command_without_a_declared_permission_cannot_be_registered() -> None:
    class Undeclared(Command):
        pass

    with pytest.raises(RuntimeError, match="declares no permission"):
        handles(Undeclared)


def test_a_command_has_one_handler() -> None:
    class Twice(Command):
        permission: ClassVar[str] = EnginePermission.WORK

    handles(Twice)(lambda command, tx: None)
    with pytest.raises(RuntimeError, match="has a handler already"):
        handles(Twice)(lambda command, tx: None)
    del HANDLERS[Twice]
