"""The demo ward's plan, carried some way: imported, issued, a cycle open, work in every state that pages show."""

from datetime import date, datetime
from uuid import UUID

from engine.calendar import local_date
from engine.runtime import Runtime
from webapp.cycles.models import CycleKind
from webapp.cycles.opening import StartCycle
from webapp.cycles.planning import Asked, PlanCycles
from webapp.demo.acting import Stage
from webapp.demo.indicators import set_indicators
from webapp.demo.organisation import DemoWard
from webapp.demo.plan_text import (
    AGENCY,
    BY_QUARTER,
    CODE,
    NUMBER,
    OPEN_GROUP,
    DemoDays,
    demo_days,
    plan_text,
    signed_pdf,
    subject,
)
from webapp.documents.attachments import store_bytes
from webapp.documents.commands import AddAttachment
from webapp.plans.confirming import ConfirmPlan
from webapp.plans.importing import ImportPlan
from webapp.plans.issuing import IssuePlan
from webapp.plans.reading import read_plan
from webapp.plans.revising import ResolveLeads

FOCAL = "vhxh.tonghop"
SOURCE = f"Kế hoạch số {NUMBER}/{CODE}, phần Tổ chức thực hiện"
FILE_NAME = "ke-hoach-chuyen-doi-so.txt"
OPEN_GROUP_MEANS = ("khdt", "yte", "mttq")


def load_plan(runtime: Runtime, ward: DemoWard, now: datetime) -> UUID:
    """Load the plan and let the ward work on it; return the plan's id."""
    today = local_date(now)
    with runtime.reading() as connection:
        days = demo_days(runtime.calendar(ward.tenant_id, connection), today)
    stage = Stage(runtime, ward, today)
    plan_id = _issue(stage, days)
    records = set_indicators(stage, plan_id, days)
    _accept(stage)
    _report_early(stage, days)
    _open_cycle(stage, plan_id, days)
    _report(stage, days, records)
    _ask_and_answer(stage, days)
    return plan_id


def _issue(stage: Stage, days: DemoDays) -> UUID:
    """Import, say who "the units of the ward" are, confirm, issue."""
    text = plan_text(days)
    reading = read_plan(FILE_NAME, text)
    file_id = _upload(stage, FILE_NAME, "text/plain", text)
    plan_id: UUID = stage.execute(FOCAL, ImportPlan(reading=reading, file_name=FILE_NAME, file_id=file_id))
    units = tuple(stage.ward.units[key] for key in OPEN_GROUP_MEANS)
    stage.execute(FOCAL, ResolveLeads(plan_id=plan_id, lead_text=OPEN_GROUP, unit_ids=units))
    signed = _upload(stage, "ke-hoach-18-da-ky.pdf", "application/pdf", signed_pdf(days))
    confirm = ConfirmPlan(
        plan_id=plan_id, title=subject(days), number=f"{NUMBER}/{CODE}", issued_on=days.issued_on, issuer=AGENCY,
        focal_unit_id=stage.ward.units["vhxh"], report_by=days.report_by, report_by_source=SOURCE,
        submit_by=days.submit_by, submit_by_source=SOURCE, signed_file_id=signed,
    )  # fmt: skip
    stage.execute(FOCAL, confirm)
    stage.execute(FOCAL, PlanCycles(plan_id=plan_id, cycles=_reports(days)))
    stage.execute(FOCAL, IssuePlan(plan_id=plan_id))
    return plan_id


def _reports(days: DemoDays) -> tuple[Asked, ...]:
    """By year, and from the next year on by quarter."""
    yearly = Asked(
        kind=CycleKind.YEAR, report_by=days.report_by, report_by_source=SOURCE, submit_by=days.submit_by,
        submit_by_source=SOURCE,
    )  # fmt: skip
    first = date(days.year + 1, 3, BY_QUARTER)
    return yearly, Asked(kind=CycleKind.QUARTER, report_by=first, report_by_source=SOURCE)


def _upload(stage: Stage, name: str, media_type: str, content: bytes) -> UUID:
    digest = store_bytes(stage.ward.tenant_id, content)
    add = AddAttachment(name=name, media_type=media_type, size=len(content), sha256=digest)
    file_id: UUID = stage.execute(FOCAL, add)
    return file_id


ACCEPTED = (
    ("I.1", "hcc", "hcc.cv1"), ("I.2", "hcc", "hcc.cv1"), ("I.3", "vp", "vp.cv1"), ("I.4", "ca", "ca.cv1"),
    ("II.1", "doan", "doan.cv1"), ("II.3", "th", "th.vanthu"), ("II.4", "yte", "yte.cv1"),
    ("II.4", "mttq", "mttq.cv1"), ("III.1", "khdt", "khdt.cv1"), ("III.3", "yte", "yte.cv1"),
    ("IV.1", "vhxh", "vhxh.cv1"), ("IV.2", "vhxh", "vhxh.cv2"), ("IV.3", "dvc", "dvc.cv1"),
)  # fmt: skip
"""Task, lead unit, and who does it. One is not accepted yet, one handed back, one waits for a document."""


