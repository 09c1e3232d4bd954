"""Random processes, drawn as a tree of blocks and laid out as shapes and arrows."""

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from tests.engine.spiff import drawings as draw


@dataclass(frozen=True)
class Node:
    id: str
    kind: str
    scope: str = ""  # the sub-process around it
    on: str = ""  # the activity whose border it sits on
    interrupting: bool = True
    times: int = 0  # of a multi-instance step
    sequential: bool = False


@dataclass(frozen=True)
class Flow:
    source: str
    target: str
    ask: str = ""  # the step whose answer decides
    value: int | None = None  # None: the default arrow, or one without a condition
    picks: bool = False  # the answer is a list of values rather than one


@dataclass
class Graph:
    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    def xml(self) -> bytes:
        return draw.bpmn(*self._shapes(""), flows=[_arrow(f) for f in self.flows if self.scope_of(f) == ""])

    def scope_of(self, flow: Flow) -> str:
        return next(node.scope for node in self.nodes if node.id == flow.source)

    def _shapes(self, scope: str) -> list[str]:
        return [self._shape(node) for node in self.nodes if node.scope == scope]

    def _shape(self, node: Node) -> str:
        if node.kind == "sub":
            inside = [_arrow(flow) for flow in self.flows if self.scope_of(flow) == node.id]
            return draw.sub(node.id, *self._shapes(node.id), flows=inside)
        return _SHAPES[node.kind](node)


_SHAPES: dict[str, Any] = {
    "start": lambda n: draw.start(n.id),
    "end": lambda n: draw.end(n.id),
    "terminate": lambda n: draw.end(n.id, terminate=True),
    "user": lambda n: draw.user(n.id, draw.many(str(n.times), sequential=n.sequential) if n.times else ""),
    "service": lambda n: draw.service(n.id),
    "script": lambda n: draw.script(n.id, f"{n.id} = {n.id}_before + 1"),
    "throw": lambda n: draw.throw(n.id, f"m_{n.id}"),
    "receive": lambda n: draw.receive(n.id, f"m_{n.id}"),
    "message": lambda n: draw.catch(n.id, message=f"m_{n.id}"),
    "timer": lambda n: draw.catch(n.id, timer="P1D"),
    "border_message": lambda n: draw.border(n.id, n.on, message=f"m_{n.id}", interrupting=n.interrupting),
    "border_timer": lambda n: draw.border(n.id, n.on, timer="P1D", interrupting=n.interrupting),
    "xor": lambda n: draw.xor(n.id),
    "both": lambda n: draw.both(n.id),
    "some": lambda n: draw.some(n.id),
    "first": lambda n: draw.first(n.id),
}


def _arrow(flow: Flow) -> str:
    if flow.value is None:
        return f"{flow.source}>{flow.target}" + (" default" if flow.ask else "")
    condition = f"{flow.value} in {flow.ask}.picks" if flow.picks else f"{flow.ask}.n == {flow.value}"
    return f"{flow.source}>{flow.target} if {condition}"


# ── the tree ──

Block = tuple[Any, ...]


def blocks(*, safe: bool, max_leaves: int = 9) -> st.SearchStrategy[Block]:
    """Blocks of every kind; unless `safe`, several tokens may come to one shape, so only kinds where they are alike."""
    leaves = st.sampled_from([("user",), ("service",), ("script",), ("throw",), ("receive",), ("message",), ("timer",)])
    if safe:
        leaves |= st.tuples(st.just("many"), st.integers(1, 3), st.booleans())
    return st.recursive(leaves, lambda inner: _composite(inner, safe), max_leaves=max_leaves)


def _composite(inner: st.SearchStrategy[Block], safe: bool) -> st.SearchStrategy[Block]:
    several = st.lists(inner, min_size=2, max_size=3)
    kinds = [
        st.tuples(st.just("sequence"), several),
        st.tuples(st.just("choice"), several),
        st.tuples(st.just("parallel"), several),
        st.tuples(st.just("loop"), inner),
    ]
    if safe:
        kinds += [
            st.tuples(st.just("some"), several),
            st.tuples(st.just("sub"), inner),
            st.tuples(st.just("events"), several),
            st.tuples(st.just("border"), st.sampled_from(["message", "timer"]), st.just(True), inner, inner),
            st.tuples(st.just("border"), st.sampled_from(["message", "timer"]), st.just(False), inner, _HANDLERS),
            st.tuples(st.just("stop"), inner),
        ]
    else:
        kinds += [st.tuples(st.just("split"), several), st.tuples(st.just("unbalanced"), several)]
    return st.one_of(kinds)


_HANDLERS = st.deferred(lambda: blocks(safe=False, max_leaves=3))
"""What a non-interrupting event leads to: it may come again before the last one was dealt with."""


def graphs(*, safe: bool) -> st.SearchStrategy[Graph]:
    """Processes with at least one block."""
    return blocks(safe=safe).map(lay_out)


def lay_out(block: Block) -> Graph:
    """Shapes and arrows of a tree."""
    layout = _Layout()
    layout.process(block, "")
    return layout.graph


