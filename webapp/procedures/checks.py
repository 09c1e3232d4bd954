"""What is wrong with a draft in this ward: the engine's findings, and those that need the ward's people and dates."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import Calendar, as_date, due_day, local_date
from engine.commands.deployments import check_bundle, versions_called
from engine.spiff import UNIT, Finding, InvalidDefinition, Naming, capital, forms_named, properties_of, read_xml
from forms.definition import FormDefinition, InvalidForm
from forms.expressions import ExpressionError, evaluate, names_in
from webapp.organisation.labels import COMMITTEE_ROLES
from webapp.organisation.models import Committee, Membership, Person, Unit
from webapp.organisation.unit_codes import unit_codes, units_to_name
from webapp.procedures.bundles import shipped_forms
from webapp.procedures.sources import MODEL, UnreadableDiagram, describe
from webapp.procedures.words import DATES, PARTIES, ROLES, desk_in_words

STEPS = (f"{MODEL}userTask", f"{MODEL}manualTask")
FIXED_PARTIES = ("committee", "focal")
"""Parties that are the same unit in every case, as a named unit is; the others are chosen by the plan's row."""
UNITS_END, CYCLE_END = "report_by", "submit_by"
OTHER_VALUE = (
    "Biểu mẫu “{}”: “{}” không còn lựa chọn mang mã {}, có mã mới {}. Phần mềm nhận ra câu trả lời theo mã: "
    "nếu vẫn là lựa chọn ấy thì giữ mã cũ, chỉ đổi nhãn."
)
GONE = (
    "Biểu mẫu “{}” không còn {}. Báo cáo, danh sách có thể đọc những trường này theo mã: bỏ thì chỗ ấy để trống, hoặc "
    "bước không gửi được. Muốn đổi chữ thì đổi nhãn, giữ mã."
)
APPOINT = ", hoặc phân người giữ vai trò đó ở trang Người dùng"
NO_PARTY = {
    "task_lifecycle": {"coordinator"}, "difficulty": {"coordinator"}, "contribution": {"second_lead"},
    "report_cycle": {"coordinator", "second_lead"},
}  # fmt: skip
"""Parties that no case of a procedure has: a step of theirs would stop the case."""
SAMPLE = {"report_by": date(2026, 12, 4), "submit_by": date(2026, 12, 14), "deadline": date(2026, 12, 4)}


def check_draft(
    read: Session, tenant_id: UUID, source: bytes, forms: Mapping[str, bytes], key: str | None = None
) -> list[Finding]:
    """All findings, errors first; never raises, whatever the bytes."""
    desks = _Desks(read, tenant_id)
    called = versions_called(read.connection(), tenant_id, source)
    findings = check_bundle(source, forms, called, desks.codes)
    try:
        root = read_xml(source)
        described = describe(source)
    except (InvalidDefinition, UnreadableDiagram):
        return findings
    if key is not None and described.key != key:
        mend = f"đặt lại mã “{key}”, hoặc tạo quy trình khác từ sơ đồ này"
        findings.append(Finding("other-procedure", "error", None, f"Mã của quy trình đã đổi: {mend}."))
    findings = [_where_used(finding, root) for finding in findings]
    desks.key = described.key
    naming = Naming(root)
    findings += [*_desk_findings(root, desks, naming), *_late_findings(root, naming), *_read_by_code(source, forms)]
    return sorted(findings, key=lambda finding: finding.severity != "error")


def _where_used(finding: Finding, root: Any) -> Finding:
    """What is wrong with a form stands on the first step that has it."""
    if finding.code != "form-invalid":
        return finding
    steps = (step.get("id") for step in root.iter(*STEPS) if properties_of(step).get("form") == finding.element)
    return replace(finding, element=next(steps, None))


def _read_by_code(source: bytes, forms: Mapping[str, bytes]) -> Iterator[Finding]:
    """What the software may read of a shipped form: fields that are gone, choices that have got another value."""
    shipped = shipped_forms()
    for form_id in sorted({*forms_named(source)} & shipped.keys() & forms.keys()):
        with suppress(InvalidForm):
            was, now = (_values(FormDefinition.parse(text)) for text in (shipped[form_id], forms[form_id]))
            if lost := [f"“{was[key][0]}” ({key})" for key in was if key not in now]:
                yield Finding("field-gone", "warning", None, GONE.format(form_id, ", ".join(lost)))
            for key in sorted(was.keys() & now.keys()):
                label, offered = now[key]
                gone, new = was[key][1] - offered, offered - was[key][1]
                if gone and new:
                    message = OTHER_VALUE.format(form_id, label, ", ".join(sorted(gone)), ", ".join(sorted(new)))
                    yield Finding("other-value", "warning", None, message)


