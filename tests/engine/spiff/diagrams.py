"""Processes that are drawn as a tree of blocks, laid out as shapes and arrows."""

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

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
    enough: int = 0  # so many who answer 1 end a multi-instance step
    again: bool = False  # a loop goes on while 1 is answered
    most: int = 0  # turns of a loop
    code: str = ""  # of a signal, error or escalation; none catches any


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
        return self._process("", "process")

    def called(self) -> list[bytes]:
        """The processes that are called, each after those that it calls itself."""
        return [self._process(node.id, node.id) for node in reversed(self.nodes) if node.kind == "call"]

    def _process(self, scope: str, process_id: str) -> bytes:
        flows = [_arrow(flow) for flow in self.flows if self.scope_of(flow) == scope]
        return draw.bpmn(*self._shapes(scope), flows=flows, process_id=process_id)

    def scope_of(self, flow: Flow) -> str:
        return next(node.scope for node in self.nodes if node.id == flow.source)

    def _shapes(self, scope: str) -> list[str]:
        return [self._shape(node) for node in self.nodes if node.scope == scope]

    def _shape(self, node: Node) -> str:
        if node.kind == "sub":
            inside = [_arrow(flow) for flow in self.flows if self.scope_of(flow) == node.id]
            return draw.sub(node.id, *self._shapes(node.id), flows=inside, loop=_marks(node))
        if node.kind == "beside":
            inside = [_arrow(flow) for flow in self.flows if self.scope_of(flow) == node.id]
            return draw.sub(node.id, *self._shapes(node.id), flows=inside, beside=True)
        return _SHAPES[node.kind](node)


_SHAPES: dict[str, Any] = {
    "start": lambda n: draw.start(n.id),
    "begin_message": lambda n: draw.start(n.id, message=f"m_{n.id}", interrupting=n.interrupting),
    "begin_timer": lambda n: draw.start(n.id, timer="P1D", interrupting=n.interrupting),
    "begin_signal": lambda n: draw.start(n.id, told=f"signal:{n.code}", interrupting=n.interrupting),
    "begin_error": lambda n: draw.start(n.id, told=f"error:{n.code}"),
    "begin_escalation": lambda n: draw.start(n.id, told=f"escalation:{n.code}", interrupting=n.interrupting),
    "end": lambda n: draw.end(n.id),
    "terminate": lambda n: draw.end(n.id, terminate=True),
    "user": lambda n: draw.user(n.id, _marks(n)),
    "service": lambda n: draw.service(n.id, loop=_marks(n)),
    "call": lambda n: draw.call(n.id, n.id, _marks(n), outputs="done = true"),
    "script": lambda n: draw.script(n.id, f"{n.id} = {n.id}_before + 1"),
    "throw": lambda n: draw.throw(n.id, f"m_{n.id}"),
    "receive": lambda n: draw.receive(n.id, f"m_{n.id}", _marks(n)),
    "message": lambda n: draw.catch(n.id, message=f"m_{n.id}"),
    "timer": lambda n: draw.catch(n.id, timer="P1D"),
    "signal": lambda n: draw.catch(n.id, told=f"signal:{n.code}"),
    "tell": lambda n: draw.throw(n.id, told=f"signal:{n.code}"),
    "error": lambda n: draw.end(n.id, told=f"error:{n.code}"),
    "escalate": lambda n: draw.throw(n.id, told=f"escalation:{n.code}"),
    "border_signal": lambda n: _told(n, "signal"),
    "border_error": lambda n: _told(n, "error"),
    "border_escalation": lambda n: _told(n, "escalation"),
    "border_message": lambda n: draw.border(n.id, n.on, message=f"m_{n.id}", interrupting=n.interrupting),
    "border_timer": lambda n: draw.border(n.id, n.on, timer="P1D", interrupting=n.interrupting),
    "xor": lambda n: draw.xor(n.id),
    "both": lambda n: draw.both(n.id),
    "some": lambda n: draw.some(n.id),
    "first": lambda n: draw.first(n.id),
}


def _told(node: Node, kind: str) -> str:
    return draw.border(node.id, node.on, told=f"{kind}:{node.code}", interrupting=node.interrupting)


def _marks(node: Node) -> str:
    if node.again or node.most:
        return draw.again(f"{node.id}.n == 1" if node.again else "", str(node.most or ""))
    until = f"count('n', 1) >= {node.enough}" if node.enough else ""
    return draw.many(str(node.times), sequential=node.sequential, until=until) if node.times else ""


def _arrow(flow: Flow) -> str:
    if flow.value is None:
        return f"{flow.source}>{flow.target}" + (" default" if flow.ask else "")
    condition = f"{flow.value} in {flow.ask}.picks" if flow.picks else f"{flow.ask}.n == {flow.value}"
    return f"{flow.source}>{flow.target} if {condition}"


Block = tuple[Any, ...]


