"""What administration refuses; `field` names the field of the form that is to be mended."""

from typing import ClassVar

from engine.errors import Kind, Rejected


class FieldRefused(Rejected):
    """A refusal that belongs to one field of a form."""

    field: ClassVar[str] = "form"


class UsernameTaken(FieldRefused):
    kind = Kind.CONFLICT
    field = "username"
    message = "Tên đăng nhập này đã có người dùng. Hãy chọn tên khác."


class EmailTaken(FieldRefused):
    kind = Kind.CONFLICT
    field = "email"
    message = "Thư điện tử này đã được khai cho người khác."


class PhoneTaken(FieldRefused):
    kind = Kind.CONFLICT
    field = "phone"
    message = "Số điện thoại này đã được khai cho người khác."


class NoDesk(FieldRefused):
    field = "memberships"
    message = "Chọn ít nhất một đơn vị và vai trò."


class UnknownUnit(FieldRefused):
    field = "memberships"
    message = "Đơn vị không còn hoạt động. Hãy chọn đơn vị khác."


class DeskTwice(FieldRefused):
    field = "memberships"
    message = "Một vai trò ở cùng đơn vị chỉ khai một lần."


class NoAccountsThere(FieldRefused):
    field = "memberships"
    message = "Cơ quan ngoài phường không có tài khoản. Hãy chọn người của phường nhập thay ở mục Liên hệ."


class RoleElsewhere(FieldRefused):
    field = "memberships"


class LastAdministrator(Rejected):
    kind = Kind.CONFLICT
    message = "Đây là quản trị viên cuối cùng. Hãy giao vai quản trị viên cho người khác trước."


class YourOwnAccount(Rejected):
    kind = Kind.CONFLICT
    message = "Bạn không tự ngừng tài khoản của mình. Hãy nhờ một quản trị viên khác."


class StandingInForThem(Rejected):
    kind = Kind.FORBIDDEN
    message = "Bạn đang làm thay người này nên không cấp mật khẩu mới cho họ được. Hãy nhờ một quản trị viên khác."


class TasksNotHandedOver(Rejected):
    kind = Kind.CONFLICT
    message = "Người này còn giữ việc chưa xong. Hãy bàn giao hết việc rồi mới ngừng tài khoản."


class UnitNameTaken(FieldRefused):
    kind = Kind.CONFLICT
    field = "name"
    message = "Đã có đơn vị mang tên này."


class ShortNameTaken(FieldRefused):
    kind = Kind.CONFLICT
    field = "short_name"


class UnitNotEmpty(Rejected):
    kind = Kind.CONFLICT


class UnitDrawn(FieldRefused):
    kind = Kind.CONFLICT
    field = "aliases"


class PlaceTaken(Rejected):
    kind = Kind.CONFLICT
    message = "Đơn vị khác đã thay đơn vị này; tên cũ chỉ còn trên văn bản cũ."


class UnknownProxy(FieldRefused):
    field = "proxy_id"
    message = (
        "Người làm thay phải đang hoạt động, cùng đơn vị hoặc cùng vai trò với người vắng; "
        "thay lãnh đạo UBND thì là lãnh đạo UBND."
    )


class ProxyIsOneself(FieldRefused):
    field = "proxy_id"
    message = "Người vắng không thể tự làm thay mình."


class ProxyForOneself(FieldRefused):
    field = "proxy_id"
    message = "Bạn nhập hộ người khác nên không tự chọn mình làm thay. Hãy chọn người khác."


class HeldElsewhere(FieldRefused):
    field = "proxy_id"
    message = (
        "Người vắng còn giữ vai trò ngoài đơn vị của bạn, nên chỉ người đó hoặc quản trị viên chọn được người làm thay."
    )


class ProxyAway(FieldRefused):
    field = "proxy_id"
    message = "Người làm thay cũng vắng trong thời gian này. Hãy chọn người khác."


class AbsencesOverlap(FieldRefused):
    kind = Kind.CONFLICT
    field = "from_day"
    message = "Thời gian này trùng với một lần vắng mặt đã khai."


class DaysReversed(FieldRefused):
    field = "to_day"
    message = "Ngày cuối phải từ ngày đầu trở đi."


class AbsenceOver(FieldRefused):
    field = "to_day"
    message = "Thời gian vắng mặt đã qua."


class AbsenceTooLong(FieldRefused):
    field = "to_day"
    message = "Mỗi lần vắng mặt khai nhiều nhất một năm."


class NoCalendarOfYear(FieldRefused):
    field = "day"


class DayAsShipped(FieldRefused):
    field = "working"
    message = "Lịch có sẵn đã ghi như vậy; không cần khai thêm."


class CommitteeUnitInUse(FieldRefused):
    kind = Kind.CONFLICT
    field = "committee_unit_id"
    message = (
        "Chủ tịch, Phó Chủ tịch, Văn phòng, Văn thư hoặc Quản trị viên đang được khai ở đơn vị lãnh đạo hiện nay. "
        "Hãy giữ nguyên, hoặc chuyển họ sang đơn vị mới trước."
    )
