"""Forgetting what is over, so that a case that was returned a hundred times costs what it did at first.

Of each tree stay the root, every task that is not over, and the direct parents of those: joins ask which arrow an
arrival came by, and events on a border where their activity is. History is in events and submissions.
"""

from typing import Any

from engine.spiff.tree import Task, Workflow


def prune(workflow: Workflow) -> None:
    """Cut an instance that waits down to what it needs to go on."""
    living = {tree.parent_task_id for tree in workflow.living()}
    for caller_id in workflow.subprocesses.keys() - living:
        del workflow.subprocesses[caller_id]
    for tree in workflow.living():
        _prune_tree(tree)


def _prune_tree(tree: Any) -> None:
    kept = _kept(tree)
    children: dict[str, list[str]] = {task_id: [] for task_id in kept}
    nearest: dict[str | None, str | None] = {}  # the closest kept task at or above each
    for task in tree.standing():
        above = nearest.get(task._parent)
        if task.id not in kept:
            nearest[task.id] = above
            del tree.tasks[task.id]
            continue
        nearest[task.id] = task.id
        task._parent = above
        if above is not None:
            children[above].append(task.id)
    for task_id, own in children.items():
        tree.tasks[task_id]._children = own
    tree.last_task = None


def _kept(tree: Any) -> set[str]:
    open_tasks: list[Task] = [task for task in tree.standing() if not task.ended]
    return {
        tree.task_tree.id,
        *(task.id for task in open_tasks),
        *(task._parent for task in open_tasks if task._parent),
    }
