"""The demo ward's plan: invented, with a task of every kind, its days laid out around the day of loading."""

from dataclasses import dataclass
from datetime import date, timedelta

from engine.calendar import Calendar
from webapp.documents.rendering.content import (
    AdministrativeDocument,
    Appendix,
    BulletList,
    Heading,
    Paragraph,
    Signer,
    Table,
)
from webapp.documents.rendering.pdf import render_pdf

NUMBER = 18
CODE = "KH-UBND"
AGENCY = "Ủy ban nhân dân phường Hải Đông"
OPEN_GROUP = "Các đơn vị thuộc phường"
BY_QUARTER = 24
"""The last day in time of a quarter's report, in the quarter's last month."""
HEADERS = ("STT", "Nội dung", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian thực hiện", "Sản phẩm")


@dataclass(frozen=True, slots=True)
class DemoDays:
    """The days that everything else hangs on."""

    today: date
    issued_on: date
    report_by: date  # D
    submit_by: date  # T
    past: date  # own last day of tasks that are overdue, or were done late
    near: date  # own last day of one that is due soon

    @property
    def year(self) -> int:
        """The year of the plan and of its cases."""
        return self.issued_on.year


def demo_days(calendar: Calendar, today: date) -> DemoDays:
    """Units report nine working days ahead of today, the ward six later."""
    report_by = calendar.shift(today, 9)
    return DemoDays(
        today=today, issued_on=max(today - timedelta(days=90), date(today.year, 1, 1)), report_by=report_by,
        submit_by=calendar.shift(report_by, 6), past=calendar.shift(today, -6), near=calendar.shift(today, 2),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    ordinal: str
    content: str
    lead: str
    coordinators: str
    timing: str
    product: str

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.ordinal, self.content, self.lead, self.coordinators, self.timing, self.product)


def _before(day: date) -> str:
    """A last day in time as plans word it: the day after is named, and excluded."""
    return f"Trước ngày {day + timedelta(days=1):%d/%m/%Y}"


def groups(days: DemoDays) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """The appendix: titles of the groups with their rows."""
    return (
        ("Dịch vụ công thuận tiện cho người dân", _services(days)),
        ("Kỹ năng số trong cộng đồng", _skills(days)),
        ("Dữ liệu và hạ tầng số", _data(days)),
        ("Điều hành và phục vụ", _running(days)),
    )


def _services(days: DemoDays) -> tuple[Row, ...]:
    return (
        Row("1", "Rà soát, niêm yết bộ thủ tục hành chính bằng mã QR tại bàn hướng dẫn và các nhà văn hóa",
            "Trung tâm Phục vụ hành chính công", "Văn phòng HĐND và UBND phường", "Hằng năm", "Báo cáo"),
        Row("2", "Hỗ trợ người dân tự nộp hồ sơ trực tuyến tại nhà và tại bàn hướng dẫn",
            "Trung tâm Phục vụ hành chính công", "Đoàn Thanh niên; Hội Liên hiệp Phụ nữ phường", "Thường xuyên",
            "Tỷ lệ hồ sơ nộp trực tuyến ≥ 80%; mức độ hài lòng > 95%"),
        Row("3", "Số hóa hồ sơ hộ tịch còn lưu trên giấy", "Văn phòng HĐND và UBND phường",
            "Công an phường và Trung tâm Phục vụ hành chính công", _before(days.past),
            "≥ 1.000 hồ sơ được số hóa"),
        Row("4", "Đối chiếu dữ liệu cư trú với phần mềm một cửa, sửa các trường hợp lệch",
            "Công an phường; Trung tâm Phục vụ hành chính công", "đơn vị nhà mạng",
            f"{days.year}-{days.year + 4}", "Báo cáo"),
    )  # fmt: skip


def _skills(days: DemoDays) -> tuple[Row, ...]:
    return (
        Row("1", "Duy trì tổ công nghệ số cộng đồng, mỗi tổ dân phố ít nhất 02 buổi hướng dẫn một năm",
            "Đoàn Thanh niên phường", "Các tổ dân phố", "Thường xuyên",
            "Báo cáo (nêu rõ số buổi, số lượt người)"),
        Row("2", "Hướng dẫn phụ nữ kinh doanh nhỏ bán hàng và thu tiền không dùng tiền mặt",
            "Hội Liên hiệp Phụ nữ phường", "Phòng Kinh tế, Hạ tầng và Đô thị phường", "Hằng năm",
            "02 lớp/Báo cáo"),
        Row("3", "Tổ chức tuần lễ kỹ năng số trong nhà trường", "Trường Tiểu học Hải Đông",
            "Phòng Văn hóa – Xã hội phường", _before(days.near), "Kế hoạch, hình ảnh"),
        Row("4", "Tuyên truyền nhận biết lừa đảo trên mạng đến từng hộ gia đình", OPEN_GROUP, "",
            "Thường xuyên", "Tin, bài (nêu rõ số lượng)"),
    )  # fmt: skip


def _data(days: DemoDays) -> tuple[Row, ...]:
    return (
        Row("1", "Lắp đặt điểm truy cập internet miễn phí tại nhà văn hóa và chợ",
            "Phòng Kinh tế, Hạ tầng và Đô thị phường", "Các đơn vị liên quan", _before(days.past),
            "06 điểm truy cập"),
        Row("2", "Gắn biển số nhà điện tử và lập bản đồ số các tuyến phố",
            "Phòng Kinh tế, Hạ tầng và Đô thị phường",
            "Công an phường, Văn phòng HĐND và UBND phường và doanh nghiệp trên địa bàn",
            "Sau khi có hướng dẫn của Sở Xây dựng", "Bản đồ số"),
        Row("3", "Lập hồ sơ sức khỏe điện tử cho người dân", "Trạm Y tế phường",
            "Trường Tiểu học Hải Đông, Phòng Văn hóa – Xã hội phường", f"{days.year}-{days.year + 2}",
            "≥ 90% người dân có hồ sơ"),
    )  # fmt: skip


def _running(days: DemoDays) -> tuple[Row, ...]:
    return (
        Row("1", "Tổ chức đánh giá mức độ chuyển đổi số của các đơn vị thuộc phường",
            "Phòng Văn hóa – Xã hội phường", "Văn phòng HĐND và UBND phường", "Hằng năm", "Báo cáo"),
        Row("2", "Thử nghiệm trợ lý ảo trả lời thủ tục hành chính (nếu có)", "Phòng Văn hóa – Xã hội phường",
            "Ủy ban MTTQ phường", "Thường xuyên", "Báo cáo"),
        Row("3", "Mở góc đọc sách số tại nhà văn hóa các khu dân cư", "Trung tâm Dịch vụ sự nghiệp công",
            "Đoàn Thanh niên phường", f"Trong quý IV năm {days.year}", "Khoảng 10.000 lượt truy cập một năm"),
    )  # fmt: skip


ROMAN = ("I", "II", "III", "IV")


def subject(days: DemoDays) -> str:
    """What the plan is about."""
    return f"Chuyển đổi số, phục vụ người dân trên địa bàn phường năm {days.year}"


def duties(days: DemoDays) -> tuple[str, ...]:
    """Who reports to whom, and until when."""
    units, city = days.report_by + timedelta(days=1), days.submit_by + timedelta(days=1)
    return (
        "Các đơn vị báo cáo kết quả thực hiện nhiệm vụ về Ủy ban nhân dân phường (qua Phòng Văn hóa – Xã hội) "
        f"trước ngày {units:%d/%m} hằng năm.",
        "Phòng Văn hóa – Xã hội tổng hợp, tham mưu Ủy ban nhân dân phường báo cáo Ủy ban nhân dân thành phố "
        f"(qua Sở Khoa học và Công nghệ) trước ngày {city:%d/%m} hằng năm.",
        f"Từ năm {days.year + 1}, các đơn vị báo cáo hằng quý trước ngày {BY_QUARTER + 1} của tháng cuối quý.",
    )


def plan_text(days: DemoDays) -> bytes:
    """The plan as text, as it comes out of a signed document."""
    lines = [
        f"{AGENCY.upper()}", "", f"Số:      /{CODE}", "", f"Hải Đông, ngày     tháng     năm {days.year}", "",
        "KẾ HOẠCH", "", subject(days), "", "I. TỔ CHỨC THỰC HIỆN", "", *duties(days), "", "PHỤ LỤC",
        "NHIỆM VỤ CHUYỂN ĐỔI SỐ, PHỤC VỤ NGƯỜI DÂN", "", "\t".join(HEADERS),
    ]  # fmt: skip
    for numeral, (title, rows) in zip(ROMAN, groups(days), strict=True):
        lines.append("\t".join([numeral, title, "", "", "", ""]))
        lines.extend("\t".join(row.cells) for row in rows)
    return "\n".join(lines).encode()


def signed_pdf(days: DemoDays) -> bytes:
    """The same plan as a signed document: what the ward files."""
    rows: list[tuple[str, ...]] = []
    for numeral, (title, tasks) in zip(ROMAN, groups(days), strict=True):
        rows += [(f"{numeral}. {title}",), *(task.cells for task in tasks)]
    return render_pdf(
        AdministrativeDocument(
            issuing_agency=AGENCY, code=CODE, place="Hải Đông", type_name="KẾ HOẠCH", subject=subject(days),
            number=NUMBER, issued=days.issued_on,
            body=(
                Paragraph("Để người dân làm thủ tục thuận tiện, có kỹ năng số cơ bản, Ủy ban nhân dân phường giao:"),
                Heading(1, "Nhiệm vụ"), Paragraph("Theo phụ lục kèm theo."),
                Heading(1, "Báo cáo"), BulletList(duties(days)),
            ),
            signer=Signer("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "(đã ký)"),
            recipients=("Như phụ lục;", "Lưu: VT, VHXH."),
            appendices=(
                Appendix(
                    "Nhiệm vụ chuyển đổi số, phục vụ người dân",
                    (Table(HEADERS, tuple(rows), (1, 7, 4, 4, 3, 4), centred=(0,)),), landscape=True,
                ),
            ),
        )
    )  # fmt: skip
