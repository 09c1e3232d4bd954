"""Whether every shape can be reached, leads to an end, and lets time pass on the way round."""

from collections.abc import Callable, Collection, Iterable, Iterator
from math import prod

from engine.spiff.drawing import Drawing, Node
from engine.spiff.findings import Finding, error
from forms.expressions import ExpressionError, evaluate, names_in

WAITING = frozenset(
    {
        "userTask", "manualTask", "serviceTask", "receiveTask", "callActivity", "intermediateCatchEvent",
        "eventBasedGateway",
    }
)  # fmt: skip
"""Shapes at which a token stays until something comes from outside."""
MOST_TURNS = 1_000
"""Of a loop around something that never waits; the software takes some steps for each."""

MOST_TOKENS = 500
"""At once in one case. A drawing in which all of them set out, whatever anybody decides, is refused."""


def flow_findings(drawing: Drawing, passing: Collection[str] = ()) -> list[Finding]:
    """Shapes that are never reached, ways that end nowhere, rounds that never end.

    `passing` are the calls of processes in which nobody waits.
    """
    return [
        *_gateways_without_default(drawing),
        *_dead_ends(drawing),
        *_unreachable(drawing),
        *_without_exit(drawing),
        *_busy_loops(drawing, passing),
        *_too_many_times(drawing, passing),
    ]


def successors(node: Node, drawing: Drawing) -> list[str]:
    """Where a token may be next: along the arrows, or out of an event on the border."""
    return [flow.target for flow in drawing.outgoing(node.id)] + [
        event.id for event in drawing.boundary_events(node.id)
    ]


def reached(begin: Iterable[str], step: Callable[[str], Iterable[str]]) -> set[str]:
    """Everything that can be reached, the beginnings included."""
    seen: set[str] = set()
    stack = list(begin)
    while stack:
        current = stack.pop()
        if current not in seen:
            seen.add(current)
            stack += step(current)
    return seen


def _gateways_without_default(drawing: Drawing) -> Iterator[Finding]:
    for node in drawing.nodes.values():
        if node.kind in ("exclusiveGateway", "inclusiveGateway"):
            outgoing = drawing.outgoing(node.id)
            if outgoing and all(flow.condition is not None and flow.id != node.default for flow in outgoing):
                why = "khi không điều kiện nào đúng, hồ sơ sẽ kẹt lại; đặt một nhánh làm mặc định"
                yield error("no-default", node.id, f"Cổng {node.label} chưa có nhánh mặc định: {why}.")


def _dead_ends(drawing: Drawing) -> Iterator[Finding]:
    for node in drawing.nodes.values():
        if node.kind != "endEvent" and not node.triggered and not drawing.outgoing(node.id):
            yield error(
                "dead-end", node.id, f"{node.phrase} không dẫn đến đâu: nối tiếp, hoặc kết thúc bằng sự kiện kết thúc."
            )


def _unreachable(drawing: Drawing) -> Iterator[Finding]:
    starts = [node.id for node in drawing.nodes.values() if node.kind == "startEvent" or node.triggered]
    seen = reached(starts, lambda node_id: successors(drawing.nodes[node_id], drawing))
    for node in drawing.nodes.values():
        if node.id not in seen:
            yield error("unreachable", node.id, f"Không có đường nào đến {node.phrase}: nối vào quy trình hoặc xóa.")


def _without_exit(drawing: Drawing) -> Iterator[Finding]:
    """Shapes from which no end can be reached, though they lead on."""
    ends = [node.id for node in drawing.nodes.values() if node.kind == "endEvent" or not drawing.outgoing(node.id)]
    before: dict[str, list[str]] = {node_id: [] for node_id in drawing.nodes}
    for node in drawing.nodes.values():
        for target in successors(node, drawing):
            before[target].append(node.id)
    leaving = reached(ends, lambda node_id: before[node_id])
    stuck = [node for node in drawing.nodes.values() if node.id not in leaving]
    if stuck and not _ended_from_beside({node.id for node in stuck}, drawing):
        names = ", ".join(node.phrase for node in stuck[:5])
        yield error("no-exit", stuck[0].id, f"Vòng lặp không có lối ra: {names}. Thêm một nhánh dẫn đến kết thúc.")


