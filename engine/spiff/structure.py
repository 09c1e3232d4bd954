"""Whether a drawing can be run at all: only shapes that we support, joined as BPMN joins them.

What SpiffWorkflow reads wrongly without a word (unknown event definitions) is refused here, before it gets to see the
drawing.
"""

import re
from collections.abc import Callable, Iterator

from engine.spiff.check_events import event_findings
from engine.spiff.drawing import ACTIVITIES, SUPPORTED, Drawing, Flow, Loop, Node
from engine.spiff.findings import Finding, error

DEEPEST = 5
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")

KINDS = {
    "task": "bước chưa chọn loại: đổi thành bước của người dùng hoặc bước dịch vụ",
    "businessRuleTask": "bảng quyết định chưa dùng được: đổi thành cổng có điều kiện",
    "transaction": "giao dịch chưa dùng được: đổi thành quy trình con thường",
    "adHocSubProcess": "quy trình con tự do chưa dùng được: vẽ rõ thứ tự các bước",
    "complexGateway": "cổng phức tạp chưa dùng được: đổi thành cổng song song hoặc cổng bao gồm",
}

Check = Callable[[Drawing], Iterator[Finding]]


def structural_findings(drawing: Drawing) -> list[Finding]:
    """All that keeps the drawing from being compiled."""
    found = [*drawing.findings]
    for node in drawing.nodes.values():
        found += _node_findings(node, drawing)
    for flow in drawing.flows.values():
        found += _flow_findings(flow, drawing)
    for scope in (drawing.process_id, *(n.id for n in drawing.nodes.values() if n.kind == "subProcess")):
        found += _scope_findings(scope, drawing)
    return found


def _node_findings(node: Node, drawing: Drawing) -> Iterator[Finding]:
    yield from _identifier(node.id, drawing)
    if node.kind not in SUPPORTED:
        why = KINDS.get(node.kind, f"loại hình {node.kind} chưa dùng được: xóa, hoặc vẽ bằng các hình khác")
        yield error("unsupported", node.id, f"{node.phrase}: {why}.")
        return
    yield from event_findings(node, drawing)
    yield from _loop_findings(node)
    yield from _arrow_findings(node, drawing)
    if node.kind == "subProcess" and node.triggered:
        yield from _event_subprocess_findings(node, drawing)
    if node.kind == "scriptTask" and not node.script:
        yield error("no-script", node.id, f"Bước lệnh {node.label} chưa có lệnh: ghi từng dòng “tên = biểu thức”.")


