"""Random processes whose arrows go anywhere: joins that fit no split, ways back into the midst of a branch."""

from collections import Counter
from random import Random

from tests.engine.spiff.diagrams import Flow, Graph, Node

KINDS = ("user", "user", "timed", "xor", "some", "both", "both")
JOINS = ("", "xor", "both", "both", "some", "some")
ENDS = ("e", "f")


def tangle(chance: Random) -> Graph:
    """Two to six steps and gateways; where several arrows meet, there is any join or none."""
    kinds = {f"p{number}": chance.choice(KINDS) for number in range(chance.randint(2, 6))}
    ways = {place: _ways(chance, place, kinds) for place in kinds}
    arrows = Counter(["p0", *(target for targets in ways.values() for target in targets)])
    graph = Graph([Node("s", "start"), Node("e", "end"), Node("f", chance.choice(("end", "end", "terminate")))])
    entries = {place: _entry(graph, place, chance if arrows[place] > 1 else None) for place in (*kinds, *ENDS)}
    graph.flows.append(Flow("s", entries["p0"]))
    for place, targets in ways.items():
        _draw(graph, place, kinds[place], [entries[target] for target in targets])
    return _reachable(graph)


def _ways(chance: Random, place: str, kinds: dict[str, str]) -> list[str]:
    """Mostly onward, now and then to an end, or anywhere."""
    onward = [other for other in kinds if other > place]
    number = {"user": 1, "timed": 2}.get(kinds[place]) or chance.randint(2, 3)
    found: list[str] = []
    while len(found) < number:
        towards = chance.choices((onward, ENDS, [*kinds]), (6, 3, 2))[0] or ENDS
        target = chance.choice(towards)
        found += [target] if target not in found else []
    return found


def _entry(graph: Graph, place: str, chance: Random | None) -> str:
    join = chance.choice(JOINS) if chance is not None else ""
    if not join:
        return place
    graph.nodes.append(Node(f"j_{place}", join))
    graph.flows.append(Flow(f"j_{place}", place))
    return f"j_{place}"


def _draw(graph: Graph, place: str, kind: str, targets: list[str]) -> None:
    graph.nodes.append(Node(place, "both" if kind == "both" else "user"))
    if kind == "timed":
        timer = f"t_{place}"
        graph.nodes.append(Node(timer, "border_timer", on=place))
        graph.flows += [Flow(place, targets[0]), Flow(timer, targets[1])]
    elif kind in ("xor", "some"):
        gateway = f"g_{place}"
        graph.nodes.append(Node(gateway, kind))
        graph.flows.append(Flow(place, gateway))
        picks = kind == "some"
        graph.flows += [Flow(gateway, to, place, value or None, picks) for value, to in enumerate(targets)]
    else:
        graph.flows += [Flow(place, target) for target in targets]


def _reachable(graph: Graph) -> Graph:
    found, ahead = set[str](), ["s"]
    while ahead:
        place = ahead.pop()
        if place not in found:
            found.add(place)
            ahead += [flow.target for flow in graph.flows if flow.source == place]
            ahead += [node.id for node in graph.nodes if node.on == place]
    nodes = [node for node in graph.nodes if node.id in found]
    return Graph(nodes, [flow for flow in graph.flows if flow.source in found])
