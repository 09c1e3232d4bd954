"""What a change of a unit is refused for."""

from engine.errors import Kind, Rejected
from webapp.organisation.refusals import FieldRefused


class UnitHasOpenChange(Rejected):
    """One change at a time: else nobody could say where its work goes."""

    kind = Kind.CONFLICT


class UnitNotInUse(Rejected):
    kind = Kind.CONFLICT
    message = "Đơn vị đã ngừng sử dụng nên không đổi tên, sáp nhập hay chia tách được nữa."


class LeadersUnit(Rejected):
    kind = Kind.CONFLICT
    message = "Đây là đơn vị của lãnh đạo UBND; đổi tên ở mục Thông tin UBND và trang sửa đơn vị."


class IntoItself(FieldRefused):
    field = "into_id"
    message = "Không sáp nhập đơn vị vào chính nó. Hãy chọn đơn vị khác."


class SuccessorNotInUse(FieldRefused):
    kind = Kind.CONFLICT
    field = "into_id"
    message = "Đơn vị nhận không còn hoạt động. Hãy chọn đơn vị khác."


class SuccessorTwice(FieldRefused):
    field = "successors"
    message = "Mỗi đơn vị nhận chỉ khai một lần."


class TooFewSuccessors(FieldRefused):
    field = "successors"
    message = "Chia tách cần ít nhất hai đơn vị, trong đó có ít nhất một đơn vị khác đơn vị này."


class SameName(FieldRefused):
    field = "name"
    message = "Tên mới trùng tên hiện nay."


class DayTooFar(FieldRefused):
    field = "from_day"
    message = "Ngày có hiệu lực chỉ trong khoảng ba năm trước và sau hôm nay. Hãy xem lại năm."


class ChangeNotOpen(Rejected):
    kind = Kind.CONFLICT
    message = "Thay đổi này đã được thực hiện hoặc đã hủy."