def lay_out(block: Block) -> Graph:
    """Shapes and arrows of a tree."""
    layout = _Layout()
    layout.process(block, "")
    return layout.graph


class _Layout:
    def __init__(self) -> None:
        self.graph = Graph()

    def process(self, block: Block, scope: str) -> None:
        """A block with a start and an end; one that is watched has an event sub-process beside it."""
        if block[0] == "watched":
            block = self._beside(scope, *block[2:])
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

    def _leaf(self, scope: str, kind: str, code: str = "") -> tuple[str, str]:
        node = self.add(kind, scope, code=code)
        return node, node

    def _many(
        self, scope: str, _: str, times: int, sequential: bool, kind: str = "user", enough: int = 0
    ) -> tuple[str, str]:
        node = self.add(kind, scope, times=times, sequential=sequential, enough=enough)
        return node, node

    def _again(self, scope: str, _: str, asked: bool, most: int) -> tuple[str, str]:
        node = self.add("user", scope, again=asked, most=most)
        return node, node

    def _boxes(self, scope: str, _: str, times: int, sequential: bool, kind: str, steps: int) -> tuple[str, str]:
        """A sub-process or call for each of several; one token in each, so that all at one step are alike."""
        node = self.add(kind, scope, times=times, sequential=sequential)
        self.process(("sequence", [("user",)] * steps), node)
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
        return self._box(scope, _, "sub", part)

    def _box(self, scope: str, _: str, kind: str, part: Block, **marks: int) -> tuple[str, str]:
        node = self.add(kind, scope, **marks)
        self.process(part, node)
        return node, node

    def _turns(self, scope: str, _: str, kind: str, part: Block) -> tuple[str, str]:
        return self._box(scope, _, kind, part, most=2)

    def _erring(
        self, scope: str, _: str, kind: str, code: str, caught: str, part: Block, handler: Block
    ) -> tuple[str, str]:
        """A box in which somebody may choose an error."""
        box = self.add(kind, scope)
        begin, finish, wrong = self.add("start", box), self.add("end", box), self.add("error", box, code=code)
        ask, split = self._asked(box, "xor")
        first, last = self.block(part, box)
        self.join(begin, ask)
        self.join(split, wrong, ask, 1)
        self.join(split, first, ask)
        self.join(last, finish)
        ends = self._with_handler(scope, box, "error", caught, True, handler)
        if caught:
            anything = self.add("border_error", scope, on=box)
            self.join(anything, self.add("end", scope))
            self.graph.nodes.insert(0, self.graph.nodes.pop())  # Comes first, and still is asked last.
        return ends

    def _asking(
        self, scope: str, _: str, kind: str, code: str, interrupting: bool, part: Block, handler: Block
    ) -> tuple[str, str]:
        """A box that tells an escalation after its first step."""
        box = self.add(kind, scope)
        self.process(("sequence", [("user",), ("escalate", code), part]), box)
        return self._with_handler(scope, box, "escalation", code, interrupting, handler)

    def _with_handler(
        self, scope: str, box: str, kind: str, code: str, interrupting: bool, handler: Block
    ) -> tuple[str, str]:
        merge = self.add("xor", scope)
        border = self.add(f"border_{kind}", scope, on=box, interrupting=interrupting, code=code)
        first, last = self.block(handler, scope)
        self.join(box, merge)
        self.join(border, first)
        self.join(last, merge if interrupting else self.add("end", scope))
        return box, merge

    def _watched(self, scope: str, kind: str, box: str, *parts: Any) -> tuple[str, str]:
        node = self.add(box, scope)
        self.process((kind, box, *parts), node)
        return node, node

    def _beside(self, scope: str, event: str, interrupting: bool, part: Block, handler: Block) -> Block:
        """Draws the event sub-process; returns what runs beside it, which tells what it listens for."""
        beside = self.add("beside", scope)
        begin = self.add(f"begin_{event}", beside, interrupting=interrupting, code="a")
        first, last = self.block(handler, beside)
        self.join(begin, first)
        self.join(last, self.add("end", beside))
        if event == "error":
            return ("failing", part)
        return ("sequence", [("user",), ("escalate", "a"), part]) if event == "escalation" else part

    def _failing(self, scope: str, _: str, part: Block) -> tuple[str, str]:
        """Somebody may choose an error."""
        ask, split = self._asked(scope, "xor")
        first, last = self.block(part, scope)
        self.join(split, self.add("error", scope, code="a"), ask, 1)
        self.join(split, first, ask)
        return ask, last

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
                if n.scope == scope and n.kind in ("user", "service", "sub", "call", "receive")
            ),
            None,
        )
        if owner is not None:
            border = self.add(f"border_{event}", scope, on=owner.id, interrupting=interrupting, code="a")
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


def deterministic(graph: Graph) -> Graph:
    """The graph, without scripts if all of it may end at once."""
    return without_scripts(graph) if any(node.kind in ("terminate", "error") for node in graph.nodes) else graph
