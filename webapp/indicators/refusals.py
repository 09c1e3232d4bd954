"""What stating or measuring an indicator is refused for; `field` names the field of the form that is to be mended."""

from webapp.organisation.refusals import FieldRefused


class NoFigure(FieldRefused):
    field = "target"
    message = "Nhập mức chỉ tiêu, hoặc để trống cả phép so sánh và mức."


class NoUpperEnd(FieldRefused):
    field = "target_most"
    message = "Nhập mức trên, lớn hơn mức dưới."


class NoYear(FieldRefused):
    field = "by_year"
    message = "Nhập năm phải đạt, ví dụ 2030."


class PartOfItself(FieldRefused):
    field = "part_of_id"
    message = "Chỉ tiêu thành phần chỉ thuộc về một chỉ tiêu chính của cùng kế hoạch."


class NothingMeasured(FieldRefused):
    field = "whole"
    message = "Tổng số phải lớn hơn 0, hoặc để trống."


class NotYetMeasured(FieldRefused):
    field = "as_of"
    message = "Ngày của số liệu không thể sau hôm nay."


class CountsOtherwise(FieldRefused):
    field = "unit"
    message = (
        "Chỉ tiêu đã có số liệu, không đổi giữa tỷ lệ (%) và số đếm được. Gỡ số liệu đã ghi, hoặc bỏ chỉ tiêu này rồi "
        "thêm chỉ tiêu mới."
    )
