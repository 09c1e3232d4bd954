"""Whether a case whose tokens are put somewhere in another version can go on from there as that version means it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

from engine.errors import DataMissing, StructureDiffers
from engine.spiff.check_expressions import expressions, read_names
from engine.spiff.check_flow import reached, successors
from engine.spiff.concurrency import Relation, concurrency
from engine.spiff.drawing import Drawing, Node
from engine.spiff.findings import Finding
from engine.spiff.soundness import findings_ahead

GIVERS = frozenset({"userTask", "manualTask", "serviceTask", "receiveTask", "intermediateCatchEvent", "boundaryEvent"})


@dataclass(frozen=True, slots=True, order=True)
class Token:
    """Where a token stands: at a shape, or having come to a gateway by one of its arrows."""

    element_id: str
    arrow: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """An expression that asks for what a step gives, in a drawing where nobody gets there without that step."""

    giver: str
    field: str
    place: str  # in the author's words
    node_id: str


class Fitting:
    """What a version expects of a case; kept as long as cases are moved to it, its answers are remembered."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.relation: Callable[[str], Relation] = lru_cache(maxsize=None)(lambda scope: concurrency(drawing, scope))
        self.fault = lru_cache(maxsize=1_000)(self._fault)
        self.unmet = lru_cache(maxsize=1_000)(self._unmet)
        self._needs = list(self._find_needs())

    # ── tokens ──

    def check_tokens(self, tokens: Collection[Token]) -> None:
        """Raises StructureDiffers. Each process and sub-process is looked at by itself."""
        scopes: dict[str, list[Token]] = {}
        for token in tokens:
            scopes.setdefault(self.drawing.nodes[token.element_id].scope, []).append(token)
        for scope, inside in scopes.items():
            element, message = self.fault(scope, tuple(sorted(inside)))
            if message:
                raise StructureDiffers(message, element)

    def _fault(self, scope: str, tokens: tuple[Token, ...]) -> tuple[str | None, str]:
        for one, other in combinations(tokens, 2):
            if not self.may_stand_together(scope, one, other):
                names = " và ".join(self.drawing.nodes[token.element_id].phrase for token in (one, other))
                return one.element_id, f"Hồ sơ đang ở cùng lúc {names}, mà bản mới không bao giờ ở cả hai nơi."
        stuck = self.stuck(scope, tokens)
        if stuck is None:
            return None, ""
        return stuck.element, f"Các nhánh song song của bản mới khác bản cũ. {stuck.message}"

    def stuck(self, scope: str, tokens: Iterable[Token]) -> Finding | None:
        """A gateway that may wait forever when tokens stand so; None where it may, however a case came there.

        Of those the author of the drawing was told.
        """
        if any(self._findings(begin) for begin in self._beginnings(scope)):
            return None
        return next(iter(self._findings(tuple(self._arrows(token)[0] for token in tokens))), None)

    def may_stand_together(self, scope: str, one: Token, other: Token) -> bool:
        """Whether a case of this drawing may be at both at once."""
        beside = self.relation(scope)
        return any(arrow in beside.get(by, ()) for by in self._arrows(one) for arrow in self._arrows(other))

    def _arrows(self, token: Token) -> list[str]:
        return [token.arrow] if token.arrow else [flow.id for flow in self.drawing.incoming(token.element_id)]

    def _beginnings(self, scope: str) -> list[tuple[str, ...]]:
        """Where tokens set out: at a start, and at an event on a border that lets its step go on."""
        inside = self.drawing.inside(scope)
        begins = [n for n in inside if n.kind == "startEvent" or (n.kind == "boundaryEvent" and not n.interrupting)]
        return [tuple(flow.id for flow in self.drawing.outgoing(node.id)) for node in begins]

    def _findings(self, state: tuple[str, ...]) -> list[Finding]:
        return [found for found in findings_ahead(self.drawing, state) if found.code == "stuck"] if state else []

    # ── data ──

    def check_data(self, tokens: Iterable[Token], data: Mapping[str, Any], new_fields: Collection[str]) -> None:
        """Raises DataMissing. A field that was left empty is there; one of `new_fields` was never asked for."""
        for need in self.unmet(tuple(sorted({token.element_id for token in tokens}))):
            if not _is_given(need, data, new_fields):
                label = self.drawing.nodes[need.giver].label
                what = f"trường “{need.field}” của bước {label}" if need.field else f"dữ liệu của bước {label}"
                why = "hồ sơ đã đi qua chỗ nhập nên sẽ không có"
                raise DataMissing(f"{need.place} cần {what}, mà {why}.", need.node_id)

    def _unmet(self, places: tuple[str, ...]) -> list[Need]:
        """What some way from these places asks for without having passed its giver."""
        return [need for need in self._needs if need.node_id in self._reached(places, without=need.giver)]

    def _find_needs(self) -> Iterator[Need]:
        starts = [node.id for node in self.drawing.nodes.values() if node.kind == "startEvent"]
        for node, place, name in self._asked():
            giver, _, field = name.partition(".")
            if self._gives(giver) and giver != node.id and node.id not in self._reached(starts, without=giver):
                yield Need(giver, field.split(".")[0], place, node.id)

    def _asked(self) -> Iterator[tuple[Node, str, str]]:
        for written in expressions(self.drawing):
            flow = self.drawing.flows.get(written.element)
            node = self.drawing.nodes[flow.source if flow else written.element]
            for name in sorted(read_names(written)):
                yield node, written.place, name

    def _gives(self, element_id: str) -> bool:
        node = self.drawing.nodes.get(element_id)
        return node is not None and node.kind in GIVERS

    def _reached(self, begin: Iterable[str], *, without: str) -> set[str]:
        def onward(node_id: str) -> list[str]:
            node = self.drawing.nodes[node_id]
            inner = [n.id for n in self.drawing.inside(node_id) if n.kind == "startEvent"]
            return [target for target in (*successors(node, self.drawing), *inner) if target != without]

        return reached([place for place in begin if place != without], onward)


def _is_given(need: Need, data: Mapping[str, Any], new_fields: Collection[str]) -> bool:
    given = data.get(need.giver)
    if given is None or not need.field or not isinstance(given, Mapping):
        return given is not None
    return need.field in given or f"{need.giver}.{need.field}" not in new_fields
