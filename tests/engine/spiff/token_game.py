"""BPMN's rules as a token game on shapes and arrows, written without a look at the engine."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.engine.spiff.diagrams import Flow, Graph, Node

WAITING = ("user", "service", "receive", "message", "timer", "first")
HALTED = -1


@dataclass(eq=False)
class Token:
    node: Node
    run: int  # which run of the process or sub-process it belongs to
    came: Flow | None = None  # for tokens that wait at a join
    armed: list[Node] = field(default_factory=list)  # events on the border that may still come
    left: int = 1  # instances of a multi-instance step that are not done
    inner: int = HALTED  # the run of the sub-process that it waits for


class Game:
    """One instance: `waits` says what may happen, `happen` makes it happen."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = {node.id: node for node in graph.nodes}
        self.tokens: list[Token] = []
        self.runs = count()
        self.data: dict[str, Any] = {}
        self.sent: Counter[str] = Counter()
        self.caller: dict[int, Token] = {}
        self.completed = False
        self._begin("", None)
        self._settle()

    # ── what may happen ──

    def waits(self) -> list[tuple[str, str]]:
        """(kind, element) of everything that the outside may do, each as often as it may be done."""
        found = []
        for token in self.tokens:
            found += [(_verb(event), event.id) for event in token.armed]
            if token.node.kind == "first":
                found += [(_verb(self.nodes[f.target]), f.target) for f in self._out(token.node)]
            elif token.node.kind in WAITING:
                found += [(_verb(token.node), token.node.id)] * (1 if token.node.sequential else token.left)
        return sorted(found)

    def happen(self, element: str, values: dict[str, Any]) -> None:
        """One of the waits comes true."""
        node = self.nodes[element]
        if _verb(node) != "timer":
            self.data[element] = values
        token = next(token for token in self.tokens if self._offers(token, node))
        if node in token.armed:
            self._border(token, node)
        elif token.node.kind == "first":
            self._leave(token, node)
        else:
            token.left -= 1
            if token.left == 0:
                self._leave(token, node)
        self._settle()

    def _offers(self, token: Token, node: Node) -> bool:
        return (
            token.node is node
            or node in token.armed
            or any(token.node.kind == "first" and flow.target == node.id for flow in self._out(token.node))
        )

    def _border(self, token: Token, event: Node) -> None:
        if event.interrupting:
            self._remove(token)
        elif event.kind == "border_timer":
            token.armed.remove(event)
        self._go_on(event, token.run)

    # ── moving tokens ──

    def _begin(self, scope: str, caller: Token | None) -> None:
        run = next(self.runs)
        if caller is not None:
            caller.inner = run
            self.caller[run] = caller
        start = next(node for node in self.graph.nodes if node.scope == scope and node.kind == "start")
        self._go_on(start, run)

    def _leave(self, token: Token, node: Node) -> None:
        self._remove(token)
        self._go_on(node, token.run)

    def _remove(self, token: Token) -> None:
        self.tokens.remove(token)
        if token.inner != HALTED:
            self._halt(token.inner)

    def _halt(self, run: int) -> None:
        for token in [token for token in self.tokens if token.run == run]:
            if token in self.tokens:
                self._remove(token)

    def _go_on(self, node: Node, run: int) -> None:
        for flow in self._chosen(node):
            self._arrive(flow, run)

    def _chosen(self, node: Node) -> list[Flow]:
        flows = self._out(node)
        if node.kind not in ("xor", "some") or not flows[0].ask:
            return flows
        true = [flow for flow in flows if flow.value is not None and self._holds(flow)]
        true = true or [flow for flow in flows if flow.value is None]
        return true[:1] if node.kind == "xor" else true

    def _holds(self, flow: Flow) -> bool:
        answer = self.data.get(flow.ask, {})
        return flow.value in answer.get("picks", ()) if flow.picks else answer.get("n") == flow.value

    def _arrive(self, flow: Flow, run: int) -> None:
        node = self.nodes[flow.target]
        token = Token(node, run, flow, list(self._borders(node)), node.times or 1)
        if node.kind == "sub":
            self.tokens.append(token)
            self._begin(node.id, token)
        elif node.kind in WAITING or (node.kind in ("both", "some") and len(self._into(node)) > 1):
            self.tokens.append(token)
        elif node.kind == "end":
            return
        elif node.kind == "terminate":
            self._halt(run)
        else:
            self._pass(node)
            self._go_on(node, run)

    def _pass(self, node: Node) -> None:
        if node.kind == "script":
            self.data[node.id] = None  # arithmetic with a missing name
        elif node.kind == "throw":
            self.sent[node.id] += 1

    # ── joins, and ends of processes ──

    def _settle(self) -> None:
        while self._fire_a_parallel_join() or self._fire_an_inclusive_join() or self._end_a_run():
            pass

    def _fire_a_parallel_join(self) -> bool:
        for run, node in self._joins("both"):
            arrived = {flow: self._at(run, node, flow) for flow in self._into(node)}
            if all(arrived.values()):
                for tokens in arrived.values():
                    self.tokens.remove(tokens[0])
                self._go_on(node, run)
                return True
        return False

    def _fire_an_inclusive_join(self) -> bool:
        for run, node in self._joins("some"):
            arrived = [flow for flow in self._into(node) if self._at(run, node, flow)]
            missing = [flow for flow in self._into(node) if flow not in arrived]
            others = [token for token in self.tokens if token.run == run and token.node is not node]
            if not any(self._blocks(token, missing, arrived, node) for token in others):
                for flow in arrived:
                    self.tokens.remove(self._at(run, node, flow)[0])
                self._go_on(node, run)
                return True
        return False

    def _blocks(self, token: Token, missing: list[Flow], arrived: list[Flow], join: Node) -> bool:
        for place in (token.node, *token.armed):
            reached = self._ahead(place, join)
            if any(flow in reached for flow in missing) and not any(flow in reached for flow in arrived):
                return True
        return False

    def _ahead(self, node: Node, join: Node) -> set[Flow]:
        """The arrows that a token may still come along before it passes the join."""
        seen: set[Flow] = set()
        stack = self._out(node)
        while stack:
            flow = stack.pop()
            if flow not in seen:
                seen.add(flow)
                target = self.nodes[flow.target]
                if target is not join:
                    stack += self._out(target) + [f for event in self._borders(target) for f in self._out(event)]
        return seen

    def _end_a_run(self) -> bool:
        for run, caller in list(self.caller.items()):
            if caller in self.tokens and not any(token.run == run for token in self.tokens):
                caller.inner = HALTED
                del self.caller[run]
                self._leave(caller, caller.node)
                return True
        self.completed = not self.tokens
        return False

    def _joins(self, kind: str) -> list[tuple[int, Node]]:
        return list(dict.fromkeys((token.run, token.node) for token in self.tokens if token.node.kind == kind))

    def _at(self, run: int, node: Node, flow: Flow) -> list[Token]:
        return [token for token in self.tokens if token.run == run and token.node is node and token.came == flow]

    # ── the drawing ──

    def _out(self, node: Node) -> list[Flow]:
        return [flow for flow in self.graph.flows if flow.source == node.id]

    def _into(self, node: Node) -> list[Flow]:
        return [flow for flow in self.graph.flows if flow.target == node.id]

    def _borders(self, node: Node) -> list[Node]:
        return [event for event in self.graph.nodes if event.on == node.id]


def _verb(node: Node) -> str:
    if node.kind in ("timer", "border_timer"):
        return "timer"
    return "message" if node.kind in ("receive", "message", "border_message") else node.kind
