"""BPMN's rules as a token game on shapes and arrows, written without a look at the engine."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.engine.spiff.diagrams import Flow, Graph, Node

WAITING = ("user", "service", "receive", "message", "timer", "signal", "first")
BOXES = ("sub", "call")
BEGINS = ("begin_message", "begin_timer", "begin_signal", "begin_error", "begin_escalation")
TOLD = ("border_error", "border_escalation", "begin_error", "begin_escalation")
"""Events that nobody outside can make happen."""
SIGNALS = ("signal", "border_signal", "begin_signal")
TRACELESS = {"timer", "border_timer", "begin_timer", *SIGNALS}


@dataclass(eq=False)
class Run:
    """One run of the process, of a sub-process, or of a called process."""

    scope: str
    caller: "Token | None"
    prefix: str
    data: dict[str, Any]
    depth: int
    alive: bool = True
    ended: int = 0  # how often all its tokens were taken away
    standing_by: list[Node] = field(default_factory=list)  # starts of event sub-processes that may still come


@dataclass(eq=False)
class Token:
    node: Node
    run: Run
    came: Flow | None = None  # for tokens that wait at a join
    armed: list[Node] = field(default_factory=list)  # events on the border that may still come
    results: list[Any] = field(default_factory=list)  # one of each instance or turn that is done
    inner: list[Run] = field(default_factory=list)  # that it waits for


class Game:
    """One instance: `waits` says what may happen, `happen` makes it happen."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = {node.id: node for node in graph.nodes}
        self.tokens: list[Token] = []
        self.runs: list[Run] = []
        self.data: dict[str, Any] = {}
        self.sent: Counter[str] = Counter()
        self.signals: list[tuple[str, Any]] = []
        self.completed = False
        self.joined: set[str] = set()
        """Joins that were passed."""
        self._begin(Run("", None, "", self.data, 0))
        self._settle()

    # ── what may happen ──

    def waits(self) -> list[tuple[str, str]]:
        """(kind, element) of everything that the outside may do, each as often as it may be done."""
        return sorted(self._steps() + [(_verb(node), run.prefix + node.id) for run, node in self._starts()])

    @property
    def stuck(self) -> bool:
        """Whether no token can ever go on; what may begin beside them helps nobody."""
        return not self.completed and not self._steps()

    def _steps(self) -> list[tuple[str, str]]:
        return [(_verb(node), token.run.prefix + node.id) for token in self.tokens for node in self._open(token)]

    def _starts(self) -> list[tuple[Run, Node]]:
        return [(run, node) for run in self.runs for node in run.standing_by if node.kind not in TOLD]

    def _open(self, token: Token) -> list[Node]:
        events = [event for event in token.armed if event.kind not in TOLD]
        if token.node.kind == "first":
            return events + [self.nodes[flow.target] for flow in self._out(token.node)]
        if token.node.kind not in WAITING:
            return events
        at_once = max(1, token.node.times - len(token.results)) if not token.node.sequential else 1
        return events + [token.node] * at_once

    def happen(self, element: str, values: dict[str, Any]) -> None:
        """One of the waits comes true."""
        waiting = [(token, token.run, node) for token in self.tokens for node in self._open(token)]
        waiting += [(None, run, node) for run, node in self._starts()]
        token, run, node = next(each for each in waiting if each[1].prefix + each[2].id == element)
        if node.kind not in TRACELESS:
            run.data[node.id] = values
        if node.kind in SIGNALS:
            self._broadcast(node.code, values)
        elif token is None:
            self._begin_beside(run, node)
        elif node in token.armed or token.node.kind == "first":
            self._fire(token, node)
        else:
            self._done(token, values)
        self._settle()

    def _fire(self, token: Token, event: Node) -> None:
        """An event on the border, behind an event gateway, or on the way has come."""
        if event not in token.armed or event.interrupting:
            self._remove(token)
        elif event.kind == "border_timer":
            token.armed.remove(event)
        self._go_on(event, token.run)

    def _done(self, token: Token, values: Any) -> None:
        """One instance, or one turn, of an activity is done."""
        token.results.append(values)
        if self._is_finished(token):
            self._remove(token)
            self._go_on(token.node, token.run)
        elif token.node.kind in BOXES and (token.node.sequential or token.node.most):
            self._begin_inside(token)

    def _is_finished(self, token: Token) -> bool:
        node, done = token.node, len(token.results)
        if node.most or node.again:
            turns_left = not node.most or done < node.most
            return not (turns_left and (not node.again or token.results[-1].get("n") == 1))
        agreed = sum(result is not None and result.get("n") == 1 for result in token.results)
        return done == (node.times or 1) or (node.enough > 0 and agreed >= node.enough)

    # ── what is told ──

    def _broadcast(self, code: str, values: Any) -> None:
        """A signal reaches all that wait for it now, from the outside in: who is interrupted hears nothing more."""
        heard: list[tuple[Token | None, Run, Node]] = [(None, run, node) for run, node in self._starts()]
        heard += [(token, token.run, event) for token in self.tokens for event in dict.fromkeys(self._open(token))]
        for token, run, event in sorted(heard, key=lambda each: each[1].depth):
            if event.kind not in SIGNALS or event.code != code:
                continue
            if token is None and run.alive and event in run.standing_by:
                run.data[event.id] = values
                self._begin_beside(run, event)
            elif token in self.tokens:
                run.data[event.id] = values
                self._fire(token, event)

    def _throw(self, kind: str, code: str, run: Run) -> None:
        """To the nearest activity around, or event sub-process beside it; the code before the one for any.

        What is told in an event sub-process does not begin it again.
        """
        inside = ""
        while True:
            beside = [event for event in run.standing_by if event.scope != inside]
            if (event := _named(beside, f"begin_{kind}", code)) is not None:
                run.data[event.id] = {}
                self._begin_beside(run, event)
                return
            if (caller := run.caller) is None:
                break
            if (event := _named(caller.armed, f"border_{kind}", code)) is not None:
                caller.run.data[event.id] = {}
                self._fire(caller, event)
                return
            inside, run = run.scope, caller.run
        if kind == "error":
            self._halt(run)

    # ── moving tokens ──

    def _begin(self, run: Run) -> None:
        self.runs.append(run)
        inside = [node for node in self.graph.nodes if node.scope == run.scope]
        beside = {node.id for node in inside if node.kind == "beside"}
        run.standing_by = [node for node in self.graph.nodes if node.scope in beside and node.kind in BEGINS]
        start = next(node for node in inside if node.kind in ("start", *BEGINS))
        self._go_on(start, run)

    def _begin_beside(self, run: Run, start: Node) -> None:
        """An event sub-process begins; one that interrupts ends all else in its run."""
        if start.interrupting:
            self._halt(run)
        elif start.kind == "begin_timer":
            run.standing_by.remove(start)
        token = Token(self.nodes[start.scope], run)
        self.tokens.append(token)
        self._begin_inside(token)

    def _begin_inside(self, token: Token) -> None:
        around, node = token.run, token.node
        prefix, data = (f"{around.prefix}{node.id}:", {}) if node.kind == "call" else (around.prefix, around.data)
        run = Run(node.id, token, prefix, data, around.depth + 1)
        token.inner.append(run)
        self._begin(run)

    def _remove(self, token: Token) -> None:
        self.tokens.remove(token)
        for run in token.inner:
            self._halt(run)
            self.runs.remove(run)
            run.alive = False
        token.inner.clear()

    def _halt(self, run: Run) -> None:
        run.ended += 1
        run.standing_by = []
        for token in [token for token in self.tokens if token.run is run]:
            if token in self.tokens:
                self._remove(token)

    def _go_on(self, node: Node, run: Run) -> None:
        ended = run.ended
        for flow in self._chosen(node, run):
            if run.alive and run.ended == ended:
                self._arrive(flow, run)

    def _chosen(self, node: Node, run: Run) -> list[Flow]:
        flows = self._out(node)
        if node.kind not in ("xor", "some") or not flows[0].ask:
            return flows
        true = [flow for flow in flows if flow.value is not None and self._holds(flow, run)]
        true = true or [flow for flow in flows if flow.value is None]
        return true[:1] if node.kind == "xor" else true

    def _holds(self, flow: Flow, run: Run) -> bool:
        answer = run.data.get(flow.ask, {})
        return flow.value in answer.get("picks", ()) if flow.picks else answer.get("n") == flow.value

    def _arrive(self, flow: Flow, run: Run) -> None:
        node = self.nodes[flow.target]
        if node.kind in (*BOXES, *WAITING) or (node.kind in ("both", "some") and len(self._into(node)) > 1):
            token = Token(node, run, flow, list(self._borders(node)))
            self.tokens.append(token)
            if node.kind in BOXES:
                for _ in range(1 if node.sequential else node.times or 1):
                    self._begin_inside(token)
        elif node.kind == "terminate":
            self._halt(run)
        elif node.kind == "error":
            self._throw("error", node.code, run)
        elif node.kind != "end":
            ended = run.ended
            self._pass(node, run)
            if run.ended == ended:
                self._go_on(node, run)

    def _pass(self, node: Node, run: Run) -> None:
        if node.kind == "script":
            run.data[node.id] = None  # arithmetic with a missing name
        elif node.kind == "throw":
            self.sent[f"m_{node.id}"] += 1
        elif node.kind == "tell":
            self.sent[f"signal:{node.code}"] += 1
            self.signals.append((node.code, {}))
        elif node.kind == "escalate":
            self._throw("escalation", node.code, run)

    # ── joins, ends of processes, and signals once nothing else moves ──

    def _settle(self) -> None:
        while (
            self._fire_a_parallel_join()
            or self._fire_an_inclusive_join()
            or self._end_a_run()
            or self._hear_a_signal()
        ):  # fmt: skip
            pass

    def _hear_a_signal(self) -> bool:
        if not self.signals:
            return False
        self._broadcast(*self.signals.pop(0))
        return True

    def _fire_a_parallel_join(self) -> bool:
        for run, node in self._joins("both"):
            arrived = {flow: self._at(run, node, flow) for flow in self._into(node)}
            if all(arrived.values()):
                for tokens in arrived.values():
                    self.tokens.remove(tokens[0])
                self.joined.add(node.id)
                self._go_on(node, run)
                return True
        return False

    def _fire_an_inclusive_join(self) -> bool:
        for run, node in self._joins("some"):
            arrived = [flow for flow in self._into(node) if self._at(run, node, flow)]
            missing = [flow for flow in self._into(node) if flow not in arrived]
            others = [token for token in self.tokens if token.run is run and token.node is not node]
            if not any(self._blocks(token, missing, arrived, node) for token in others):
                for flow in arrived:
                    self.tokens.remove(self._at(run, node, flow)[0])
                self.joined.add(node.id)
                self._go_on(node, run)
                return True
        return False

    def _blocks(self, token: Token, missing: list[Flow], arrived: list[Flow], join: Node) -> bool:
        for place in self._places(token):
            reached = self._ahead(place, join)
            if any(flow in reached for flow in missing) and not any(flow in reached for flow in arrived):
                return True
        return False

    def _places(self, token: Token) -> list[Node]:
        """From where it may go on: each event that it waits for is a place of its own."""
        if token.node.kind == "first":
            return [self.nodes[flow.target] for flow in self._out(token.node)]
        return [token.node, *token.armed]

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
        for run in self.runs:
            if run.caller is not None and not any(token.run is run for token in self.tokens):
                self.runs.remove(run)
                run.caller.inner.remove(run)
                result = {"done": True} if run.caller.node.kind == "call" else None
                if result is not None:
                    run.caller.run.data[run.caller.node.id] = result
                self._done(run.caller, result)
                return True
        if not self.tokens:
            self.completed, self.runs = True, []
        return False

    def _joins(self, kind: str) -> list[tuple[Run, Node]]:
        return list(dict.fromkeys((token.run, token.node) for token in self.tokens if token.node.kind == kind))

    def _at(self, run: Run, node: Node, flow: Flow) -> list[Token]:
        return [token for token in self.tokens if token.run is run and token.node is node and token.came == flow]

    # ── the drawing ──

    def _out(self, node: Node) -> list[Flow]:
        return [flow for flow in self.graph.flows if flow.source == node.id]

    def _into(self, node: Node) -> list[Flow]:
        return [flow for flow in self.graph.flows if flow.target == node.id]

    def _borders(self, node: Node) -> list[Node]:
        return [event for event in self.graph.nodes if event.on == node.id]


def _named(events: list[Node], kind: str, code: str) -> Node | None:
    """The one with the code, else the one for any."""
    return next(
        (event for wanted in (code, "") for event in events if (event.kind, event.code) == (kind, wanted)), None
    )


def _verb(node: Node) -> str:
    if node.kind in ("timer", "border_timer", "begin_timer"):
        return "timer"
    heard = ("receive", "message", "border_message", "begin_message", *SIGNALS)
    return "message" if node.kind in heard else node.kind
