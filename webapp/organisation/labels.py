"""How kinds and roles read in Vietnamese, and which roles stand where."""

import re

from engine.text import fold
from webapp.organisation.models import Role, UnitKind

UNIT_KINDS = {
    UnitKind.DEPARTMENT: "Phòng chuyên môn, văn phòng",
    UnitKind.CENTRE: "Trung tâm, đơn vị sự nghiệp",
    UnitKind.POLICE: "Công an",
    UnitKind.HEALTH: "Trạm y tế",
    UnitKind.ASSOCIATION: "Mặt trận, đoàn thể",
    UnitKind.SCHOOL: "Trường học",
    UnitKind.OUTSIDE: "Cơ quan, doanh nghiệp ngoài phường",
    UnitKind.COMMITTEE: "Lãnh đạo UBND",
}

_KIND_BY_NAME = (
    (r"(phong|van phong)\b", UnitKind.DEPARTMENT), (r"(trung tam|tt)\b", UnitKind.CENTRE),
    (r"(cong an|ca)\b", UnitKind.POLICE), (r"(tram y te|tyt)\b", UnitKind.HEALTH),
    (r"(uy ban mttq|uy ban mat tran|ubmttq|mttq|mat tran|hoi|doan)\b", UnitKind.ASSOCIATION),
    (r"(truong|th|thcs|mam non)\b", UnitKind.SCHOOL),
)  # fmt: skip


def kind_by_name(name: str) -> UnitKind | None:
    """What a unit seems to be by how its name begins; None where that says nothing."""
    return next((kind for words, kind in _KIND_BY_NAME if re.match(words, fold(name))), None)


COMMITTEE_ROLES = frozenset({Role.CHAIR, Role.VICE_CHAIR, Role.OFFICE, Role.CLERK, Role.ADMIN})
"""Roles at the committee's own unit: diagrams send them their steps as `role@committee`."""

REQUESTED_KINDS = frozenset({UnitKind.POLICE, UnitKind.ASSOCIATION, UnitKind.OUTSIDE})
"""Bodies that the committee asks (đề nghị) and doesn't order, unless an administrator says otherwise."""

ROLE_HINTS = {
    Role.STAFF: "nhận và làm việc của đơn vị",
    Role.HEAD: "giao việc, duyệt và gửi báo cáo của đơn vị",
    Role.FOCAL: "kiểm tra, tổng hợp báo cáo; chỉ ở đơn vị đầu mối",
    Role.OFFICE: "ký tắt thể thức; ở đơn vị lãnh đạo UBND",
    Role.VICE_CHAIR: "duyệt, ký thay Chủ tịch; ở đơn vị lãnh đạo UBND",
    Role.CHAIR: "ký ban hành; ở đơn vị lãnh đạo UBND",
    Role.CLERK: "cấp số, phát hành; ở đơn vị lãnh đạo UBND",
    Role.ADMIN: "người dùng, lịch, quy trình; ở đơn vị lãnh đạo UBND",
}

PERSON_FIELDS = {
    "name": "Họ và tên", "username": "Tên đăng nhập", "phone": "Số điện thoại", "email": "Thư điện tử",
    "memberships": "Đơn vị và vai trò",
}  # fmt: skip
UNIT_FIELDS = {
    "name": "Tên đơn vị", "short_name": "Tên gọi tắt", "kind": "Loại đơn vị", "aliases": "Tên gọi khác",
    "is_requested": "Là cơ quan được đề nghị phối hợp", "position": "Thứ tự trong danh sách",
}  # fmt: skip
COMMITTEE_FIELDS = {
    "name": "Tên cơ quan", "place": "Địa danh", "code": "Ký hiệu cơ quan", "city_recipient": "Tên cơ quan nhận",
    "city_email": "Thư điện tử của nơi nhận", "focal_unit_id": "Đầu mối tổng hợp", "office_unit_id": "Văn phòng",
    "committee_unit_id": "Lãnh đạo UBND",
}  # fmt: skip
CONTACT_FIELDS = {
    "name": "Tên cơ quan, tổ chức", "short_name": "Tên gọi tắt", "kind": "Loại", "aliases": "Tên gọi khác",
    "contact_name": "Người liên hệ bên đó", "address": "Địa chỉ", "email": "Thư điện tử", "phone": "Điện thoại",
    "officer_id": "Người của phường nhập thay",
}  # fmt: skip
"""What forms call their fields."""