def _values(form: FormDefinition) -> dict[str, tuple[str, set[str]]]:
    """Of each field its label and what is stored for its choices."""
    return {field.key: (field.label, {option.value for option in field.options}) for field in form.fields}


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why nobody would do a step, and what else helps than to give it to another desk."""

    why: str
    helps: str = ""


class _Desks:
    """Where somebody sits."""

    def __init__(self, read: Session, tenant_id: UUID) -> None:
        self.key = ""  # of the procedure
        rows = read.execute(
            sa.select(Membership.role, Membership.unit_id)
            .join(Person, Person.id == Membership.person_id)
            .join(Unit, Unit.id == Membership.unit_id)
            .where(Person.tenant_id == tenant_id, Person.is_active, Unit.is_active)
            .distinct()
        ).all()
        self._taken = {(role.value, unit) for role, unit in rows}
        committee = read.get(Committee, tenant_id)
        units = (committee.committee_unit_id, committee.focal_unit_id) if committee else (None, None)
        self.codes = unit_codes(read.connection(), tenant_id)
        named = {f"{UNIT}{code}": unit for code, unit in self.codes.items()}
        self._units = {**dict(zip(FIXED_PARTIES, units, strict=True)), **named}
        self._names = units_to_name(read, tenant_id)

    def fault(self, desk: str) -> _Fault | None:
        """Why nobody would do a step of that desk; None where somebody does, and for what is no desk."""
        role, _, party = desk.partition("@")
        if role not in ROLES or (party not in PARTIES and party not in self._units):
            return None
        if party in self._units:
            unit, words = self._units[party], desk_in_words(desk, self._names)
            return None if unit is None or (role, unit) in self._taken else _Fault(f"chưa ai là “{words}”", APPOINT)
        if party in NO_PARTY.get(self.key, ()):
            return _Fault(f"hồ sơ của quy trình này không có {PARTIES[party].lower()}")
        if role in COMMITTEE_ROLES:
            return _Fault(f"{ROLES[role].lower()} chỉ có ở lãnh đạo UBND")
        taken = any(role == held for held, _ in self._taken)
        return None if taken else _Fault(f"không đơn vị nào có {ROLES[role].lower()}", APPOINT)


def _desk_findings(root: Any, desks: _Desks, naming: Naming) -> Iterator[Finding]:
    """Steps, senders and recipients that reach nobody."""
    lanes = {
        reference.text.strip(): lane
        for lane in root.iter(f"{MODEL}lane")
        for reference in lane.iterfind(f"{MODEL}flowNodeRef")
        if reference.text
    }
    for step in root.iter(*STEPS):
        own = properties_of(step).get("assignee")
        lane = lanes.get(step.get("id"))
        desk = own or (properties_of(lane).get("assignee", "") if lane is not None else "")
        if fault := desks.fault(desk):
            mend = f"giao bước cho bộ phận khác{fault.helps}"
            message = f"Bước {naming.label(step.get('id', ''))}: {fault.why}; {mend}."
            yield Finding("nobody-at-desk", "warning", step.get("id"), message)
    for element in root.iter():
        yield from _recipient_findings(element, desks, naming)
        yield from _sender_findings(element, desks, naming)


def _recipient_findings(element: Any, desks: _Desks, naming: Naming) -> Iterator[Finding]:
    if not isinstance(element.tag, str) or element.find(f"{MODEL}extensionElements") is None:
        return
    for desk in dict.fromkeys(re.findall(r"[a-z_]+@[a-z_:0-9-]+", properties_of(element).get("reminders", ""))):
        if fault := desks.fault(desk):
            place = element.get("id") if element.tag in STEPS else None
            label = naming.phrase(element.get("id", ""))
            message = f"Nhắc việc của {label}: {fault.why}; chọn người nhận khác{fault.helps}."
            yield Finding("nobody-to-remind", "warning", place, message)


def _sender_findings(element: Any, desks: _Desks, naming: Naming) -> Iterator[Finding]:
    """A message of people that nobody could send."""
    if not isinstance(element.tag, str) or element.find(f"{MODEL}extensionElements") is None:
        return
    faults = [desks.fault(sender) for sender in properties_of(element).get("senders", "").split()]
    if faults and (fault := faults[0]) and None not in faults:
        label = capital(naming.phrase(element.get("id", "")))
        message = f"{label} chưa ai gửi được: {fault.why}; thêm người được gửi{fault.helps}."
        yield Finding("nobody-to-send", "warning", element.get("id"), message)


def _late_findings(root: Any, naming: Naming) -> Iterator[Finding]:
    """Steps that fall due after the very day on which the case or the cycle is due."""
    in_cycle = any(CYCLE_END in (part.get("value") or part.text or "") for part in root.iter())
    for step in root.iter(*STEPS):
        text = properties_of(step).get("due", "")
        for name in _passed(text, in_cycle=in_cycle):
            label, limit = naming.label(step.get("id", "")), DATES[name].lower()
            message = f"Hạn của bước {label} rơi sau {limit}: đặt hạn sớm hơn."
            yield Finding("past-deadline", "warning", step.get("id"), message)


def _passed(text: str, *, in_cycle: bool) -> Collection[str]:
    """The dates that an expression names and yet goes beyond, tried on a sample calendar as a cycle opens.

    In the drawing of a cycle, whose work begins when the units' day is over, its own end counts: one that names no
    date is late where it would be though the step came first of all.
    """
    try:
        names = names_in(text) & DATES.keys() if text else set()
        if text and in_cycle:
            names = names - {UNITS_END} or {CYCLE_END}
        if not names:
            return ()
        calendar = Calendar()
        now = calendar.end_of(min(SAMPLE.values()) - timedelta(days=30))
        due = evaluate(text, {**SAMPLE, "now": now, "today": local_date(now)}, calendar.functions(now))
        last = due_day(as_date(due) if isinstance(due, str) else due)  # type: ignore[arg-type]
    except (ExpressionError, ValueError, TypeError, AttributeError):
        return ()
    return sorted(name for name in names if last > SAMPLE[name])
