"""How the words of a drawing read in Vietnamese: desks, properties, stages."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from engine.reminders import Reminder, parse_reminders
from engine.spiff import LAST_DOER, UNIT
from webapp.cycles.records import RECORDERS
from webapp.identity import ROLE_NAMES

ROLES = {role.value: name for role, name in ROLE_NAMES.items()}
PARTIES = {
    "lead": "Đơn vị chủ trì",
    "second_lead": "Đơn vị đồng chủ trì",
    "focal": "Đơn vị đầu mối",
    "committee": "Lãnh đạo UBND",
    "coordinator": "Đơn vị phối hợp",
    "supervisor": "Đơn vị giám sát (đầu mối, hoặc văn phòng)",
}
PEOPLE = {LAST_DOER: "Người đã làm bước này lần trước"}
RECIPIENTS = {"holder": "Người đang giữ việc", "initiator": "Người khởi tạo"}
DATES = {
    "deadline": "Hạn của nhiệm vụ",
    "report_by": "Ngày cuối đơn vị gửi báo cáo",
    "submit_by": "Ngày cuối gửi thành phố",
}
INPUTS = {
    "case.blocked": "Nhiệm vụ còn chờ văn bản, điều kiện",
    "case.conditional": "Nhiệm vụ “khi có yêu cầu”",
    "case.self_report": "Đơn vị đầu mối tự làm, tự báo cáo",
    "case.second_lead": "Có đơn vị đồng chủ trì",
    "case.last_officer": "Mã người làm năm trước",
    "case.carry_over": "Việc của năm trước, người cũ làm tiếp",
    "case.entered_for": "Chủ trì là cơ quan ngoài phường, phường nhập thay",
    "case.id": "Mã nhiệm vụ",
    "case.title": "Tên nhiệm vụ",
    "content": "Khó khăn, vướng mắc",
    "recommendation": "Kiến nghị",
    "planned.report_by": "Ngày cuối đơn vị gửi báo cáo, theo kế hoạch",
    "planned.submit_by": "Ngày cuối gửi thành phố, theo kế hoạch",
}
"""What a case of the shipped procedures knows at its start; other names stand as they are."""
PROPERTIES = {
    "assignee": "Ai làm",
    "form": "Biểu mẫu",
    "due": "Hạn",
    "clock": "Chạy theo hạn của nhiệm vụ",
    "reminders": "Nhắc việc và đôn đốc",
    "person": "Giao đích danh",
    "separate_from": "Không được cùng người với",
    "batch": "Xử lý nhiều việc một lần",
    "stage": "Giai đoạn",
    "records": "Ghi nhận thành",
    "mark": "Ý nghĩa khi đồng ý",
    "service": "Dịch vụ",
    "payload": "Nội dung gửi kèm",
    "senders": "Ai được gửi",
    "inputs": "Dữ liệu có sẵn khi bắt đầu",
    "title": "Tiêu đề",
}
CASE_STAGES = {
    "assign": "Giao việc",
    "execute": "Thực hiện",
    "unit_report": "Báo cáo của đơn vị",
    "consolidation": "Tổng hợp",
    "approval": "UBND phê duyệt",
    "submit": "Gửi thành phố",
}
CYCLE_STAGES = {
    "opening": "Kỳ: đang mở",
    "collecting": "Kỳ: nhận báo cáo",
    "consolidating": "Kỳ: tổng hợp",
    "signing": "Kỳ: trình ký",
    "signed": "Kỳ: đã ký",
    "dispatched": "Kỳ: đã phát hành",
    "sent": "Kỳ: đã gửi thành phố",
    "received": "Kỳ: thành phố đã nhận",
    "returned": "Kỳ: thành phố trả lại",
    "closed": "Kỳ: đã đóng",
}
STAGES = {**CASE_STAGES, **CYCLE_STAGES}
RECORDS = {
    "report": "Báo cáo của đơn vị",
    "cycle_opening": "Phiếu mở kỳ",
    "deadline_change": "Việc đổi hạn của kỳ",
    "cutoff": "Lý do chốt khi còn thiếu",
    "consolidation": "Bản tổng hợp",
    "mark_content": "Ký nháy nội dung",
    "mark_form": "Ký tắt thể thức",
    "mark_opinion": "Ý kiến của lãnh đạo",
    "approval": "Phê duyệt",
    "number": "Số và ngày văn bản",
    "dispatch": "Gửi thành phố",
    "dispatch_by_hand": "Gửi trực tiếp",
    "receipt": "Xác nhận đã nhận",
    "correction": "Đính chính",
    "city_return": "Thành phố trả lại",
}
SERVICES = {
    "case.move_deadline": "Dời hạn của nhiệm vụ theo phiếu xét gia hạn",
    "cycle.ask_cases": "Đặt hạn của kỳ và yêu cầu các đơn vị báo cáo",
    "cycle.move_deadlines": "Dời hạn của kỳ và của mọi việc đang chờ",
    "cycle.new_version": "Mở bản báo cáo mới sau khi bị trả lại hoặc đính chính",
}


MESSAGES = {
    "all_reports_in": "Đã đủ báo cáo của các đơn vị",
    "case.closed": "Nhiệm vụ đã đóng",
    "case.released": "Giao đơn vị khác hoặc hủy nhiệm vụ",
    "city.received": "Thành phố xác nhận đã nhận",
    "city.returned": "Thành phố trả lại",
    "condition.met": "Văn bản đang chờ đã có",
    "contribution.missed": "Đơn vị phối hợp không gửi kết quả",
    "contribution.requested": "Đề nghị phối hợp",
    "contribution.returned": "Chủ trì yêu cầu bổ sung kết quả phối hợp",
    "correction.requested": "Phường đính chính",
    "cutoff.requested": "Yêu cầu chốt tổng hợp",
    "cycle.cutoff": "Kỳ báo cáo đã chốt",
    "deadline.changed": "Có văn bản đổi hạn",
    "difficulty.answered": "Khó khăn, vướng mắc đã được trả lời",
    "difficulty.opened": "Khó khăn, vướng mắc được chuyển đi giải quyết",
    "difficulty.raised": "Đơn vị nêu khó khăn, vướng mắc",
    "extension.requested": "Đơn vị xin gia hạn",
    "extension.withdrawn": "Đơn vị rút đề nghị gia hạn",
    "report.approved": "Báo cáo đã được phê duyệt",
    "report.asked": "Kỳ khác hỏi báo cáo",
    "report.received": "Thành phố đã nhận báo cáo",
    "report.sent": "Đơn vị đã gửi báo cáo",
    "report.used": "Báo cáo đã vào bản tổng hợp",
    "rework.requested": "Yêu cầu bổ sung",
    "task.issued": "Giao nhiệm vụ",
}
"""Messages of the procedures that come with the product; others are named by who draws them."""


def message_in_words(message: str, *, with_code: bool = False) -> str:
    """What a message says; with the name by which procedures find each other, for who draws them."""
    words = MESSAGES.get(message)
    return f"{words} ({message})" if words and with_code else words or message


Units = Mapping[str, str]
"""Names of the ward's units by their codes; one that is not among them goes by its code."""
NO_UNITS: Units = MappingProxyType({})


