"""Values of an instance put right by hand, or back to what they were."""

from collections.abc import Collection, Mapping

from engine.spiff.expressions import assign, remove, value_at
from engine.spiff.instances import repeated_around
from engine.spiff.tree import Workflow


def correct(workflow: Workflow, variable: str, old: object, value: object) -> None:
    """Give a dotted name another value, also where an instance of a repeated sub-process has said the old one."""
    assign(workflow.variables, variable, value)
    for tree in workflow.living():
        for caller in repeated_around(tree.task_tree):
            if variable.split(".")[0] in caller.data and value_at(caller.data, variable) == old:
                assign(caller.data, variable, value)


def rewind(
    workflow: Workflow, restored: Mapping[str, object], removed: Collection[str], turns: Collection[str]
) -> None:
    """Give dotted names the values that they had, or none, also where they have been said within these turns."""
    workflow_data = workflow.variables
    words = [tree.caller.data for tree in workflow.living() if tree.parent_task_id in turns]
    for data in (workflow_data, *words):
        for name, value in restored.items():
            if data is workflow_data or name.split(".")[0] in data:
                assign(data, name, value)
        for name in removed:
            remove(data, name)
