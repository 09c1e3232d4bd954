"""Whether each event is of a kind that runs where it stands, and says what it waits for or tells."""

from collections.abc import Iterator

from engine.spiff.clock import is_duration, is_literal, is_possible, is_repeating
from engine.spiff.drawing import ACTIVITIES, Drawing, Node
from engine.spiff.expressions import DATES
from engine.spiff.findings import Finding, error
from forms.expressions import ExpressionError, names_in

NAMES = {
    "message": "thông điệp", "timer": "hẹn giờ", "terminate": "kết thúc ngay", "signal": "tín hiệu", "error": "lỗi",
    "escalation": "leo thang", "compensateEventDefinition": "bù trừ", "conditionalEventDefinition": "điều kiện",
    "cancelEventDefinition": "hủy", "linkEventDefinition": "liên kết", "multiple": "nhiều sự kiện gộp",
}  # fmt: skip
ALLOWED = {
    "startEvent": ("none", "message", "timer", "signal"),
    "endEvent": ("none", "message", "signal", "error", "escalation", "terminate"),
    "intermediateCatchEvent": ("message", "timer", "signal"),
    "intermediateThrowEvent": ("none", "message", "signal", "escalation"),
    "boundaryEvent": ("message", "timer", "signal", "error", "escalation"),
}
STARTS_BESIDE = ("message", "timer", "signal", "error", "escalation")
"""What an event sub-process may begin with."""
THROWING = ("endEvent", "intermediateThrowEvent")
CATCHING = ("boundaryEvent", "startEvent")
TELLING = {"error": ("subProcess", "callActivity", "serviceTask"), "escalation": ("subProcess", "callActivity")}
"""What may tell its border an error or escalation."""


def event_findings(node: Node, drawing: Drawing) -> Iterator[Finding]:
    """What is wrong with an event, or with a task that sends or receives."""
    begins_beside = node.kind == "startEvent" and node.triggered
    allowed = STARTS_BESIDE if begins_beside else ALLOWED.get(node.kind, ("none",))
    if node.event not in allowed:
        yield _not_here(node, allowed)
    elif node.event == "timer":
        yield from _timer_findings(node)
    elif node.event == "signal" and not node.code:
        yield error("no-signal", node.id, f"{node.phrase} chưa chọn tín hiệu: chọn hoặc tạo tín hiệu có tên.")
    elif node.event in TELLING and (not node.code if node.kind in THROWING else node.code == ""):
        yield error("no-code", node.id, f"{node.phrase} chưa có mã {NAMES[node.event]}: chọn hoặc tạo một mã.")
    needs_message = node.event == "message" or node.kind in ("sendTask", "receiveTask")
    if needs_message and not node.message:
        yield error("no-message", node.id, f"{node.phrase} chưa chọn thông điệp: chọn hoặc tạo thông điệp có tên.")
    if node.kind == "boundaryEvent":
        yield from _border_findings(node, drawing)
    if node.event == "error" and not node.interrupting:
        yield error("error-interrupts", node.id, f"Lỗi {node.label} luôn ngắt: bỏ nét đứt (chọn loại ngắt).")
    if node.event in TELLING and node.kind in CATCHING:
        yield from _twice(node, drawing)


def _not_here(node: Node, allowed: tuple[str, ...]) -> Finding:
    what = "chưa chọn loại nên" if node.event == "none" else f"loại {NAMES.get(node.event, node.event[:60])}"
    mend = ", ".join(NAMES.get(kind, "thường") for kind in allowed)
    return error("unsupported-event", node.id, f"Sự kiện {node.label} {what} không dùng được ở đây: dùng {mend}.")


def _timer_findings(node: Node) -> Iterator[Finding]:
    kind, text = node.timer or ("", "")
    if not text:
        yield error(
            "no-timer", node.id, f"Hẹn giờ {node.label} chưa có thời điểm: ghi biểu thức, hoặc thời hạn như P3D."
        )
    elif kind == "timeCycle" or is_repeating(text):
        yield error(
            "timer-cycle",
            node.id,
            f"Hẹn giờ lặp {node.label} không dùng được: ghi từng mức ở “Nhắc việc và đôn đốc” của bước.",
        )
    elif is_duration(text) and not (is_literal(text) and is_possible(text)):
        yield error(
            "bad-duration",
            node.id,
            f"Thời hạn “{text[:60]}” ở {node.phrase} không đúng: viết như P3D (ngày) hoặc PT8H (giờ).",
        )
    elif is_literal(text) and not is_possible(text):
        yield error(
            "bad-moment", node.id, f"Không có ngày giờ “{text[:60]}” ở {node.phrase}: viết như 2026-12-31T17:00."
        )
    elif node.kind == "startEvent" and not node.triggered and not _is_planned(text):
        mend = "bắt đầu bằng tay, bằng thông điệp hoặc tín hiệu"
        yield error("timer-start", node.id, f"{node.phrase} chỉ tự bắt đầu được theo hạn của kế hoạch: {mend}.")


def _is_planned(text: str) -> bool:
    """Whether a beginning hangs on a date of a plan, which alone is watched."""
    try:
        return not is_literal(text) and not names_in(text).isdisjoint(DATES)
    except ExpressionError:
        return True  # Its faults are told as those of every expression.


def _border_findings(node: Node, drawing: Drawing) -> Iterator[Finding]:
    owner = drawing.nodes.get(node.attached_to or "")
    if owner is None or owner.kind not in ACTIVITIES or owner.scope != node.scope:
        yield error(
            "not-attached", node.id, f"Sự kiện viền {node.label} không gắn vào bước nào: kéo nó lên viền một bước."
        )
    elif owner.kind not in TELLING.get(node.event, ACTIVITIES):
        where = "quy trình con hoặc bước gọi quy trình" + (", bước dịch vụ" if node.event == "error" else "")
        message = f"Sự kiện {NAMES[node.event]} {node.label} chỉ đặt được trên viền {where}."
        yield error("nothing-thrown-here", node.id, message)


def _twice(node: Node, drawing: Drawing) -> Iterator[Finding]:
    beside = drawing.event_starts(drawing.nodes[node.scope].scope) if node.triggered else None
    catching = beside if beside is not None else drawing.boundary_events(node.attached_to or "")
    same = [event for event in catching if (event.event, event.code) == (node.event, node.code)]
    if same and same[0] is not node:
        yield error("caught-twice", node.id, f"Có hai sự kiện cùng chỗ bắt cùng một mã: bỏ {node.phrase}.")