def desk_in_words(desk: str, units: Units = NO_UNITS) -> str:
    """`head@lead` as people say it; what is no desk stays as it is."""
    role, _, party = desk.partition("@")
    where = _unit(party.removeprefix(UNIT), units) if party.startswith(UNIT) else PARTIES.get(party)
    return f"{ROLES[role]} – {where}" if role in ROLES and where else desk


def _unit(code: str, units: Units) -> str:
    return units.get(code) or f"đơn vị “{code}”"


def recipient_in_words(recipient: str, units: Units = NO_UNITS) -> str:
    return RECIPIENTS.get(recipient) or desk_in_words(recipient, units)


def reminders_in_words(text: str, units: Units = NO_UNITS) -> str:
    """A table of reminders, one level after another; what cannot be read stays as it is."""
    try:
        levels = parse_reminders(text)
    except ValueError:
        return text
    return "; ".join(f"{_when(one)} → {_people(one, units)}" for one in levels)


def _people(level: Reminder, units: Units) -> str:
    return ", ".join(recipient_in_words(one, units) for one in level.recipients)


def _when(level: Reminder) -> str:
    unit, count = ("giờ", level.offset_hours) if level.offset_days is None else ("ngày làm việc", level.offset_days)
    clock = f", {level.time:%H:%M}" if level.time else ""
    if not count:
        return f"{'đúng' if level.offset_days is None else 'vào ngày'} hạn{clock}"
    return f"{'trước' if count < 0 else 'sau'} hạn {abs(count)} {unit}{clock}"


_AFTER = re.compile(r'working_days\((\d+)(?:, *"([\d:]+)")?\)')
_FROM = re.compile(r'(?:end_of\((\w+)(?:, *(-?\d+))?\)|at\((\w+), *(-?\d+), *"([\d:]+)"\))')


def due_in_words(text: str) -> str:
    """A due time or timer as the editor shows it; what is more than that stays an expression."""
    if after := _AFTER.fullmatch(text):
        days, clock = after.groups()
        return f"{days} ngày làm việc sau khi việc đến" + (f", lúc {clock}" if clock else "")
    found = _FROM.fullmatch(text)
    if found is None or (found[1] or found[3]) not in DATES:
        return text
    days, clock = int(found[2] or found[4] or 0), found[5]
    side = f"{abs(days)} ngày làm việc {'trước' if days < 0 else 'sau'} " if days else ""
    return f"{side}{DATES[found[1] or found[3]].lower()}" + (f", lúc {clock}" if clock else "")


def hours_in_words(hours: float) -> str:
    """How long something took."""
    if hours < 1:
        minutes = round(hours * 60)
        return f"{minutes} phút" if minutes else "dưới 1 phút"
    text = f"{hours:.1f} giờ" if hours < 48 else f"{hours / 24:.1f} ngày"
    return text.replace(".", ",")


def property_in_words(name: str, value: str, units: Units = NO_UNITS) -> str:
    """A property's value as the editor shows it."""
    if name == "assignee":
        return desk_in_words(value, units)
    if name == "due":
        return due_in_words(value)
    if name == "reminders":
        return reminders_in_words(value, units)
    if name == "senders":
        return ", ".join(desk_in_words(sender, units) for sender in value.split())
    choices = {"stage": STAGES, "records": RECORDS, "service": SERVICES}.get(name, {})
    flags = {"batch": {"true": "có", "false": "không"}, "clock": {"case": "có"}}.get(name, {})
    return {**choices, **flags}.get(value, value)


def desk_names(units: Units) -> dict[str, Mapping[str, str]]:
    """What a browser needs to say desks and recipients in words."""
    return {"roles": ROLES, "parties": PARTIES, "recipients": RECIPIENTS, "units": units}


def records_to_choose() -> dict[str, str]:
    """What a submission may be recorded as, with what it is called."""
    return {name: RECORDS.get(name, name) for name in ("report", *RECORDERS)}
