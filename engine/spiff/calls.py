"""Call activities: the deployed versions that they are bound to, as part of the calling version."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.spiff.check_flow import WAITING
from engine.spiff.codec import decode
from engine.spiff.drawing import Drawing, Node
from engine.spiff.findings import Finding, InvalidDefinition, error, warning
from engine.spiff.parse import read_drawing
from engine.spiff.throws import Told

DEEPEST = 5
MOST_SHAPES = 2_000
"""With those of all calls: each call of a process counts its shapes again."""

Called = Mapping[str, bytes]
"""The compiled versions in force, by process id."""


def called_in(source: bytes) -> frozenset[str]:
    """The ids of the processes that a drawing calls; none where it can't be read."""
    try:
        return frozenset(_called(read_drawing(source)).values())
    except InvalidDefinition:
        return frozenset()


def process_id_in(source: bytes) -> str | None:
    """The id of the process that a drawing holds, None where it can't be read."""
    try:
        return read_drawing(source).process_id
    except InvalidDefinition:
        return None


def _called(drawing: Drawing) -> dict[str, str]:
    return {node.id: node.called for node in drawing.nodes.values() if node.called}


class Calls:
    """What a drawing calls, read from the compiled versions."""

    def __init__(self, drawing: Drawing, called: Called) -> None:
        self.drawing = drawing
        self.by_element = _called(drawing)
        wanted = sorted(set(self.by_element.values()))
        self.stored = {process_id: _stored(called[process_id]) for process_id in wanted if process_id in called}

    def findings(self) -> Iterator[Finding]:
        """Calls that cannot be made."""
        for node in self.drawing.nodes.values():
            if node.kind == "callActivity":
                yield from self._node_findings(node)
        size = sum(_size(self.stored[each]) for each in self.by_element.values() if each in self.stored)
        if size > MOST_SHAPES or any(_depth(stored) >= DEEPEST for stored in self.stored.values()):
            what = f"nhiều nhất {DEEPEST} lớp gọi và {MOST_SHAPES} hình"
            yield error("calls-too-large", None, f"Các quy trình được gọi quá lớn ({what}): nối bằng thông điệp.")

    def _node_findings(self, node: Node) -> Iterator[Finding]:
        if not node.called:
            yield error("no-called", node.id, f"{node.phrase} chưa chọn quy trình để gọi: ghi mã quy trình.")
        elif node.called not in self.stored:
            mend = "triển khai quy trình đó trước, hoặc sửa mã"
            what = f"{node.phrase} gọi quy trình “{node.called[:60]}” chưa được triển khai"
            yield error("unknown-process", node.id, f"{what}: {mend}.")
        elif _plain_start(self.stored[node.called]) is None:
            what = f"Quy trình “{node.called}” mà {node.phrase} gọi không có sự kiện bắt đầu thường"
            yield error("call-start", node.id, f"{what}: thêm vào quy trình đó rồi triển khai lại.")
        else:
            given = {entry.partition("=")[0].strip() for entry in node.properties.get("inputs", "").split(";")}
            wanted = self.stored[node.called]["process"]["properties"].get("inputs", "").split()
            missing = [name for name in wanted if name.split(".")[0] not in {one.split(".")[0] for one in given}]
            if missing:
                what = f"{node.phrase} không đưa vào “{', '.join(missing)}” mà quy trình được gọi cần"
                yield warning("call-input", node.id, f"{what}: thêm ở ô “Dữ liệu đưa vào”.")

    def passing(self) -> frozenset[str]:
        """The calls of processes in which nobody waits."""
        known = ((node_id, self.stored[each]) for node_id, each in self.by_element.items() if each in self.stored)
        return frozenset(node_id for node_id, stored in known if not _waits(stored))

    def told(self) -> dict[str, list[Told]]:
        """The errors and escalations that come out of each call, by its id."""
        known = ((node_id, each) for node_id, each in self.by_element.items() if each in self.stored)
        return {node_id: [(kind, code) for kind, code in self.stored[each]["told"]] for node_id, each in known}


def _stored(compiled: bytes) -> dict[str, Any]:
    return _complete(decode(compiled))


def _complete(stored: Mapping[str, Any]) -> dict[str, Any]:
    """With what older versions did not store."""
    return {"called": {}, "calls": {}, "told": [], **stored}


def _plain_start(stored: Mapping[str, Any]) -> str | None:
    return next((start["element_id"] for start in stored["starts"] if start["kind"] == "none"), None)


def _waits(stored: Mapping[str, Any]) -> bool:
    calls = (stored["called"][each] for each in stored["calls"].values())
    waiting = any(element["kind"] in WAITING - {"callActivity"} for element in stored["elements"])
    return waiting or any(_waits(_complete(inner)) for inner in calls)


def _size(stored: Mapping[str, Any]) -> int:
    inner = stored.get("called", {})
    return len(stored["elements"]) + sum(_size(inner[each]) for each in stored.get("calls", {}).values())


def _depth(stored: Mapping[str, Any]) -> int:
    return 1 + max((_depth(inner) for inner in stored.get("called", {}).values()), default=0)
