"""A letter to a body outside the ward, as text to copy: what is asked, by when, and where to send it."""

from collections.abc import Iterator, Sequence
from datetime import date

from webapp.contacts.queries import Asked, Contact


def letter_to(contact: Contact, asked: Sequence[Asked], ward: str, today: date) -> str:
    """Empty where nothing is asked."""
    return "\n".join(_lines(contact, asked, ward, today)) if asked else ""


def _lines(contact: Contact, asked: Sequence[Asked], ward: str, today: date) -> Iterator[str]:
    overdue = any(one.due_on is not None and one.due_on < today for one in asked)
    yield f"Kính gửi: {contact.name}" + (f" ({contact.contact_name})" if contact.contact_name else "")
    verb = "đề nghị khẩn trương thực hiện và gửi kết quả" if overdue else "đề nghị thực hiện và gửi kết quả"
    yield f"{ward} {verb} các nội dung sau:"
    for number, one in enumerate(asked, 1):
        yield f"{number}. {_one(one, today)}"
    yield f"Kết quả và tài liệu kèm theo xin gửi {_sender(contact)}. Trân trọng cảm ơn."


def _one(one: Asked, today: date) -> str:
    part = "chủ trì" if one.leads else "phối hợp"
    due = f"; hạn {one.due_on:%d/%m/%Y}" if one.due_on else ""
    late = " (đã quá hạn)" if one.due_on is not None and one.due_on < today else ""
    product = f"; sản phẩm: {one.product}" if one.product else ""
    return f"{one.content} ({part}, mục {one.label}, {one.plan}){product}{due}{late}."


def _sender(contact: Contact) -> str:
    ways = [f"thư điện tử {contact.officer_email}"] if contact.officer_email else []
    ways += [f"điện thoại {contact.officer_phone}"] if contact.officer_phone else []
    return f"đồng chí {contact.officer}" + (f", {', '.join(ways)}" if ways else "")
