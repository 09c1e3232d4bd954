"""The forms of administration."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from webapp.organisation.attempts import faults_of
from webapp.organisation.commands.people import HeldDesk
from webapp.organisation.contacts import normalise_email, normalise_phone, normalise_username
from webapp.organisation.fields import Choice, Contact, Day, Form, Identifier, Lines, Number, Switch, Text, rows_of
from webapp.organisation.models import Role, UnitKind
from webapp.organisation.refusals import NoDesk

DESK_COLUMNS = ("unit_id", "role", "title")


class PersonForm(Form):
    name = Text("Nhập họ và tên.", most=100)
    username = Contact(normalise_username, "Nhập tên đăng nhập.")
    email = Contact(normalise_email)
    phone = Contact(normalise_phone)


class DeskForm(Form):
    unit_id = Identifier("Chọn đơn vị.")
    role = Choice(Role, "Chọn vai trò.")
    title = Text(most=100)


class UnitForm(Form):
    name = Text("Nhập tên đơn vị.", most=150)
    short_name = Text("Nhập tên gọi tắt.", most=50)
    kind = Choice(UnitKind, "Chọn loại đơn vị.")
    aliases = Lines(most=1000)
    is_requested = Switch()
    position = Number()


class CommitteeForm(Form):
    name = Text("Nhập tên cơ quan.", most=150)
    place = Text("Nhập địa danh ghi trên văn bản.", most=100)
    code = Text("Nhập ký hiệu cơ quan ghi sau loại văn bản.", most=30)
    city_recipient = Text("Nhập nơi nhận báo cáo của thành phố.", most=150)
    city_email = Contact(normalise_email)
    committee_unit_id = Identifier("Chọn đơn vị của lãnh đạo UBND.")
    focal_unit_id = Identifier()
    office_unit_id = Identifier()


class AbsenceForm(Form):
    person_id = Identifier("Chọn người vắng mặt.")
    from_day = Day("Nhập ngày đầu vắng mặt.")
    to_day = Day("Nhập ngày cuối vắng mặt.")
    proxy_id = Identifier("Chọn người làm thay.")
    reason = Text(most=300)


class CalendarDayForm(Form):
    day = Day("Nhập ngày.")
    working = Choice(("working", "free"), "Chọn đi làm hay nghỉ.")
    note = Text("Nhập căn cứ, ví dụ số thông báo.", most=200)


def desks_of(form: Mapping[str, str]) -> tuple[HeldDesk, ...]:
    """The desks of a person's form. Raises ValidationError that names the first row at fault."""
    rows = rows_of(form, "memberships", DESK_COLUMNS)
    if not rows:
        raise ValidationError(NoDesk.message, "memberships")
    return tuple(_desk(number, row) for number, row in enumerate(rows, 1))


def _desk(number: int, row: Mapping[str, Any]) -> HeldDesk:
    try:
        return HeldDesk(**DeskForm().load(row))
    except ValidationError as error:
        said = next(iter(faults_of(error).values()))
        raise ValidationError(f"Dòng {number}: {said[0]}", "memberships") from error
