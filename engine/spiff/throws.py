"""Errors and escalations: which a drawing catches, and which leave its process."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.spiff.check_events import NAMES, TELLING, THROWING
from engine.spiff.drawing import Drawing, Node
from engine.spiff.findings import Finding, warning

Told = tuple[str, str]
"""Kind and code."""


@dataclass(frozen=True, slots=True)
class Throw:
    """A shape out of which an error or escalation comes."""

    node: Node
    told: Told
    caught_by: Node | None


def throws(drawing: Drawing, called: Mapping[str, list[Told]]) -> list[Throw]:
    """All that is thrown; `called` says what comes out of a call activity, by its id."""
    told = [(node, (node.event, node.code or "")) for node in drawing.nodes.values() if _throws(node)]
    told += [(drawing.nodes[node_id], each) for node_id, all_told in called.items() for each in all_told]
    return [Throw(node, each, _catcher(node, each, drawing)) for node, each in told]


def leaving(drawing: Drawing, called: Mapping[str, list[Told]]) -> list[Told]:
    """What the process as a whole may tell whoever calls it."""
    return sorted({throw.told for throw in throws(drawing, called) if throw.caught_by is None})


def throw_findings(drawing: Drawing, called: Mapping[str, list[Told]]) -> Iterator[Finding]:
    """What is told and nobody hears, and what is waited for and nobody tells."""
    thrown = throws(drawing, called)
    for throw in thrown:
        if throw.caught_by is None and (throw.node.scope in drawing.nodes or throw.node.kind == "callActivity"):
            yield _uncaught(throw)
    caught = {throw.caught_by.id for throw in thrown if throw.caught_by is not None}
    for node in drawing.nodes.values():
        owner = drawing.nodes.get(node.attached_to or "")
        if node.event not in TELLING or node.id in caught:
            continue
        if node.triggered or (owner is not None and owner.kind != "serviceTask"):
            where = f"Không có gì trong {owner.phrase}" if owner is not None else "Không có gì bên cạnh"
            what = f"{where} báo {NAMES[node.event]} mà {node.phrase} chờ"
            yield warning("never-thrown", node.id, f"{what}: xem lại mã, hoặc bỏ sự kiện này.")


def _uncaught(throw: Throw) -> Finding:
    kind, code = throw.told
    what = f"{NAMES[kind].capitalize()} “{code}” ở {throw.node.phrase} không sự kiện nào bắt"
    if kind == "error":
        return warning("uncaught-error", throw.node.id, f"{what} nên kết thúc cả hồ sơ: thêm sự kiện lỗi ở viền.")
    return warning("uncaught-escalation", throw.node.id, f"{what} nên không ai biết: thêm sự kiện leo thang ở viền.")


def _throws(node: Node) -> bool:
    return node.kind in THROWING and node.event in TELLING


def _catcher(node: Node, told: Told, drawing: Drawing) -> Node | None:
    """The event on the border of the nearest activity around, or the event sub-process beside it, that has one for it.

    The exact code goes first. An event sub-process does not begin itself.
    """
    around: Node | None = node
    while around is not None:
        beside = [start for start in drawing.event_starts(around.scope) if start.scope != around.id]
        for events in (drawing.boundary_events(around.id), beside):
            for code in (told[1], None):
                for event in events:
                    if (event.event, event.code) == (told[0], code):
                        return event
        around = drawing.nodes.get(around.scope)
    return None
