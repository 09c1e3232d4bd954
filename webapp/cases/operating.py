"""What an administrator may do to a running case by hand: for each operation its words, its form and its command."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.calendar import LOCAL, parse_time
from engine.command import Command
from engine.commands.instances import LONGEST_REASON, CancelInstance, ResumeInstance, SuspendInstance
from engine.commands.operations import ChangeDueTime, CorrectVariable, GoBack, ReassignUserTask, SkipUserTask
from engine.errors import NotFound
from engine.models import UserTaskState
from forms.definition import FormDefinition
from forms.fields import Field, FieldType, Option
from webapp.cases.diagrams import CaseStep
from webapp.cases.queries import Case
from webapp.cases.values import Variable, asking_for, read_value
from webapp.inbox.options import OPTIONS, Place
from webapp.organisation.desks import may_be_handed
from webapp.presentation import moment
from webapp.runtime import runtime

REASON, CONFIRMED, STEP = "ly_do", "xac_nhan", "buoc"
DESK = "desk"
Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operable:
    """A case with what operations need to know of it."""

    read: Session
    case: Case
    steps: Sequence[CaseStep]  # newest first
    variables: Sequence[Variable]

    @property
    def open_steps(self) -> list[CaseStep]:
        """The steps that wait for people."""
        return [step for step in self.steps if step.state is UserTaskState.OPEN]

    @property
    def passed(self) -> list[CaseStep]:
        """The steps that the case has passed, each once, the latest first."""
        done = (UserTaskState.COMPLETED, UserTaskState.SKIPPED)
        return list({s.element_id: s for s in reversed(self.steps) if s.state in done}.values())[::-1]

    def form_of(self, step: CaseStep) -> FormDefinition:
        """The form of a step."""
        connection = self.read.connection()
        drawn = runtime().definition(self.case.definition_id, connection).steps[step.element_id]
        return runtime().form(self.case.definition_id, drawn.form, connection)

    def place_of(self, step: CaseStep, tenant_id: UUID) -> Place:
        """Where the step's lists are looked up."""
        return Place(tenant_id, self.case.id, UUID(step.desk.partition("@")[2]), self.case.parties)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One of them, as the page shows it."""

    name: str  # in addresses
    title: str
    icon: str
    explains: tuple[str, ...]  # what it does, and what it does not
    confirms: str
    go: str
    done: str
    tone: str = "primary"
    offered: Callable[[Operable], bool]
    fields: Callable[[Operable, UUID], Iterator[Field]]  # beside the reason and the confirmation
    command: Callable[[Operable, Answers], Command]

    def form(self, on: Operable, tenant_id: UUID) -> FormDefinition:
        """Its form on this case."""
        reason = Field(
            type=FieldType.TEXTAREA, key=REASON, label="Lý do", required=True, message="Chưa nhập lý do.",
            max_length=LONGEST_REASON, help="Ghi vào diễn biến của hồ sơ, không xóa được.",
        )  # fmt: skip
        confirmation = Field(
            type=FieldType.CHECKBOX, key=CONFIRMED, label=self.confirms, required=True,
            message="Chưa đánh dấu xác nhận.",
        )  # fmt: skip
        return FormDefinition(self.name, self.title, (*self.fields(on, tenant_id), reason, confirmation), "")


def _none(on: Operable, tenant_id: UUID) -> Iterator[Field]:
    yield from ()


def _has_open_steps(on: Operable) -> bool:
    return bool(on.open_steps)


# --- fields ---


def _step_field(on: Operable, label: str = "Bước") -> Field:
    options = tuple(Option(str(s.id), f"{s.name} ({s.assignee or 'chưa ai nhận'})") for s in on.open_steps)
    return Field(
        type=FieldType.SELECT, key=STEP, label=label, options=options, required=True, message="Chưa chọn bước.",
        default=options[0].value if len(options) == 1 else None,
    )  # fmt: skip


def _only_for(key: str, value: object) -> str:
    """Hidden while another is chosen."""
    return f"{key} != '{value}'"


def _assignees(on: Operable, tenant_id: UUID) -> Iterator[Field]:
    yield _step_field(on)
    for number, step in enumerate(on.open_steps):
        known = OPTIONS["person"](on.read, on.place_of(step, tenant_id))
        people = [one for one in known if may_be_handed(on.read, step.desk, UUID(one.value))]
        yield Field(
            type=FieldType.SELECT, key=f"nguoi{number}", label="Giao cho", required=True,
            message="Chưa chọn người nhận.", options=(*people, Option(DESK, "Trả về bộ phận, để ai cũng nhận được")),
            hide=_only_for(STEP, step.id),
        )  # fmt: skip


def _due(on: Operable, tenant_id: UUID) -> Iterator[Field]:
    yield _step_field(on)
    yield Field(
        type=FieldType.DATE, key="ngay", label="Hạn mới: ngày", width=6, required=True, message="Chưa nhập ngày."
    )
    yield Field(
        type=FieldType.TEXTFIELD, key="gio", label="Giờ", width=6, pattern="([01]?[0-9]|2[0-3]):[0-5][0-9]",
        max_length=5,
        message="Nhập giờ dạng giờ:phút, ví dụ 17:00.", help="Để trống: hết ngày.",
    )  # fmt: skip


def _earlier(on: Operable, tenant_id: UUID) -> Iterator[Field]:
    passed = ((s.element_id, f"{s.name} ({s.completer}, {moment(s.completed_at)})") for s in on.passed)
    options = tuple(Option(*one) for one in passed)
    yield Field(
        type=FieldType.SELECT, key=STEP, label="Quay lại bước", options=options, required=True,
        message="Chưa chọn bước.",
    )  # fmt: skip


def _stated(on: Operable, tenant_id: UUID) -> Iterator[Field]:
    yield _step_field(on, "Bước bỏ qua")
    for number, step in enumerate(on.open_steps):
        for field in on.form_of(step).fields:
            if field.variable:
                asked = asking_for(on.read, field, on.place_of(step, tenant_id))
                if asked is not None:
                    yield replace(asked, key=f"v{number}_{field.key}", hide=_only_for(STEP, step.id))


def _corrected(on: Operable, tenant_id: UUID) -> Iterator[Field]:
    options = tuple(Option(v.name, f"{v.label}: {v.words}") for v in on.variables)
    yield Field(
        type=FieldType.SELECT, key="bien", label="Dữ liệu cần sửa", options=options, required=True,
        message="Chưa chọn dữ liệu.",
    )  # fmt: skip
    for number, variable in enumerate(on.variables):
        yield replace(
            variable.field, key=f"gia_tri{number}", label="Giá trị đúng", hide=_only_for("bien", variable.name)
        )


# --- commands ---


def _chosen(on: Operable, answers: Answers) -> tuple[int, CaseStep]:
    """Raises NotFound."""
    for number, step in enumerate(on.open_steps):
        if str(step.id) == answers[STEP]:
            return number, step
    raise NotFound


def _reassign(on: Operable, answers: Answers) -> Command:
    number, step = _chosen(on, answers)
    person = answers[f"nguoi{number}"]
    to = None if person == DESK else UUID(person)
    return ReassignUserTask(user_task_id=step.id, assignee_id=to, reason=answers[REASON])


def _change_due(on: Operable, answers: Answers) -> Command:
    _, step = _chosen(on, answers)
    last, clock = date.fromisoformat(answers["ngay"]), answers.get("gio")
    if clock:
        due = datetime.combine(last, parse_time(clock), LOCAL)
    else:
        due = datetime.combine(date.fromordinal(last.toordinal() + 1), datetime.min.time(), LOCAL)
    return ChangeDueTime(user_task_id=step.id, due_at=due.astimezone(UTC), reason=answers[REASON])


def _skip(on: Operable, answers: Answers) -> Command:
    number, step = _chosen(on, answers)
    mark = f"v{number}_"
    stated = {key.removeprefix(mark): value for key, value in answers.items() if key.startswith(mark)}
    values = {key: value for key, value in stated.items() if value not in (None, "")}
    fields = {field.key: field for field in on.form_of(step).fields}
    values = {key: read_value(fields[key], value) for key, value in values.items()}
    return SkipUserTask(user_task_id=step.id, values=values, reason=answers[REASON])


def _correct(on: Operable, answers: Answers) -> Command:
    number, variable = next((n, v) for n, v in enumerate(on.variables) if v.name == answers["bien"])
    value = variable.read(answers.get(f"gia_tri{number}"))
    return CorrectVariable(instance_id=on.case.id, variable=variable.name, value=value, reason=answers[REASON])


OPERATIONS = (
    Operation(
        name="tam-dung", title="Tạm dừng hồ sơ", icon="player-pause", go="Tạm dừng", done="Đã tạm dừng hồ sơ.",
        explains=(
            "Các bước vẫn nằm trong hộp việc nhưng không gửi được; không nhắc việc, không báo quá hạn.",
            "Nội dung nơi khác gửi đến chờ ở ngoài. Khi cho chạy tiếp, những gì đến hẹn trong lúc dừng được làm ngay.",
            "Trong lúc dừng vẫn dùng được các thao tác khác ở trang này.",
        ),
        confirms="Tôi hiểu là chưa ai gửi được bước nào của hồ sơ này cho đến khi chạy tiếp.",
        offered=lambda on: on.case.is_running, fields=_none,
        command=lambda on, a: SuspendInstance(instance_id=on.case.id, reason=a[REASON]),
    ),
    Operation(
        name="chay-tiep", title="Cho hồ sơ chạy tiếp", icon="player-play", go="Chạy tiếp", done="Hồ sơ đã chạy tiếp.",
        explains=("Các bước gửi được như trước. Lời nhắc, hẹn giờ đã qua trong lúc dừng chạy ngay, ghi là chạy muộn.",),
        confirms="Tôi đã xem những bước đang chờ và muốn hồ sơ chạy tiếp.",
        offered=lambda on: not on.case.is_running, fields=_none,
        command=lambda on, a: ResumeInstance(instance_id=on.case.id, reason=a[REASON]),
    ),
    Operation(
        name="giao-lai", title="Giao lại một bước", icon="user-share", go="Giao lại", done="Đã giao lại bước.",
        explains=(
            "Chuyển bước đang chờ cho người khác cùng đơn vị, hoặc trả về bộ phận để ai cũng nhận được.",
            "Bản nháp đi theo việc. Không giao được việc kiểm tra cho chính người đã làm bước trước.",
        ),
        confirms="Tôi đã báo cho người đang giữ việc.",
        offered=_has_open_steps, fields=_assignees, command=_reassign,
    ),
    Operation(
        name="doi-han", title="Đổi hạn của một bước", icon="calendar-event", go="Đổi hạn", done="Đã đổi hạn.",
        explains=(
            "Chỉ đổi hạn của bước được chọn; hạn của nhiệm vụ và của các bước sau giữ nguyên.",
            "Lời nhắc của bước, và hẹn giờ chuyển bước khi quá hạn, dời theo hạn mới.",
        ),
        confirms="Tôi muốn đổi hạn của bước này.",
        offered=_has_open_steps, fields=_due, command=_change_due,
    ),
    Operation(
        name="quay-lai", title="Quay lại bước trước", icon="corner-up-left", go="Quay lại", done="Hồ sơ đã quay lại.",
        tone="danger",
        explains=(
            "Mở lại một bước hồ sơ đã qua. Các bước đang chờ ở phía sau đóng lại; nhánh song song giữ nguyên.",
            "Dữ liệu mà hồ sơ dựa vào để rẽ nhánh trở lại như trước bước ấy. Nội dung mọi người đã gửi vẫn còn trong "
            "diễn biến; văn bản, thư đã gửi đi thì không rút lại.",
        ),
        confirms="Tôi hiểu là các bước đang chờ phía sau sẽ đóng lại.",
        offered=lambda on: bool(on.passed), fields=_earlier,
        command=lambda on, a: GoBack(instance_id=on.case.id, element_id=a[STEP], reason=a[REASON]),
    ),
    Operation(
        name="bo-qua", title="Bỏ qua một bước", icon="arrow-forward-up", go="Bỏ qua", done="Đã bỏ qua bước.",
        tone="danger",
        explains=(
            "Hồ sơ đi tiếp như thể bước đã xong. Diễn biến ghi là bỏ qua, vì sao; không ai được coi là đã làm.",
            "Điền dữ liệu dưới đây nếu hồ sơ cần để rẽ nhánh; để trống thì đi nhánh mặc định. Không dùng để ký, duyệt "
            "thay: bước bị bỏ qua không có chữ ký, không có ý kiến.",
        ),
        confirms="Tôi hiểu là bước này sẽ không có nội dung, không có người làm.",
        offered=_has_open_steps, fields=_stated, command=_skip,
    ),
    Operation(
        name="sua-du-lieu", title="Sửa dữ liệu của hồ sơ", icon="edit", go="Sửa dữ liệu", done="Đã sửa dữ liệu.",
        explains=(
            "Sửa một giá trị mà hồ sơ dựa vào để rẽ nhánh hoặc tính hạn. Diễn biến ghi giá trị cũ và mới.",
            "Nội dung đã gửi không đổi, bước đã qua không chạy lại; hạn đang dựa vào giá trị ấy được tính lại.",
        ),
        confirms="Tôi đã đối chiếu giá trị đúng.",
        offered=lambda on: bool(on.variables), fields=_corrected, command=_correct,
    ),
    Operation(
        name="huy", title="Hủy hồ sơ", icon="ban", go="Hủy hồ sơ", done="Đã hủy hồ sơ.", tone="danger",
        explains=("Kết thúc hồ sơ trước hạn. Các bước đang chờ đóng lại, không nhắc nữa. Không khôi phục được.",),
        confirms="Tôi hiểu là hồ sơ đã hủy thì không mở lại được.",
        offered=lambda on: True, fields=_none,
        command=lambda on, a: CancelInstance(instance_id=on.case.id, reason=a[REASON]),
    ),
)  # fmt: skip
BY_NAME = {operation.name: operation for operation in OPERATIONS}
