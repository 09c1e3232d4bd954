"""How kinds and roles read in Vietnamese, and which roles stand where."""

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