def _identifier(element_id: str, drawing: Drawing) -> Iterator[Finding]:
    taken = element_id in ("Start", "End", "Root", drawing.process_id) or element_id.endswith(
        (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin")
    )
    if taken or not IDENTIFIER.fullmatch(element_id):
        yield error(
            "bad-id",
            element_id,
            f"Mã “{element_id[:60]}” không dùng được: đặt mã khác, chỉ gồm chữ không dấu, số, gạch dưới.",
        )


def _event_subprocess_findings(node: Node, drawing: Drawing) -> Iterator[Finding]:
    """It begins by its own event, any number of times, and leads nowhere."""
    what = f"Quy trình con theo sự kiện {node.label}"
    if drawing.incoming(node.id) or drawing.outgoing(node.id):
        yield error("event-subprocess-arrow", node.id, f"{what} không nối mũi tên: sự kiện bắt đầu của nó gọi nó.")
    if drawing.boundary_events(node.id):
        message = f"{what} không có sự kiện viền: vẽ sự kiện ấy ở trong, hoặc thành một quy trình con theo sự kiện nữa."
        yield error("event-subprocess-border", node.id, message)
    if node.loop is not None:
        message = f"{what} không lặp nhiều lần được: bỏ dấu lặp, chọn sự kiện bắt đầu không ngắt (nét đứt)."
        yield error("event-subprocess-loop", node.id, message)


# ── repeated activities ──


def _loop_findings(node: Node) -> Iterator[Finding]:
    if node.loop is None:
        return
    if node.kind not in ACTIVITIES:
        yield error("loop-here", node.id, f"{node.phrase} không lặp nhiều lần được: chỉ các bước và quy trình con.")
    elif node.loop.standard:
        yield from _standard_loop_findings(node, node.loop)
    elif (node.loop.cardinality is None) == (node.loop.collection is None):
        yield error("loop-source", node.id, f"Bước lặp {node.label}: ghi số lần hoặc danh sách, đúng một trong hai.")


def _standard_loop_findings(node: Node, loop: Loop) -> Iterator[Finding]:
    if loop.most is not None and not re.fullmatch(r"[1-9][0-9]{0,3}", loop.most):
        yield error("loop-maximum", node.id, f"Bước lặp {node.label}: số lần nhiều nhất phải là số từ 1 đến 9999.")
    elif loop.again is None and loop.most is None:
        yield error("loop-end", node.id, f"Bước lặp {node.label} không có điểm dừng: ghi điều kiện lặp hoặc số lần.")


# ── arrows ──


def _arrow_findings(node: Node, drawing: Drawing) -> Iterator[Finding]:
    incoming, outgoing = drawing.incoming(node.id), drawing.outgoing(node.id)
    if incoming and node.kind in ("startEvent", "boundaryEvent"):
        yield error("arrow-into-start", node.id, f"Mũi tên không được đi vào {node.phrase}: nối vào bước sau nó.")
    if outgoing and node.kind == "endEvent":
        yield error("arrow-from-end", node.id, f"Mũi tên không được đi ra từ {node.phrase}.")
    if len(outgoing) > 1 and not node.kind.endswith("Gateway"):
        yield error(
            "several-arrows",
            node.id,
            f"{node.phrase} có {len(outgoing)} mũi tên đi ra: thêm cổng song song hoặc cổng lựa chọn.",
        )
    if node.kind in ("exclusiveGateway", "inclusiveGateway") and len(outgoing) > 1:
        yield from _condition_findings(node, outgoing)
    elif node.kind == "eventBasedGateway":
        yield from _event_gateway_findings(node, outgoing, drawing)


def _condition_findings(node: Node, outgoing: list[Flow]) -> Iterator[Finding]:
    for flow in outgoing:
        if flow.condition is None and flow.id != node.default:
            which = f"{flow.label} ra khỏi cổng {node.label}" if flow.name else flow.label
            message = f"Nhánh {which} chưa có điều kiện: ghi điều kiện, hoặc đặt làm mặc định."
            yield error("no-condition", flow.id, message)


def _event_gateway_findings(node: Node, outgoing: list[Flow], drawing: Drawing) -> Iterator[Finding]:
    if not outgoing:
        yield error(
            "event-gateway-empty",
            node.id,
            f"Cổng sự kiện {node.label} không dẫn đến sự kiện nào: nối tới những sự kiện cần chờ.",
        )
    for flow in outgoing:
        target = drawing.nodes.get(flow.target)
        if target is None or target.kind not in ("intermediateCatchEvent", "receiveTask"):
            yield error(
                "event-gateway-target",
                node.id,
                f"Cổng sự kiện {node.label} chỉ dẫn đến sự kiện chờ hoặc bước nhận thông điệp.",
            )
        elif len(drawing.incoming(target.id)) > 1 or drawing.boundary_events(target.id):
            message = f"{target.phrase} sau cổng sự kiện không được có mũi tên khác đi vào hay sự kiện viền."
            yield error("event-gateway-shared", target.id, message)


def _flow_findings(flow: Flow, drawing: Drawing) -> Iterator[Finding]:
    source, target = drawing.nodes.get(flow.source), drawing.nodes.get(flow.target)
    yield from _identifier(flow.id, drawing)
    if source is None or target is None:
        yield error("loose-arrow", flow.id, f"Mũi tên {flow.label} không nối đủ hai đầu: nối lại hoặc xóa.")
    elif source.scope != target.scope:
        yield error(
            "arrow-across",
            flow.id,
            f"Mũi tên từ {source.phrase} đến {target.phrase} đi xuyên viền quy trình con: dùng sự kiện viền.",
        )
    elif flow.condition is not None and source.kind not in ("exclusiveGateway", "inclusiveGateway"):
        yield error(
            "condition-here", flow.id, f"Mũi tên ra khỏi {source.phrase} có điều kiện: thêm cổng lựa chọn trước nó."
        )


# ── a process or sub-process as a whole ──


def _scope_findings(scope: str, drawing: Drawing) -> Iterator[Finding]:
    inside = drawing.inside(scope)
    starts = [node for node in inside if node.kind == "startEvent"]
    owner = drawing.nodes.get(scope)
    if owner is None:
        yield from _process_findings(starts, drawing)
        return
    if len(starts) != 1 or (starts[0].event != "none" and not owner.triggered):
        which = "sự kiện bắt đầu" if owner.triggered else "sự kiện bắt đầu thường"
        yield error("subprocess-start", scope, f"Quy trình con {owner.label} cần đúng một {which}.")
    if not any(node.kind == "endEvent" for node in inside):
        yield error("subprocess-end", scope, f"Quy trình con {owner.label} cần ít nhất một sự kiện kết thúc.")
    if _depth(owner, drawing) > DEEPEST:
        yield error(
            "too-deep", scope, f"Quy trình con {owner.label} lồng quá {DEEPEST} lớp: tách ra thành quy trình riêng."
        )


def _process_findings(starts: list[Node], drawing: Drawing) -> Iterator[Finding]:
    if not starts:
        yield error("no-start", None, "Quy trình chưa có sự kiện bắt đầu.")
    if not any(node.kind == "endEvent" for node in drawing.inside(drawing.process_id)):
        yield error("no-end", None, "Quy trình chưa có sự kiện kết thúc.")
    ways = [(node.event, node.message, node.code) for node in starts]
    for node in starts:
        if node.event != "timer" and ways.count((node.event, node.message, node.code)) > 1:
            yield error(
                "same-start", node.id, f"Có nhiều sự kiện bắt đầu giống {node.phrase}: mỗi cách bắt đầu chỉ vẽ một."
            )
        if not drawing.outgoing(node.id):
            yield error("dead-end", node.id, f"Sự kiện bắt đầu {node.label} không dẫn đến đâu: nối đến bước đầu tiên.")


def _depth(node: Node, drawing: Drawing) -> int:
    depth = 1
    while node.scope in drawing.nodes:
        node, depth = drawing.nodes[node.scope], depth + 1
    return depth
