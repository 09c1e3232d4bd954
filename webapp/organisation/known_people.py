"""People of a spreadsheet who have accounts already: as they are in it, or otherwise."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from engine.text import fold, spelled
from webapp.organisation.models import Role
from webapp.organisation.sheet_columns import Column


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in, or could once; contacts are normalised."""

    name: str
    username: str
    email: str | None = None
    phone: str | None = None
    desks: frozenset[tuple[UUID, Role]] = frozenset()
    is_active: bool = True

    @property
    def contacts(self) -> Mapping[Column, str | None]:
        """What they sign in with."""
        return {Column.USERNAME: self.username, Column.EMAIL: self.email, Column.PHONE: self.phone}


class KnownPeople:
    """The ward's accounts, found by what a row says."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._owners: dict[tuple[Column, str], Account] = {}
        self._namesakes: dict[tuple[str, UUID], Account] = {}
        for account in accounts:
            self._owners |= {(column, value): account for column, value in account.contacts.items() if value}
            if account.is_active:
                self._namesakes |= {(fold(account.name), unit_id): account for unit_id, _ in account.desks}

    @property
    def usernames(self) -> frozenset[str]:
        """Those that are taken."""
        return frozenset(value for column, value in self._owners if column is Column.USERNAME)

    def find(
        self, name: str, contacts: Mapping[Column, str], unit_id: UUID | None, desks: Collection[tuple[UUID, Role]]
    ) -> tuple[Account | None, str]:
        """The account of a row's person, and what is wrong where the row says otherwise.

        Whoever has a contact of the row is meant; else their namesake in the unit, unless a user name is written that
        nobody has.
        """
        for column, value in contacts.items():
            if account := self._owners.get((column, value)):
                owned = f"{column} {value} đã thuộc tài khoản {account.username} của {account.name}"
                other = f"hãy sửa {column.lower()}"
                return account, _told(owned, _differing(account, name, contacts, desks), other)
        namesake = self._namesakes.get((fold(name), unit_id)) if unit_id else None
        if namesake is None or Column.USERNAME in contacts:
            return None, ""
        there = f"Đơn vị này đã có {namesake.name} (tài khoản {namesake.username})"
        return namesake, _told(there, _differing(namesake, name, contacts, desks), "hãy ghi tên đăng nhập riêng")


def _told(found: str, differing: Iterable[str], other: str) -> str:
    what = ", ".join(differing)
    return what and (
        f"{found}, khác ở: {what}. Vẫn là người ấy thì sửa tài khoản hoặc tệp cho khớp; là người khác thì {other}."
    )


def _differing(
    account: Account, name: str, contacts: Mapping[Column, str], desks: Collection[tuple[UUID, Role]]
) -> Iterator[str]:
    if spelled(account.name) != spelled(name):
        yield "họ và tên"
    for column, value in contacts.items():
        if account.contacts[column] != value:
            yield column.lower()
    if not account.desks.issuperset(desks):
        yield "đơn vị, vai trò"
    if not account.is_active:
        yield "trạng thái (đã ngừng)"
