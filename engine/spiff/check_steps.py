"""Whether every step says who does it, with which form, and by when."""

import re
from collections.abc import Collection, Iterator, Mapping

from engine.reminders import parse_reminders
from engine.spiff.drawing import Drawing, Node
from engine.spiff.expressions import RESERVED
from engine.spiff.findings import Finding, error, warning
from forms.expressions import is_plain_name

ROLES = ("staff", "head", "focal", "office", "vice_chair", "chair", "clerk", "admin")
UNIT = "unit:"
"""Stands before the code of a unit, where a desk is not at a party of the case but always at the same unit."""
UNIT_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
PARTIES = ("lead", "second_lead", "focal", "committee", "coordinator", "supervisor")

STEPS = ("userTask", "manualTask")
OF_STEPS = frozenset(
    {"form", "assignee", "person", "due", "clock", "reminders", "separate_from", "batch", "stage", "records"}
)
"""The last three are for the domain: the stage of the main way, what its submission and its completion stand for."""
OF_SENDERS = frozenset({"payload"})
KNOWN_PROPERTIES = {
    "userTask": OF_STEPS,
    "manualTask": OF_STEPS,
    "serviceTask": frozenset({"service"}),
    "callActivity": frozenset({"inputs", "outputs"}),
    "sendTask": OF_SENDERS,
    "intermediateThrowEvent": OF_SENDERS,
    "endEvent": OF_SENDERS,
}
PROCESS_PROPERTIES = {"reminders", "inputs", "title"}


def step_findings(
    drawing: Drawing,
    forms: Mapping[str, Collection[str]] | None,
    services: Collection[str] | None,
    roles: Collection[str] = ROLES,
    parties: Collection[str] = PARTIES,
    units: Collection[str] | None = None,
) -> Iterator[Finding]:
    """What the steps' properties lack; forms, services or units that are None are not looked at."""
    desks = _Desks(roles, parties, units)
    for node in drawing.nodes.values():
        yield from _name_findings(node)
        yield from _unknown_properties(node)
        if node.kind in STEPS:
            yield from _person_step(node, drawing, forms, desks)
        elif node.kind == "serviceTask":
            yield from _service_step(node, services)
        elif node.event == "message":
            yield from _sender_findings(node, forms, desks)
    yield from _process_findings(drawing, desks)


class _Desks:
    """The desks that a tenant has, as `role@party` and `role@unit:<code>`."""

    def __init__(self, roles: Collection[str], parties: Collection[str], units: Collection[str] | None) -> None:
        self.roles = roles
        self.parties = parties
        self.units = units

    def fault(self, desk: str) -> str | None:
        """Why no desk has this name, None if one has."""
        role, at, party = desk.partition("@")
        if not at:
            return f"“{desk}” phải có dạng vai trò@đơn vị, ví dụ head@lead"
        if role not in self.roles:
            return f"không có vai trò “{role}” (có: {', '.join(self.roles)})"
        if party.startswith(UNIT):
            return self._unit_fault(party.removeprefix(UNIT))
        if party not in self.parties:
            return f"không có đơn vị “{party}” (có: {', '.join(self.parties)})"
        return None

    def _unit_fault(self, code: str) -> str | None:
        if not UNIT_CODE.fullmatch(code):
            return f"“{code}” không phải mã đơn vị: chỉ gồm chữ thường không dấu, số và gạch nối, ví dụ phong-vh-xh"
        if self.units is not None and code not in self.units:
            mend = "chọn đơn vị khác, hoặc ghi tên đó vào các tên gọi khác của một đơn vị"
            return f"phường không có đơn vị nào gọi là “{code}”: {mend}"
        return None


def _name_findings(node: Node) -> Iterator[Finding]:
    if node.id in RESERVED:
        yield error("reserved-id", node.id, f"Mã “{node.id}” của {node.phrase} dành riêng cho hệ thống: đặt mã khác.")
    elif _holds_data(node) and not is_plain_name(node.id):
        mend = "chỉ nên gồm chữ không dấu, số và gạch dưới"
        message = f"Mã “{node.id}” của {node.phrase} không dùng được trong điều kiện: {mend}."
        yield warning("id-not-a-name", node.id, message)


def _holds_data(node: Node) -> bool:
    """Whether something is kept under the shape's id."""
    return node.kind in (*STEPS, "serviceTask", "receiveTask", "callActivity") or (
        node.event == "message" and node.kind != "endEvent"
    )


def _unknown_properties(node: Node) -> Iterator[Finding]:
    known = KNOWN_PROPERTIES.get(node.kind, node.properties.keys())
    for name in node.properties:
        if name not in known:
            yield warning("unknown-property", node.id, f"{node.phrase} có thuộc tính lạ “{name}”: xem lại cách viết.")


