"""A process that works beside others: `python -m webapp.benchmarks.working steps|timers`, told what by its input.

It says "ready" on its output, begins at the next line of its input, and ends with what it took as JSON.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from engine.command import Actor
from engine.commands.user_tasks import CompleteUserTask
from engine.runtime import Runtime
from engine.scheduler import fire_due_timers
from webapp.app import create_app
from webapp.benchmarks.measuring import timed
from webapp.serving import settle
from webapp.settings import Settings


def main(what: str) -> None:
    """Do the work that the first line of the input names."""
    runtime: Runtime = create_app(Settings.from_environment()).extensions["quytrinh"]
    settle()
    work = {"steps": steps, "timers": timers}[what](runtime, orjson.loads(sys.stdin.readline()))
    print("ready", flush=True)  # noqa: T201  the other process waits for it
    sys.stdin.readline()
    print(orjson.dumps(work()).decode(), flush=True)  # noqa: T201


Work = Callable[[], dict[str, float]]


def steps(runtime: Runtime, told: dict[str, list[Any]]) -> Work:
    """Complete user tasks, one after another."""
    actor = Actor.system(UUID(told["tenant_id"][0]))
    commands = [CompleteUserTask(user_task_id=UUID(id), answers=told["answers"][0]) for id in told["tasks"]]

    def work() -> dict[str, float]:
        took = [timed(partial(runtime.execute, command, actor=actor)) for command in commands]
        return {"count": len(took), "worst": max(took)}

    return work


def timers(runtime: Runtime, _told: object) -> Work:
    """Fire what is due until nothing is."""

    def work() -> dict[str, float]:
        count = 0
        while fired := fire_due_timers(runtime):
            count += fired
        return {"count": count, "worst": 0.0}

    return work


if __name__ == "__main__":
    main(sys.argv[1])
