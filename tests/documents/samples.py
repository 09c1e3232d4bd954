"""A small ward's facts, from which the tests of documents build what they need."""

from dataclasses import replace
from datetime import date

from webapp.documents.rendering.consolidated import (
    ConsolidatedData,
    Contribution,
    ContributionState,
    Difficulty,
    GroupResult,
    IndicatorResult,
    MissingUnit,
    Period,
    PlanReference,
    Statement,
    Status,
    TaskResult,
)
from webapp.documents.rendering.content import Paragraph, Signer
from webapp.documents.rendering.report import consolidated_report

VHXH = "Phòng Văn hóa – Xã hội"
KTHT = "Phòng Kinh tế, Hạ tầng và Đô thị"

TRAINING = TaskResult(
    ordinal="3.6",
    content="Tổ chức tập huấn kỹ năng số cho cán bộ, công chức, viên chức",
    lead_unit=VHXH,
    coordinating_units=("Công an phường", KTHT),
    status=Status.DONE_ON_TIME,
    due=date(2026, 11, 30),
    completed_on=date(2026, 11, 20),
    statements=(
        Statement(
            VHXH,
            "Đã tổ chức 02 lớp tập huấn:\n- Lớp thứ nhất: 60 người.\n- Lớp thứ hai: 52 người.",
            supplements="6 tháng đầu năm 2026",
        ),
    ),
    contributions=(
        Contribution("Công an phường", ContributionState.RESULT, "Cử 12 cán bộ dự tập huấn."),
        Contribution(KTHT, ContributionState.ABSENT),
    ),
    indicators=(IndicatorResult("Tỷ lệ cán bộ được tập huấn", "100%", "98,5", "%", "năm 2026"),),
    deliverables=("Kế hoạch tập huấn", "Báo cáo kết quả"),
    self_reported=True,
)
BUDGET = TaskResult(
    ordinal="1",
    content="Ưu tiên bố trí ngân sách hằng năm cho khoa học, công nghệ và chuyển đổi số",
    lead_unit=KTHT,
    status=Status.OVERDUE,
    due=date(2026, 11, 30),
    indicators=(IndicatorResult("Tỷ lệ chi ngân sách", "≥ 3%", ""),),
)
CONTEST = TaskResult(
    ordinal="2", content="Tham gia hội thi sáng tạo (nếu có)", lead_unit=VHXH, status=Status.NOTHING_AROSE
)
DATA = ConsolidatedData(
    agency="Ủy ban nhân dân phường Bến Sông",
    place="Bến Sông",
    focal_unit=VHXH,
    plan=PlanReference(
        "Triển khai Đề án đổi mới sáng tạo trên địa bàn phường",
        "45/KH-UBND",
        date(2026, 5, 12),
        "Ủy ban nhân dân phường Bến Sông",
    ),
    period=Period(
        "năm 2026",
        date(2026, 1, 1),
        date(2026, 12, 31),
        report_by=date(2026, 12, 4),
        submit_by=date(2026, 12, 14),
        cutoff=date(2026, 12, 8),
    ),
    groups=(
        GroupResult("I", "Về cơ chế, chính sách", (BUDGET, CONTEST)),
        GroupResult("III", "Về đào tạo", (TRAINING,)),
    ),
    addressees=("Sở Khoa học và Công nghệ thành phố Hải Phòng",),
    recipients=("Như trên", "Chủ tịch, các Phó Chủ tịch UBND phường", "Lưu: VT, VHXH"),
    signer=Signer("TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Trần Thị Bình"),
    difficulties=(
        Difficulty(
            unit=KTHT,
            text="Chưa có hướng dẫn phân bổ.",
            recommendation="Sớm ban hành hướng dẫn.",
            group="I",
            ordinal="1",
        ),
        Difficulty(unit="Trạm Y tế", text="Thiếu thiết bị."),
    ),
    recommendations=("Bổ sung kinh phí cho các phường.",),
    missing=(
        MissingUnit(KTHT, "Đang rà soát số liệu", (date(2026, 12, 1), date(2026, 12, 7)), ("I.1",)),
        MissingUnit("Trạm Y tế", "Không phản hồi", ()),
    ),
)
REPORT = consolidated_report(DATA)
ISSUED = replace(REPORT, number=5, issued=date(2026, 12, 14))

LETTER = replace(
    ISSUED,
    type_name=None,
    code="UBND-VHXH",
    subject="báo cáo kết quả",
    body=(Paragraph("Đề nghị xem xét."),),
    appendices=(),
)
