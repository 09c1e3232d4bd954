"""Random processes whose arrows go anywhere: joins that fit no split, ways back into the midst of a branch."""

from collections import Counter
from random import Random

from hypothesis import strategies as st

from tests.engine.spiff.diagrams import Flow, Graph, Node

KINDS = ("user", "user", "timed", "timed", "xor", "some", "both", "both", "first", "sub", "timed_sub")
WAYS = {"user": 1, "sub": 1, "timed": 2, "timed_sub": 2, "first": 2}
JOINS = ("", "xor", "both", "both", "some", "some")


def tangle(chance: Random) -> Graph:
    """Two to six steps, gateways and sub-processes; where several arrows meet, there is any join or none."""
    graph = Graph()
    _Tangle(graph, chance, "").draw(chance.randint(2, 6))
    return _reachable(graph)


TANGLES = st.integers(0, 2**32).map(lambda seed: tangle(Random(seed)))


class _Tangle:
    """A process, or what a sub-process holds."""

    def __init__(self, graph: Graph, chance: Random, scope: str) -> None:
        self.graph, self.chance, self.scope = graph, chance, scope

    def draw(self, size: int) -> None:
        kinds = KINDS if not self.scope else KINDS[:-2]
        places = {f"p{number}{self.scope}": self.chance.choice(kinds) for number in range(size)}
        ends = {f"e{self.scope}": "end", f"f{self.scope}": self.chance.choice(("end", "end", "terminate"))}
        ways = {place: self._ways(place, list(places), list(ends), kind) for place, kind in places.items()}
        first = next(iter(places))
        arrows = Counter([first, *(target for targets in ways.values() for target in targets)])
        entries = {place: self._entry(place, several=arrows[place] > 1) for place in (*places, *ends)}
        for node_id, kind in {f"s{self.scope}": "start", **ends}.items():
            self._add(node_id, kind)
        self._join(f"s{self.scope}", entries[first])
        for place, targets in ways.items():
            self._part(place, places[place], [entries[target] for target in targets])

    def _ways(self, place: str, places: list[str], ends: list[str], kind: str) -> list[str]:
        """Mostly onward, now and then to an end, or anywhere."""
        onward = places[places.index(place) + 1 :]
        number = WAYS.get(kind) or self.chance.randint(2, 3)
        found: list[str] = []
        while len(found) < number:
            target = self.chance.choice(self.chance.choices((onward, ends, places), (6, 3, 2))[0] or ends)
            found += [target] if target not in found else []
        return found

    def _entry(self, place: str, *, several: bool) -> str:
        join = self.chance.choice(JOINS) if several else ""
        if join:
            self._add(f"j{place}", join)
            self._join(f"j{place}", place)
        return f"j{place}" if join else place

    def _part(self, place: str, kind: str, targets: list[str]) -> None:
        if kind.endswith("sub"):
            self._add(place, "sub")
            _Tangle(self.graph, self.chance, place).draw(self.chance.randint(1, 3))
        else:
            self._add(place, kind if kind in ("both", "first") else "user")
        if kind in ("xor", "some"):
            self._add(f"g{place}", kind)
            self._join(place, f"g{place}")
            for value, target in enumerate(targets):
                self.graph.flows.append(Flow(f"g{place}", target, place, value or None, picks=kind == "some"))
        elif kind == "first":
            for event, target in zip(("message", "timer"), targets, strict=True):
                self._add(f"{event}{place}", event)
                self._join(place, f"{event}{place}")
                self._join(f"{event}{place}", target)
        else:
            if kind.startswith("timed"):
                self._add(f"t{place}", "border_timer", on=place)
                self._join(f"t{place}", targets.pop())
            for target in targets:
                self._join(place, target)

    def _add(self, node_id: str, kind: str, on: str = "") -> None:
        self.graph.nodes.append(Node(node_id, kind, self.scope, on))

    def _join(self, source: str, target: str) -> None:
        self.graph.flows.append(Flow(source, target))


def _reachable(graph: Graph) -> Graph:
    found, ahead = set[str](), ["s"]
    while ahead:
        place = ahead.pop()
        if place not in found:
            found.add(place)
            ahead += [flow.target for flow in graph.flows if flow.source == place]
            ahead += [node.id for node in graph.nodes if node.on == place or node.id == f"s{place}"]
    nodes = [node for node in graph.nodes if node.id in found]
    return Graph(nodes, [flow for flow in graph.flows if flow.source in found])
