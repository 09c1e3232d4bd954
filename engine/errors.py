"""What the engine refuses, and how a caller should read the refusal.

The text of a `Rejected` is shown to people, so it is Vietnamese and says what to do next.
"""

from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """Why a command was refused; a web application maps each to one status code."""

    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    INVALID = "invalid"


class Rejected(Exception):  # noqa: N818  a refusal is expected, not an error
    """A command that was refused; nothing has changed."""

    kind: ClassVar[Kind] = Kind.INVALID
    message: ClassVar[str] = "Yêu cầu không thực hiện được."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)


class PermissionDenied(Rejected):
    kind = Kind.FORBIDDEN
    message = "Bạn không có quyền thực hiện việc này."


class NotYourDesk(Rejected):
    kind = Kind.FORBIDDEN
    message = "Việc này không thuộc phần việc của bạn."


class SeparationOfDuties(Rejected):
    kind = Kind.FORBIDDEN
    message = "Bạn đã làm bước trước của việc này nên không được tự kiểm tra. Hãy để người khác trong đơn vị xử lý."


class NotFound(Rejected):
    kind = Kind.NOT_FOUND
    message = "Không tìm thấy nội dung này. Có thể nó đã bị xóa hoặc đường dẫn bị sai."


class UserTaskNotOpen(Rejected):
    kind = Kind.CONFLICT
    message = "Việc này vừa được người khác xử lý."


class UserTaskAlreadyClaimed(Rejected):
    kind = Kind.CONFLICT
    message = "Việc này vừa được người khác nhận."


class UserTaskLapsed(UserTaskNotOpen):
    """An overdue timer of the drawing takes the step away; it fires at the scheduler's next look."""

    message = "Việc này đã quá hạn xử lý nên quy trình tự chuyển bước tiếp theo."


class InstanceNotActive(Rejected):
    kind = Kind.CONFLICT
    message = "Hồ sơ này đã kết thúc."


class InstanceOnHold(InstanceNotActive):
    """Suspended: what is refused now may be tried again after it was resumed."""

    message = "Hồ sơ này đang tạm dừng."


class NobodyWaits(Rejected):
    kind = Kind.CONFLICT
    message = "Hồ sơ không ở bước chờ nội dung này."


class StaleInstance(Rejected):
    """Another command changed the instance meanwhile; the Runtime tries again by itself."""

    kind = Kind.CONFLICT
    message = "Hồ sơ vừa được cập nhật ở nơi khác. Hãy tải lại trang rồi thử lại."


class CannotMigrate(Rejected):
    """A running case cannot be moved to another version: it stays where it is. `element` is where the reason lies."""

    kind = Kind.CONFLICT
    message = "Không chuyển được hồ sơ này sang bản mới."

    def __init__(self, message: str | None = None, element: str | None = None) -> None:
        super().__init__(message)
        self.element = element


class PlaceNotMapped(CannotMigrate):
    """The case waits somewhere for which no place of the new version was chosen."""


class NoSuchPlace(CannotMigrate):
    """The chosen place is not in the new version."""


class OtherKindOfPlace(CannotMigrate):
    """The chosen place waits for something else: a person, a message, a time, a service."""


class StructureDiffers(CannotMigrate):
    """The case's tokens cannot stand together in the new version, or would wait there for ever."""


class DataMissing(CannotMigrate):
    """The way ahead asks for data from a step that the case has not done and will not do."""


class ServiceUnderway(CannotMigrate):
    """A service is at work for the case; its answer would come to another step."""


class SeparationLost(CannotMigrate):
    """Who may not do a step could no longer be told."""


class JobDone(Exception):  # noqa: N818
    """Another worker has done the job that a command was for; nothing was written, and nobody need know."""


class NotBegun(Exception):  # noqa: N818
    """Whoever computes ahead of a transaction wants to read or write by it: that is to be done again, in it."""


class ProcessFault(Rejected):
    """The process itself cannot go on; an incident tells an administrator."""

    kind = Kind.CONFLICT
    message = "Quy trình gặp lỗi nên chưa đi tiếp được. Nội dung của bạn vẫn được giữ; quản trị viên đã được báo."


class ClockNotMovable(Rejected):
    kind = Kind.FORBIDDEN
    message = "Chỉ bản chạy thử mới được chỉnh đồng hồ."


class InvalidConfiguration(Exception):  # noqa: N818
    """A setting that stops the start; its text is one sentence for the operator."""