def _accept(stage: Stage) -> None:
    heads = {"vp": "vanphong"}
    for place, unit, officer in ACCEPTED:
        head = heads.get(unit, f"{unit}.truong")
        case = stage.case(place, unit)
        stage.do(head, case, "accept", decision="accept", officer=stage.ward.people[officer])
    reason = "Hội không có cán bộ chuyên trách về thương mại điện tử; đề nghị giao Phòng Kinh tế, Hạ tầng và Đô thị."
    stage.do("phunu.truong", stage.case("II.2", "phunu"), "accept", decision="hand_back", reason=reason)


def _report_early(stage: Stage, days: DemoDays) -> None:
    """One report was in before the cycle opened."""
    case = stage.case("I.1", "hcc")
    result = "Đã rà soát, niêm yết 168 thủ tục bằng mã QR tại bàn hướng dẫn và 9 nhà văn hóa."
    _done(stage, "hcc.cv1", case, result, days)
    stage.do("hcc.truong", case, "unit_review", decision="approve")
    stage.do(FOCAL, case, "check", decision="approve")


def _done(stage: Stage, username: str, case: UUID, result: str, days: DemoDays, **more: object) -> None:
    answers = {"outcome": "done", "result": result, "completed_on": days.today, **more}
    stage.do(username, case, "execute", **answers)


def _open_cycle(stage: Stage, plan_id: UUID, days: DemoDays) -> None:
    name = f"Năm {days.year}"
    cycle: UUID = stage.execute(FOCAL, StartCycle(plan_id=plan_id, name=name, year=days.year))
    stage.do(
        FOCAL, cycle, "open_cycle", kind="year", last_of_year=True, report_by=days.report_by,
        submit_by=days.submit_by, source=f"Kế hoạch số {NUMBER}/{CODE}", signer="chair",
        recipient="Sở Khoa học và Công nghệ thành phố Hải Phòng", vice_chair=stage.ward.people["pct.vhxh"],
        outline="Nêu rõ số liệu so với chỉ tiêu của kế hoạch; khó khăn, vướng mắc và kiến nghị.",
    )  # fmt: skip


def _report(stage: Stage, days: DemoDays, records: UUID) -> None:
    """Late, waiting for a check, for a second lead, for the head; returned; taken; nothing arose; by the focal unit."""
    late = stage.case("I.3", "vp")
    indicators = [
        {"indicator": records, "name": None, "value": 1120, "whole": None, "note": "giai đoạn trước năm 2007"}
    ]
    _done(stage, "vp.cv1", late, "Đã số hóa 1.120 hồ sơ hộ tịch của giai đoạn trước.", days, indicators=indicators)
    stage.do("vanphong", late, "unit_review", decision="approve")

    two_leads = stage.case("I.4", "ca")
    _done(stage, "ca.cv1", two_leads, "Đã đối chiếu 4.310 nhân khẩu, sửa 57 trường hợp lệch.", days)
    stage.do("ca.truong", two_leads, "unit_review", decision="approve")

    returned = stage.case("II.1", "doan")
    _done(stage, "doan.cv1", returned, "Các tổ công nghệ số hoạt động thường xuyên.", days)
    stage.do("doan.truong", returned, "unit_review", decision="approve")
    stage.do(
        FOCAL, returned, "check", decision="return", reason="Kế hoạch yêu cầu nêu rõ số buổi, số lượt người.",
        items=[{"part": "indicators", "request": "Bổ sung số buổi hướng dẫn và số lượt người tham gia"}],
    )  # fmt: skip

    taken = stage.case("II.4", "yte")
    _done(stage, "yte.cv1", taken, "Đăng 6 tin, bài; phát 1.500 tờ rơi tại trạm và trong các đợt tiêm chủng.", days)
    stage.do("yte.truong", taken, "unit_review", decision="approve")
    stage.do(FOCAL, taken, "check", decision="approve")

    _done(stage, "yte.cv1", stage.case("III.3", "yte"), "11.240 người có hồ sơ sức khỏe điện tử, đạt 91,3%.", days)

    _done(stage, "vhxh.cv1", stage.case("IV.1", "vhxh"), "Đã chấm điểm 11 đơn vị, công bố kết quả.", days)
    nothing = stage.case("IV.2", "vhxh")
    note = "Chưa có hướng dẫn thử nghiệm trợ lý ảo nên năm nay không phát sinh."
    stage.do("vhxh.cv2", nothing, "execute", nothing_arose=True, nothing_note=note)
    stage.do(FOCAL, nothing, "self_check", decision="approve")


def _ask_and_answer(stage: Stage, days: DemoDays) -> None:
    """Contributions in and awaited, more time asked for, a difficulty."""
    hearing = stage.contribution(stage.case("I.2", "hcc"), "doan")
    result = "Cử 24 đoàn viên trực bàn hướng dẫn các sáng thứ Bảy, hỗ trợ 610 lượt người."
    stage.do("doan.cv1", hearing, "contribute", answer="result", result=result)
    stage.send(
        "khdt.cv1", stage.case("III.1", "khdt"), "extension_requested", until=days.report_by,
        reason="Nhà thầu bàn giao thiết bị chậm; còn 2 điểm ở chợ chưa lắp xong.",
    )  # fmt: skip
    stage.send(
        "mttq.cv1", stage.case("II.4", "mttq"), "difficulty_raised",
        content="Chưa có kinh phí in tài liệu tuyên truyền cho 42 tổ dân phố.",
        recommendation="Đề nghị bố trí từ nguồn sự nghiệp của phường.",
    )  # fmt: skip
