"""Plans of the tests over HTTP: their texts, and how a draft is found and looked at."""

import io
import re
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from tests.web.wards import Visitor, Ward
from webapp.organisation.models import Unit
from webapp.plans.models import Plan, PlanTask, PlanTaskUnit, TaskGroup, UnitPart

FOCAL = "vhxh.tonghop"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"

HEAD = """Số:      /KH-UBND

Hải Đông, ngày     tháng     năm 2026

KẾ HOẠCH

Nâng cao chất lượng phục vụ người dân

Các đơn vị báo cáo Ủy ban nhân dân phường (qua Phòng Văn hóa – Xã hội) trước ngày 05/12 hằng năm.

Phòng Văn hóa – Xã hội tổng hợp, báo cáo Ủy ban nhân dân thành phố (qua Sở Khoa học và Công nghệ) trước ngày 15/12.

PHỤ LỤC
"""
COLUMNS = ("STT", "Nội dung", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian thực hiện", "Sản phẩm")
GROUP = "Các đơn vị thuộc phường"
EASY = (
    ("I", "Việc chung", "", "", "", ""),
    ("1", "Niêm yết thủ tục bằng mã QR", "Trung tâm Phục vụ hành chính công", "Công an phường", "Hằng năm", "Báo cáo"),
    ("2", "Lập hồ sơ sức khỏe điện tử", "Trạm Y tế phường", "", "2026-2030", "Báo cáo"),
)
HARD = (
    ("I", "Việc chung", "", "", "", ""),
    ("1", "Phân đầu mở lớp tập huấn", GROUP, "Sở Khoa học và Công nghệ; Công an phường", "Hằng năm", "Báo cáo"),
    ("2", "Bãi đỗ xe thông minh", "Phòng Kinh tế", "Các đơn vị liên quan",
     "Trình Quyết định trong tháng 4 năm 2040; triển khai trong giai đoạn 2040 - 2045", "Quyết định"),
    ("3", "Sửa nhà văn hóa", "", "Trạm Y tế phường", "Tháng 5/2020", "Nhà văn hóa"),
    ("4", "Phân đầu 100% cán bộ có chữ ký số", GROUP, "", "Thường xuyên", "100% cán bộ (nếu có)"),
    ("II", "Việc riêng", "", "", "", ""),
    ("1", "Dạy tin học", "Trường Tiểu học Hải Đông", "các trường học",
     "Sau khi có hướng dẫn của Sở Giáo dục và Đào tạo", "Báo cáo"),
    ("2", "Mở rộng camera", "Công an phường; Đoàn Thanh niên", "đơn vị nhà mạng", "2026-2027", "Camera"),
)  # fmt: skip


def plan_file(rows: tuple[tuple[str, ...], ...], head: str = HEAD) -> bytes:
    return (head + "\n".join("\t".join(row) for row in (COLUMNS, *rows))).encode()


def upload(visitor: Visitor, content: bytes, name: str = "ke-hoach.txt") -> Any:
    values = {"file": (io.BytesIO(content), name)}
    answer = visitor.post("/ke-hoach/nhap", values, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # The test client writes a large body to a file that it leaves open.
    return answer


def imported(ward: Ward, rows: tuple[tuple[str, ...], ...] = EASY) -> tuple[Visitor, str]:
    """The focal unit's officer, and the address of the plan that they imported."""
    visitor = ward.signed_in(FOCAL)
    answer = upload(visitor, plan_file(rows))
    assert answer.status_code == 302
    return visitor, answer.location.removesuffix("/xem-truoc")


def confirmation(**more: Any) -> dict[str, Any]:
    """What a confirming form sends, all of it in order."""
    return {
        "title": "Nâng cao chất lượng phục vụ người dân", "number": "45/KH-UBND", "issued_on": "02/01/2026",
        "issuer": "UBND phường Hải Đông", "report_by": "", "submit_by": "",
        "signed_file": (io.BytesIO(PDF), "ban-ky.pdf"), **more,
    }  # fmt: skip


def confirm(ward: Ward, visitor: Visitor, address: str, **more: Any) -> Any:
    values = confirmation(focal_unit_id=str(ward.unit("vhxh")), **more)
    return visitor.post(f"{address}/xac-nhan", values, content_type="multipart/form-data")


def plan_id_of(address: str) -> UUID:
    return UUID(address.rsplit("/", 1)[-1])


def plan_row(ward: Ward, address: str) -> Any:
    return ward.rows(sa.select(Plan.__table__).where(Plan.id == plan_id_of(address)))[0]


def tasks(ward: Ward, address: str) -> dict[str, Any]:
    """The rows of a plan by place: "I.3"."""
    query = (
        sa.select(PlanTask.__table__, TaskGroup.numeral)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .where(PlanTask.plan_id == plan_id_of(address))
        .order_by(PlanTask.position)
    )
    return {f"{row.numeral}.{row.ordinal}": row for row in ward.rows(query)}


def units(ward: Ward, task_id: UUID, part: UnitPart) -> list[str]:
    query = (
        sa.select(Unit.short_name)
        .join(PlanTaskUnit, PlanTaskUnit.unit_id == Unit.id)
        .where(PlanTaskUnit.plan_task_id == task_id, PlanTaskUnit.part == part)
        .order_by(PlanTaskUnit.position)
    )
    return [name for (name,) in ward.rows(query)]


def warnings(row: Any) -> str:
    return " ".join(orjson.loads(row.warnings))


def editor_values(page: str) -> dict[str, Any]:
    """What the form of a row's editor would send unchanged."""
    values: dict[str, Any] = {}
    for name, text in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        values[name] = text
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = (re.search(rf'\b{attribute}="([^"]*)"', tag) for attribute in ("name", "value"))
        if not name or ('type="checkbox"' in tag and not re.search(r"\schecked\b", tag)):
            continue
        values.setdefault(name[1], []) if name[1] in ("leads", "coordinators") else None
        if name[1] in ("leads", "coordinators"):
            values[name[1]].append(value[1] if value else "")
        elif name[1] not in ("csrf_token", "file"):
            values[name[1]] = value[1] if value else ""
    return values
