"""The form of a contact."""

from typing import Any

from webapp.organisation.contacts import normalise_email
from webapp.organisation.fields import Choice, Contact, Form, Identifier, Lines, Text
from webapp.organisation.models import UnitKind

KINDS = tuple(kind for kind in UnitKind if kind is not UnitKind.COMMITTEE)


class _Email(Contact):
    """An address in its one spelling; empty is none."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> str:
        return super().deserialize(value, attr, data, **kwargs) or ""


class ContactForm(Form):
    name = Text("Nhập tên cơ quan, tổ chức.", most=150)
    short_name = Text("Nhập tên gọi tắt.", most=50)
    kind = Choice(KINDS, "Chọn loại.")
    aliases = Lines(most=1000)
    contact_name = Text(most=100)
    address = Text(most=300)
    email = _Email(normalise_email)
    phone = Text(most=50)
    officer_id = Identifier("Chọn người nhập thay.")
