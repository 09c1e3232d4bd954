"""Document numbers: given by the ward's document system, or the next of our register."""

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import Kind, Rejected
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.documents.models import RegisterEntry
from webapp.organisation.models import Committee


class NumberRefused(Rejected):
    kind = Kind.INVALID


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number taken."""

    number: int
    document_code: str  # "15/BC-UBND"


def take_number(
    tx: Transaction, *, type_code: str, code: str, given: str | None, issued_on: date, subject: str, written: str = ""
) -> Numbered:
    """Enter a number in the register: the one `given`, else the next of its year and type.

    `code` stands behind it as on the paper that was signed, whatever the committee's is by now: "BC-UBND".

    1. Whoever takes one waits for whoever takes another: the committee's row is locked.
    2. What was `written` on the paper must be the next number: somebody may have taken it since it was shown.

    Raises NumberRefused for one that is no number, or is taken: a number is unique per year and type code.
    """
    year = issued_on.year
    tx.session.get_one(Committee, tx.tenant_id, with_for_update=tx.locks)
    number = _next_number(tx.session, tx.tenant_id, type_code, year) if given is None else _given_number(given)
    if given is None and written and _given_number(written) != number:
        raise NumberRefused(
            f"Số tiếp theo trong sổ năm {year} nay là {number:02d}/{code}, không còn là "
            f"{_given_number(written):02d}. Sửa số trên bản ký, quét lại, nhập số mới rồi gửi."
        )
    if _is_taken(tx, type_code, year, number):
        raise NumberRefused(f"Số {number:02d}/{code} năm {year} đã dùng cho văn bản khác.")
    taken = Numbered(number, f"{number:02d}/{code}")
    tx.session.add(
        RegisterEntry(
            id=uuid7(), tenant_id=tx.tenant_id, year=year, type_code=type_code, number=number,
            document_code=taken.document_code, issued_on=issued_on, subject=subject, from_our_register=given is None,
            created_by=tx.actor.id, created_at=tx.now,
        )
    )  # fmt: skip
    tx.session.flush()
    return taken


def next_number(read: Session, tenant_id: UUID, type_code: str, year: int) -> str:
    """The number that our register would give now, as it is written."""
    return f"{_next_number(read, tenant_id, type_code, year):02d}"


def next_code(read: Session, tenant_id: UUID, type_code: str, code: str, year: int) -> str:
    """The number that our register would give now, written out."""
    return f"{next_number(read, tenant_id, type_code, year)}/{code}"


def _given_number(text: str) -> int:
    """The number in "15" or "15/BC-UBND"."""
    digits = text.strip().partition("/")[0].strip()
    if not re.fullmatch("[0-9]{1,6}", digits) or int(digits) == 0:
        raise NumberRefused(f"“{text.strip()}” không phải số văn bản. Nhập dạng 15 hoặc 15/BC-UBND.")
    return int(digits)


def _next_number(read: Session, tenant_id: UUID, type_code: str, year: int) -> int:
    highest = read.scalar(sa.select(sa.func.max(RegisterEntry.number)).where(*_series(tenant_id, type_code, year)))
    return (highest or 0) + 1


def _is_taken(tx: Transaction, type_code: str, year: int, number: int) -> bool:
    series = _series(tx.tenant_id, type_code, year)
    taken = sa.select(RegisterEntry.id).where(*series, RegisterEntry.number == number)
    return tx.session.scalar(taken) is not None


def _series(tenant_id: UUID, type_code: str, year: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        RegisterEntry.tenant_id == tenant_id,
        RegisterEntry.year == year,
        RegisterEntry.type_code == type_code,
    )