def _ended_from_beside(stuck: set[str], drawing: Drawing) -> bool:
    """Whether each round is entered from a parallel gateway, another branch of which ends everything.

    So one draws what may happen at any time, and again, while the main way goes on.
    """
    entries = [flow for flow in drawing.flows.values() if flow.target in stuck and flow.source not in stuck]
    return all(_splits_before_the_end(drawing.nodes[flow.source], drawing) for flow in entries)


def _splits_before_the_end(node: Node, drawing: Drawing) -> bool:
    ahead = reached([node.id], lambda node_id: successors(drawing.nodes[node_id], drawing))
    terminating = (drawing.nodes[node_id].event in ("terminate", "error") for node_id in ahead)
    return node.kind == "parallelGateway" and any(terminating)


def _busy_loops(drawing: Drawing, passing: Collection[str]) -> Iterator[Finding]:
    """Rounds on which a token never stays anywhere would keep the software running."""
    hasty = {node.id for node in drawing.nodes.values() if not _waits(node, drawing, passing)}

    def onward(node_id: str) -> list[str]:
        return [flow.target for flow in drawing.outgoing(node_id) if flow.target in hasty]

    for node_id in sorted(hasty):
        if node_id in reached(onward(node_id), onward) or _turns_for_ever(drawing.nodes[node_id]):
            label = drawing.nodes[node_id].phrase
            yield error(
                "busy-loop", node_id, f"Vòng lặp qua {label} không dừng ở bước nào: thêm một bước chờ trong vòng lặp."
            )
            return


def _waits(node: Node, drawing: Drawing, passing: Collection[str]) -> bool:
    """Whether a token stays at a shape, or at one inside it."""
    inside = drawing.inside(node.id) if node.kind == "subProcess" else []
    stays = node.kind in WAITING and node.id not in passing
    return stays or any(_waits(inner, drawing, passing) for inner in inside)


def _too_many_times(drawing: Drawing, passing: Collection[str]) -> Iterator[Finding]:
    """Repetitions in each other that multiply, as far as their numbers are written out."""
    for node in drawing.nodes.values():
        around = [each for each in _with_those_around(node, drawing) if each.loop is not None]
        waits = _waits(node, drawing, passing)
        times = prod(_times(each) for each in around if not (waits and each.loop and each.loop.sequential))
        most = MOST_TOKENS if waits else MOST_TURNS
        if node.loop is not None and len(around) > 1 and times > most:
            what = f"{node.phrase} lặp {times} lần" + (" cùng lúc" if waits else " mà không dừng ở bước nào")
            mend = "giảm số lần, hoặc tách thành nhiều hồ sơ nối bằng thông điệp"
            yield error("too-many-tokens", node.id, f"{what}, nhiều nhất {most}: {mend}.")
            return


def _with_those_around(node: Node, drawing: Drawing) -> Iterator[Node]:
    current: Node | None = node
    while current is not None:
        yield current
        current = drawing.nodes.get(current.scope)


def _times(node: Node) -> int:
    """How often it is done by the number or list that is written out; once, where that depends on the case."""
    assert node.loop is not None
    written = node.loop.cardinality or node.loop.collection or (node.loop.most if node.loop.again is None else None)
    try:
        value = evaluate(written, {}) if written and not names_in(written) else 1
    except ExpressionError:
        return 1  # Its faults are told as those of every expression.
    return len(value) if isinstance(value, list) else int(value) if isinstance(value, int | float) else 1


def _turns_for_ever(node: Node) -> bool:
    """Whether a loop goes on by a condition that nothing can change, and more often than the software goes on."""
    if node.loop is None or not node.loop.standard or int(node.loop.most or MOST_TURNS) < MOST_TURNS:
        return False
    try:
        return not names_in(node.loop.again or "true")
    except ExpressionError:
        return False  # Its faults are told as those of every expression.
