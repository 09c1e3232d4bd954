"""Numbers of tasks checked against each other: holes, doubles, and numbers of another group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from webapp.plans.reading.headings import roman_value
from webapp.plans.reading.ordinals import figures
from webapp.plans.reading.readings import TaskReading


def with_number_warnings(tasks: list[TaskReading]) -> tuple[TaskReading, ...]:
    """The tasks, each with what is strange about its number added to its warnings."""
    dotted = _follow_groups(tasks)
    before: TaskReading | None = None
    checked = []
    for task in tasks:
        warnings = (*task.warnings, *_sequence_warnings(task, before), *(_group_warnings(task) if dotted else ()))
        checked.append(replace(task, warnings=warnings))
        before = task
    return tuple(checked)


def _sequence_warnings(task: TaskReading, before: TaskReading | None) -> Iterator[str]:
    own = figures(task.ordinal)
    last = figures(before.ordinal) if before else ()
    if before is None or before.group_index != task.group_index:
        if own and own[-1] != 1 and last != (*own[:-1], own[-1] - 1):
            yield f"Nhóm bắt đầu từ STT {task.ordinal}; văn bản gốc có thể thiếu dòng phía trên."
        return
    if before.section != task.section or not own or len(own) != len(last) or own[:-1] != last[:-1]:
        return
    if own[-1] == last[-1]:
        yield f"STT {task.ordinal} trùng với dòng trên."
    elif own[-1] != last[-1] + 1:
        yield f"STT nhảy từ {before.ordinal} đến {task.ordinal}; văn bản gốc có thể thiếu dòng, hoặc đánh số sai."


def _follow_groups(tasks: list[TaskReading]) -> bool:
    """Whether most dotted numbers begin with their group's number."""
    dotted = [task for task in tasks if len(figures(task.ordinal)) == 2 and _group_number(task) and not task.section]
    return len(dotted) > 1 and 2 * sum(figures(task.ordinal)[0] == _group_number(task) for task in dotted) > len(dotted)


def _group_warnings(task: TaskReading) -> Iterator[str]:
    own = figures(task.ordinal)
    if len(own) == 2 and own[0] != _group_number(task) and not task.section:
        yield f"STT {task.ordinal} đứng trong nhóm {task.group}; có thể thiếu dòng tiêu đề nhóm phía trên."


def _group_number(task: TaskReading) -> int | None:
    return roman_value(task.group.rpartition(".")[2])
