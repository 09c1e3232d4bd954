"""Commands: what somebody wants, and who may want it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, TypeVar
from uuid import UUID


class EnginePermission(StrEnum):
    """What the engine's own commands ask for; the application says which role has which."""

    WORK = "work"  # do the steps of one's desks
    HAND_OVER = "hand_over"  # give steps of one's unit to its people
    ENTER_FOR_OTHERS = "enter_for_others"  # do a step in the name of someone who cannot
    OPERATE = "operate"  # incidents, and operations on running cases
    DEPLOY = "deploy"  # put procedures into force
    MOVE_CLOCK = "move_clock"
    SYSTEM = "system"  # what only the system itself does: start, deliver, fire


class Command:
    """Base of all commands: a frozen dataclass that declares its permission.

    `optimistic` commands change one instance and record facts only: on SQLite they are computed outside the
    writers' lock and compared-and-swapped inside it. Others run inside the lock from the start.

    Those that are `lock_free` too do the same on PostgreSQL, where only who wants the same instance would wait: what
    people do, seldom two at once. Others lock its rows first, and a scheduler passes over what another one has locked.
    """

    permission: ClassVar[str]
    optimistic: ClassVar[bool] = False
    lock_free: ClassVar[bool] = False

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, resolved by the application at each request."""

    id: UUID | None  # None: the system itself
    tenant_id: UUID
    permissions: frozenset[str] = frozenset()
    desks: frozenset[str] = frozenset()  # role@unit, own and stood in for
    stands_for: frozenset[UUID] = field(default_factory=frozenset)  # absent people whose proxy the actor is
    is_system: bool = False

    @classmethod
    def system(cls, tenant_id: UUID) -> Actor:
        """The system itself: the scheduler, a job, the command line of the operator."""
        return cls(id=None, tenant_id=tenant_id, is_system=True)

    def may(self, permission: str) -> bool:
        """Whether the actor holds the permission."""
        return self.is_system or permission in self.permissions


Handler = Callable[[Any, Any], Any]
"""Takes the command and its Transaction."""
C = TypeVar("C", bound=Command)

HANDLERS: dict[type[Command], Handler] = {}


def handles(command_type: type[Command]) -> Callable[[Handler], Handler]:
    """Register the function that carries a command out. Raises RuntimeError for one without a permission."""
    if not getattr(command_type, "permission", None):
        raise RuntimeError(f"{command_type.__name__} declares no permission")

    def register(function: Handler) -> Handler:
        if command_type in HANDLERS:
            raise RuntimeError(f"{command_type.__name__} has a handler already")
        HANDLERS[command_type] = function
        return function

    return register
