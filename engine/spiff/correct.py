"""One value of an instance put right by hand."""

from engine.spiff.expressions import assign, value_at
from engine.spiff.instances import repeated_around
from engine.spiff.tree import Workflow


def correct(workflow: Workflow, variable: str, old: object, value: object) -> None:
    """Give a dotted name another value, also where an instance of a repeated sub-process has said the old one."""
    assign(workflow.variables, variable, value)
    for tree in workflow.living():
        for caller in repeated_around(tree.task_tree):
            if variable.split(".")[0] in caller.data and value_at(caller.data, variable) == old:
                assign(caller.data, variable, value)