class _Layout:
    def __init__(self) -> None:
        self.graph = Graph()

    def process(self, block: Block, scope: str) -> None:
        begin, finish = self.add("start", scope), self.add("end", scope)
        first, last = self.block(block, scope)
        self.join(begin, first)
        self.join(last, finish)

    def add(self, kind: str, scope: str, **more: Any) -> str:
        node = Node(f"{kind}{len(self.graph.nodes)}", kind, scope, **more)
        self.graph.nodes.append(node)
        return node.id

    def join(self, source: str, target: str, ask: str = "", value: int | None = None, picks: bool = False) -> None:
        self.graph.flows.append(Flow(source, target, ask, value, picks))

    def block(self, block: Block, scope: str) -> tuple[str, str]:
        """The first and the last shape of a block."""
        kind, *parts = block
        return getattr(self, f"_{kind}", self._leaf)(scope, kind, *parts)

    def _leaf(self, scope: str, kind: str) -> tuple[str, str]:
        node = self.add(kind, scope)
        return node, node

    def _many(self, scope: str, _: str, times: int, sequential: bool) -> tuple[str, str]:
        node = self.add("user", scope, times=times, sequential=sequential)
        return node, node

    def _sequence(self, scope: str, _: str, parts: list[Block]) -> tuple[str, str]:
        ends = [self.block(part, scope) for part in parts]
        for (_, last), (first, _) in itertools.pairwise(ends):
            self.join(last, first)
        return ends[0][0], ends[-1][1]

    def _asked(self, scope: str, gateway: str) -> tuple[str, str]:
        ask, split = self.add("user", scope), self.add(gateway, scope)
        self.join(ask, split)
        return ask, split

    def _choice(self, scope: str, _: str, parts: list[Block]) -> tuple[str, str]:
        ask, split = self._asked(scope, "xor")
        merge = self.add("xor", scope)
        for value, part in enumerate(parts):
            first, last = self.block(part, scope)
            self.join(split, first, ask, value or None)
            self.join(last, merge)
        return ask, merge

    def _some(self, scope: str, _: str, parts: list[Block]) -> tuple[str, str]:
        ask, split = self._asked(scope, "some")
        merge = self.add("some", scope)
        self.join(split, merge, ask)
        for value, part in enumerate(parts):
            first, last = self.block(part, scope)
            self.join(split, first, ask, value, picks=True)
            self.join(last, merge)
        return ask, merge

    def _parallel(self, scope: str, _: str, parts: list[Block]) -> tuple[str, str]:
        return self._forked(scope, parts, "both")

    def _split(self, scope: str, _: str, parts: list[Block]) -> tuple[str, str]:
        """Without a join: each token goes on alone."""
        return self._forked(scope, parts, "xor")

    def _unbalanced(self, scope: str, _: str, parts: list[Block]) -> tuple[str, str]:
        """Two of the branches are joined, the token that leaves them meets the others at a second gateway."""
        split, merge, inner = self.add("both", scope), self.add("both", scope), self.add("both", scope)
        for place, part in enumerate(parts):
            first, last = self.block(part, scope)
            self.join(split, first)
            self.join(last, inner if place < 2 else merge)
        self.join(inner, merge)
        return split, merge

    def _forked(self, scope: str, parts: list[Block], joining: str) -> tuple[str, str]:
        split, merge = self.add("both", scope), self.add(joining, scope)
        for part in parts:
            first, last = self.block(part, scope)
            self.join(split, first)
            self.join(last, merge)
        return split, merge

    def _loop(self, scope: str, _: str, part: Block) -> tuple[str, str]:
        merge = self.add("xor", scope)
        first, last = self.block(part, scope)
        ask, again = self._asked(scope, "xor")
        leave = self.add("xor", scope)
        self.join(merge, first)
        self.join(last, ask)
        self.join(again, merge, ask, 1)
        self.join(again, leave, ask)
        return merge, leave

    def _sub(self, scope: str, _: str, part: Block) -> tuple[str, str]:
        node = self.add("sub", scope)
        self.process(part, node)
        return node, node

    def _events(self, scope: str, _: str, parts: list[Block]) -> tuple[str, str]:
        split, merge = self.add("first", scope), self.add("xor", scope)
        for place, part in enumerate(parts):
            event = self.add("timer" if place % 2 else "message", scope)
            first, last = self.block(part, scope)
            self.join(split, event)
            self.join(event, first)
            self.join(last, merge)
        return split, merge

    def _border(
        self, scope: str, _: str, event: str, interrupting: bool, part: Block, handler: Block
    ) -> tuple[str, str]:
        """The first activity of the part gets an event; where it has none, the part stands alone."""
        merge = self.add("xor", scope)
        before = len(self.graph.nodes)
        first, last = self.block(part, scope)
        self.join(last, merge)
        owner = next(
            (
                n
                for n in self.graph.nodes[before:]
                if n.scope == scope and n.kind in ("user", "service", "sub", "receive")
            ),
            None,
        )
        if owner is not None:
            border = self.add(f"border_{event}", scope, on=owner.id, interrupting=interrupting)
            begin, finish = self.block(handler, scope)
            self.join(border, begin)
            self.join(finish, merge if interrupting and owner.id == last else self.add("end", scope))
        return first, merge

    def _stop(self, scope: str, _: str, part: Block) -> tuple[str, str]:
        """A branch that may end the whole process at once."""
        ask, split = self._asked(scope, "xor")
        stop = self.add("terminate", scope)
        first, last = self.block(part, scope)
        self.join(split, stop, ask, 1)
        self.join(split, first, ask)
        return ask, last


def without_scripts(graph: Graph) -> Graph:
    """Scripts become throw events: a token that is ended on its way may or may not have passed one."""
    nodes = [replace(node, kind="throw") if node.kind == "script" else node for node in graph.nodes]
    return Graph(nodes, graph.flows)
