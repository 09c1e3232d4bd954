"""A drawing as we read it: the shapes and arrows of one process."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from engine.spiff.findings import Finding

ACTIVITIES = frozenset(
    {
        "userTask", "manualTask", "scriptTask", "serviceTask", "sendTask", "receiveTask", "subProcess", "callActivity",
    }
)  # fmt: skip
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
SUPPORTED = ACTIVITIES | EVENTS | GATEWAYS
EVENT_KINDS = ("message", "timer", "signal", "error", "escalation", "terminate")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Flow:
    """An arrow."""

    id: str
    name: str
    source: str
    target: str
    condition: str | None
    label: str = ""  # “its name”, else from where it leads to where


@dataclass(frozen=True, slots=True)
class Loop:
    """The marks of an activity that is done many times: a multi-instance, or BPMN's standard loop."""

    standard: bool  # a loop that goes on while its condition holds
    sequential: bool
    cardinality: str | None  # expression
    collection: str | None  # expression that gives the list
    item: str | None  # name of one element of the list
    output: str | None  # name under which the results are gathered
    until: str | None  # completion condition
    again: str | None = None  # of a standard loop: done again while this holds
    most: str | None = None  # of a standard loop: how often at most
    test_before: bool = False  # of a standard loop: whether it may be done not at all


@dataclass(frozen=True, slots=True)
class Lane:
    """Who does the steps that lie in it, unless they say otherwise."""

    name: str
    properties: Mapping[str, str]


NO_LANE = Lane("", {})


@dataclass(frozen=True, slots=True)
class Node:
    """A shape that does something."""

    id: str
    kind: str  # its tag
    name: str
    scope: str  # id of the process or sub-process that holds it
    lane: Lane  # inside a sub-process, that of the sub-process
    properties: Mapping[str, str]
    documentation: str
    event: str  # one of EVENT_KINDS, "none", "multiple", or the tag of a definition that is not supported
    message: str | None
    code: str | None  # the name of a signal, the code of an error or escalation; None catches any, empty is a fault
    timer: tuple[str, str] | None  # ("timeDate" | "timeDuration" | "timeCycle", text)
    attached_to: str | None
    interrupting: bool
    default: str | None  # id of the default flow
    script: str | None
    loop: Loop | None
    called: str | None  # id of the process that a call activity runs
    triggered: bool = False  # an event sub-process, or its start event
    label: str = ""  # “its name”, else where it stands: what follows a noun
    phrase: str = ""  # “its name”, else what it is and where: what stands by itself
    title: str = ""  # its name, else the phrase: what stands in a list


@dataclass(frozen=True)
class Drawing:
    """The one executable process of a file."""

    process_id: str
    name: str
    properties: Mapping[str, str]
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    findings: tuple[Finding, ...]  # faults that were met while reading

    def outgoing(self, node_id: str) -> list[Flow]:
        """The arrows that leave a shape, in the file's order."""
        return self._by_source.get(node_id, [])

    def incoming(self, node_id: str) -> list[Flow]:
        """The arrows that reach a shape."""
        return self._by_target.get(node_id, [])

    def boundary_events(self, node_id: str) -> list[Node]:
        """The events that sit on an activity's border."""
        return self._by_owner.get(node_id, [])

    def event_starts(self, scope: str) -> list[Node]:
        """The starts of the event sub-processes that lie directly in a process or sub-process."""
        inner = (node for node in self.inside(scope) if node.kind == "subProcess" and node.triggered)
        return [start for each in inner for start in self.inside(each.id) if start.kind == "startEvent"]

    def inside(self, scope: str) -> list[Node]:
        """The shapes that lie directly in a process or sub-process."""
        return self._by_scope.get(scope, [])

    @cached_property
    def _by_source(self) -> dict[str, list[Flow]]:
        return _grouped(self.flows.values(), lambda flow: flow.source)

    @cached_property
    def _by_target(self) -> dict[str, list[Flow]]:
        return _grouped(self.flows.values(), lambda flow: flow.target)

    @cached_property
    def _by_owner(self) -> dict[str, list[Node]]:
        return _grouped((node for node in self.nodes.values() if node.attached_to), lambda node: node.attached_to or "")

    @cached_property
    def _by_scope(self) -> dict[str, list[Node]]:
        return _grouped(self.nodes.values(), lambda node: node.scope)


def _grouped(items: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
