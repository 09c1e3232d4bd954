"""What belongs to one instance of a sub-process of which several may run: the others neither see nor overwrite it.

The data of the process has the last word that any of them said; each instance sees its own word first.
"""

from collections.abc import Iterator
from typing import Any


def repeated_around(task: Any) -> Iterator[Any]:
    """The instances that a task lies in, the innermost first; a called process has data of its own anyway."""
    tree = task.workflow
    while tree.parent_task_id is not None and not tree.is_call:
        caller = tree.caller
        if "index" in caller.internal_data or caller.parent.task_spec.stands_by:  # Each time its event comes.
            yield caller
        tree = caller.workflow


def own_words(task: Any) -> dict[str, Any]:
    """What has been said within the instances around a task."""
    words: dict[str, Any] = {}
    for caller in repeated_around(task):
        words = {**caller.data, **words}
    return words


def keep_apart(task: Any, name: str) -> None:
    """What the data have just got under a name is the word of the instances around the task."""
    for caller in repeated_around(task):
        caller.data[name] = task.workflow.variables[name]