# ── steps of people ──


def _person_step(
    node: Node, drawing: Drawing, forms: Mapping[str, Collection[str]] | None, desks: _Desks
) -> Iterator[Finding]:
    yield from _form_findings(node, forms)
    yield from _assignee_findings(node, desks)
    yield from _reminder_findings(node.id, node.phrase, node.properties.get("reminders", ""), desks)
    yield from _separation_findings(node, drawing)
    if node.properties.get("clock", "case") != "case":
        yield error("bad-clock", node.id, f"Bước {node.label}: thuộc tính clock chỉ nhận giá trị case.")
    if node.properties.get("batch", "true") not in ("true", "false"):
        yield error("bad-batch", node.id, f"Bước {node.label}: thuộc tính batch chỉ nhận true hoặc false.")


def _form_findings(node: Node, forms: Mapping[str, Collection[str]] | None) -> Iterator[Finding]:
    form = node.properties.get("form")
    if not form:
        yield error("no-form", node.id, f"Bước {node.label} chưa có biểu mẫu: chọn ở ô “Biểu mẫu”.")
    elif forms is not None and form not in forms:
        message = f"Bước {node.label} dùng biểu mẫu “{form}” mà bộ quy trình không có: thêm, hoặc chọn biểu mẫu khác."
        yield error("unknown-form", node.id, message)


def _assignee_findings(node: Node, desks: _Desks) -> Iterator[Finding]:
    desk = node.properties.get("assignee") or node.lane.properties.get("assignee")
    if not desk:
        yield error(
            "no-assignee", node.id, f"Bước {node.label} chưa ghi ai làm: chọn ở phần “Ai làm” của bước hoặc của làn."
        )
    elif fault := desks.fault(desk):
        yield error("unknown-desk", node.id, f"Bước {node.label}: {fault}.")


def _separation_findings(node: Node, drawing: Drawing) -> Iterator[Finding]:
    for other in node.properties.get("separate_from", "").split():
        if other not in drawing.nodes or drawing.nodes[other].kind not in STEPS:
            yield error(
                "unknown-step",
                node.id,
                f"Bước {node.label}, “Không được cùng người với”: không có bước nào mã “{other}”.",
            )


def _reminder_findings(element: str | None, label: str, text: str, desks: _Desks) -> Iterator[Finding]:
    try:
        reminders = parse_reminders(text)
    except ValueError as fault:
        yield error("bad-reminders", element, f"{label}: {fault}")
        return
    for recipient in {recipient for reminder in reminders for recipient in reminder.recipients if "@" in recipient}:
        if why := desks.fault(recipient):
            yield error("unknown-desk", element, f"{label}, lịch nhắc: {why}.")


# ── messages of people ──


def _sender_findings(node: Node, forms: Mapping[str, Collection[str]] | None, desks: _Desks) -> Iterator[Finding]:
    form, senders = node.properties.get("form"), node.properties.get("senders", "").split()
    if form and forms is not None and form not in forms:
        message = f"{node.phrase} dùng biểu mẫu “{form}” mà bộ quy trình không có: thêm, hoặc chọn biểu mẫu khác."
        yield error("unknown-form", node.id, message)
    if form and not senders:
        yield warning("no-senders", node.id, f"{node.phrase} có biểu mẫu mà chưa ai được gửi: chọn ở “Ai được gửi”.")
    for sender in senders:
        if fault := desks.fault(sender):
            yield error("unknown-desk", node.id, f"{node.phrase}, ai được gửi: {fault}.")


# ── the rest ──


def _service_step(node: Node, services: Collection[str] | None) -> Iterator[Finding]:
    service = node.properties.get("service")
    if not service:
        yield error("no-service", node.id, f"Bước dịch vụ {node.label} chưa chọn dịch vụ: chọn ở ô “Dịch vụ”.")
    elif services is not None and service not in services:
        known = ", ".join(sorted(services)) or "chưa có dịch vụ nào"
        yield error("unknown-service", node.id, f"Bước {node.label} gọi dịch vụ “{service}” không có (có: {known}).")


def _process_findings(drawing: Drawing, desks: _Desks) -> Iterator[Finding]:
    yield from _reminder_findings(None, "Quy trình", drawing.properties.get("reminders", ""), desks)
    for name in drawing.properties.keys() - PROCESS_PROPERTIES:
        yield warning("unknown-property", None, f"Quy trình có thuộc tính lạ “{name}”: xem lại cách viết.")
    for name in re.split(r"\s+", drawing.properties.get("inputs", "").strip()):
        if name and not all(map(is_plain_name, name.split("."))):
            yield error("bad-inputs", None, f"“Dữ liệu có sẵn” của quy trình: “{name}” không phải là tên.")
