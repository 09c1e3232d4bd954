"""An instance as bytes, without its specification."""

from typing import Any

from engine.spiff.codec import CodecError, decode, encode
from engine.spiff.definitions import Definition
from engine.spiff.expressions import ScriptEngine
from engine.spiff.tree import SubWorkflow, Task, Workflow

FORMAT = 1


def dump(workflow: Workflow) -> bytes:
    """Parents come before their children, and name their place in the list. Raises CodecError."""
    trees = [tree for tree in workflow.living() if tree is not workflow]
    return encode(
        {
            "format": FORMAT,
            "completed": workflow.completed,
            "data": workflow.script_engine.data,
            "tasks": _dump_tasks(workflow),
            "subprocesses": [[tree.parent_task_id, _dump_tasks(tree), *_own_variables(tree)] for tree in trees],
        }
    )


def _own_variables(tree: SubWorkflow) -> list[dict[str, Any]]:
    return [tree.variables] if tree.is_call else []


def _dump_tasks(tree: Any) -> list[list[Any]]:
    rows: list[list[Any]] = []
    places: dict[str, int] = {}
    for task in tree.standing():
        places[task.id] = len(rows)
        parent = places.get(task._parent, -1)
        rows.append([task.id, parent, task.task_spec.name, task._state, task.internal_data, task.data])
    return rows


def load(definition: Definition, stored: bytes, engine: ScriptEngine) -> Workflow:
    """The instance as it was dumped; its data goes into the engine. Raises CodecError."""
    saved = _decoded(stored)
    engine.data = saved["data"]
    workflow = Workflow(definition.spec, definition.subprocess_specs, engine)
    _load_tasks(workflow, definition.spec, saved["tasks"])
    workflow.completed = saved["completed"]
    for caller_id, rows, *own in saved["subprocesses"]:
        caller = workflow.get_task_from_id(caller_id)
        subprocess = workflow.restore_subprocess(caller, own[0] if own else {})
        _load_tasks(subprocess, subprocess.spec, rows)
    return workflow


def data_in(stored: bytes) -> dict[str, Any]:
    """What expressions see in an instance as it was dumped. Raises CodecError."""
    data: dict[str, Any] = _decoded(stored)["data"]
    return data


def _decoded(stored: bytes) -> dict[str, Any]:
    saved = decode(stored)
    if not isinstance(saved, dict) or saved.get("format") != FORMAT:
        raise CodecError("unknown format")
    return saved


def _load_tasks(tree: Any, spec: Any, rows: list[list[Any]]) -> None:
    tasks: list[Task] = []
    for task_id, parent, name, state, internal, local in rows:
        task = Task(tree, spec.task_specs[name], tasks[parent] if parent >= 0 else None, state, task_id)
        task.internal_data, task.data = internal, local
        tasks.append(task)
    tree.task_tree = tasks[0]
