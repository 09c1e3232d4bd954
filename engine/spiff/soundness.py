"""Whether tokens can get stuck: the drawing's states are played through, with every choice taken both ways.

Only choices branch: a token at a shape that nothing else competes for is moved first, which hides no deadlock. The
search is bounded, so no drawing can keep the check busy; what lies beyond the bound is simply not looked at.
"""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from engine.spiff.check_flow import MOST_TOKENS, reached, successors
from engine.spiff.drawing import Drawing, Node
from engine.spiff.findings import Finding, error, warning

MOST_STATES = 3_000
MOST_ON_AN_ARROW = 8

State = tuple[str, ...]
"""The arrows that carry a token, sorted; an arrow that carries two stands twice."""


def soundness_findings(drawing: Drawing) -> list[Finding]:
    """Gateways that may wait forever, and ways on which tokens multiply. The drawing has no structural faults."""
    scopes = [drawing.process_id, *(node.id for node in drawing.nodes.values() if node.kind == "subProcess")]
    begins = [node for scope in scopes for node in drawing.inside(scope) if node.kind == "startEvent"]
    search = _Search(drawing)
    found: dict[tuple[str, str | None], Finding] = {}
    for begin in begins:
        for finding in search.findings(tuple(flow.id for flow in drawing.outgoing(begin.id))):
            found.setdefault((finding.code, finding.element), finding)
    return [search.never_together(finding) or finding for finding in found.values()]


def findings_ahead(drawing: Drawing, state: State) -> list[Finding]:
    """What may go wrong in a process whose arrows carry these tokens now."""
    return list(_Search(drawing).findings(tuple(sorted(state))))


class _Search:
    """Plays one process from one start event. Non-interrupting events set tokens of their own out: not looked at."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.flows = drawing.flows
        self.out = {node_id: tuple(flow.id for flow in drawing.outgoing(node_id)) for node_id in drawing.nodes}
        self.into = {node_id: tuple(flow.id for flow in drawing.incoming(node_id)) for node_id in drawing.nodes}
        self.ahead = lru_cache(maxsize=None)(self._ahead)
        self.passed: set[str] = set()  # joins that all their branches have reached
        self.is_complete = True

    def findings(self, begin: State) -> Iterator[Finding]:
        seen = {begin}
        stack = [begin]
        chosen = False  # whether it may have gone otherwise
        while stack and len(seen) < MOST_STATES:
            state = stack.pop()
            crowded, most = Counter(state).most_common(1)[0] if state else ("", 0)
            if most > MOST_ON_AN_ARROW and (chosen or len(state) > MOST_TOKENS):
                self.is_complete = False
                yield self._multiplying(self._target(crowded), may=chosen)
                return
            followers = self._followers(state)
            chosen |= len(followers) > 1
            if state and not followers:
                yield self._stuck(state)
            fresh = [follower for follower in followers if follower not in seen]
            seen.update(fresh)
            stack += fresh
        self.is_complete &= not stack

    def _multiplying(self, node: Node, *, may: bool) -> Finding:
        why = "gom các nhánh bằng cổng song song trước khi quay lại"
        if not may:
            message = f"Hồ sơ nào cũng tách thành hơn {MOST_TOKENS} nhánh chạy cùng lúc qua {node.phrase}: {why}."
            return error("too-many-tokens", node.id, message)
        message = f"Số nhánh chạy cùng lúc qua {node.phrase} có thể tăng mãi: {why}."
        return warning("multiplying", node.id, message)

    def _stuck(self, state: State) -> Finding:
        node = self._target(state[0])
        mend = "quay lại trước cổng tách nhánh, hoặc gom nhánh bằng cổng cùng loại với cổng tách"
        message = f"Cổng {node.label} có thể chờ mãi một nhánh không bao giờ đến: {mend}."
        return warning("stuck", node.id, message)

    def never_together(self, finding: Finding) -> Finding | None:
        """The error instead of a warning, where a join was not passed in any of all the states that there are."""
        node = self.drawing.nodes[finding.element or ""]
        if finding.code != "stuck" or not self.is_complete or node.id in self.passed or self._begun_beside(node):
            return None
        mend = "dùng cổng cùng loại với cổng tách nhánh, hoặc nối thẳng các mũi tên vào bước sau"
        message = f"Cổng {node.label} chờ những nhánh không bao giờ cùng đến, hồ sơ nào tới đây cũng kẹt lại: {mend}."
        return error("never-together", node.id, message)

    def _begun_beside(self, node: Node) -> bool:
        """Whether a branch may come from an event that sets out a token of its own, which is not played."""
        beside = [event.id for event in self.drawing.nodes.values() if event.attached_to and not event.interrupting]
        return node.id in reached(beside, lambda node_id: successors(self.drawing.nodes[node_id], self.drawing))

    def _target(self, flow_id: str) -> Node:
        return self.drawing.nodes[self.flows[flow_id].target]

    # ── one move ──

    def _followers(self, state: State) -> list[State]:
        """The states after one move, all choices of it; no state where no move is possible."""
        for flow_id in state:
            node = self._target(flow_id)
            if not self._joins(node):
                return [_without(state, (flow_id,), new) for new in self._choices(node)]
        for kind, may in (("parallelGateway", self._parallel), ("inclusiveGateway", self._inclusive)):
            for node in {self._target(flow_id).id: self._target(flow_id) for flow_id in state}.values():
                if node.kind == kind and (used := may(node, state)):
                    self.passed.add(node.id)
                    return [_without(state, used, new) for new in self._choices(node)]
        return []

    def _joins(self, node: Node) -> bool:
        return node.kind in ("parallelGateway", "inclusiveGateway") and len(self.into[node.id]) > 1

    def _choices(self, node: Node) -> list[State | None]:
        """The arrows that get a token, for each way to go on; None ends everything."""
        out = self.out[node.id]
        if node.kind == "endEvent" and node.event in ("terminate", "error"):
            return [None]
        if node.kind in ("exclusiveGateway", "eventBasedGateway"):
            return [(flow_id,) for flow_id in out]
        if node.kind == "inclusiveGateway" and len(out) > 1:
            together = tuple(flow_id for flow_id in out if flow_id != node.default)  # which is taken alone
            return [*((flow_id,) for flow_id in out), together]
        events = [event for event in self.drawing.boundary_events(node.id) if event.interrupting]
        return [out, *(self.out[event.id] for event in events)]

    def _parallel(self, node: Node, state: State) -> State:
        into = self.into[node.id]
        return into if all(flow_id in state for flow_id in into) else ()

    def _inclusive(self, node: Node, state: State) -> State:
        arrived = [flow_id for flow_id in self.into[node.id] if flow_id in state]
        missing = [flow_id for flow_id in self.into[node.id] if flow_id not in state]
        for flow_id in state:
            ahead = self.ahead(flow_id, node.id) if self._target(flow_id) is not node else frozenset()
            if not ahead.isdisjoint(missing) and ahead.isdisjoint(arrived):
                return ()
        return tuple(arrived)

    def _ahead(self, flow_id: str, join: str) -> frozenset[str]:
        """The arrows that a token may still come along before it passes the join."""

        def onward(current: str) -> list[str]:
            target = self._target(current)
            borders = [event.id for event in self.drawing.boundary_events(target.id)]
            return [] if target.id == join else [f for node_id in (target.id, *borders) for f in self.out[node_id]]

        return frozenset(reached([flow_id], onward))


def _without(state: State, used: State, new: State | None) -> State:
    if new is None:
        return ()
    tokens = Counter(state)
    tokens.subtract(used)
    tokens.update(new)
    return tuple(sorted(tokens.elements()))
