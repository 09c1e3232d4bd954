"""A spreadsheet of people, read row by row: who could be added, and what is wrong with the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from uuid import UUID

from engine.text import fold
from webapp.organisation.contacts import (
    InvalidContact,
    normalise_email,
    normalise_phone,
    normalise_username,
)
from webapp.organisation.desk_names import desks_of
from webapp.organisation.known_people import Account, KnownPeople
from webapp.organisation.models import Role, UnitKind
from webapp.organisation.refusals import NoAccountsThere
from webapp.organisation.sheet_columns import Column, find_header, texts_of
from webapp.organisation.sheet_files import Rows, SheetUnreadable, read_rows

__all__ = [
    "Account",
    "KnownUnit",
    "PeopleSheet",
    "SheetPerson",
    "SheetRow",
    "SheetUnreadable",
    "people_in",
    "read_people",
]


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit of the ward as a sheet may write it."""

    id: UUID
    name: str
    kind: UnitKind
    other_names: tuple[str, ...] = ()
    """Its short name and aliases."""
    is_outside: bool = False
    """Of the ward's contacts: nobody there has an account."""


@dataclass(frozen=True, slots=True)
class SheetDesk:
    """A role in a unit."""

    unit_id: UUID
    role: Role
    title: str


@dataclass(frozen=True, slots=True)
class SheetPerson:
    """Somebody who can be added as they stand; contacts are normalised."""

    name: str
    username: str
    email: str | None
    phone: str | None
    desks: tuple[SheetDesk, ...]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row as it was written, with the person or with what is wrong."""

    number: int
    """As the spreadsheet counts."""
    texts: Mapping[Column, str]
    person: SheetPerson | None
    faults: tuple[str, ...]
    unknown_unit: str
    """As written, where the ward has none that is so called or alike."""
    account: str
    """The user name of whoever has an account just as the row says: nobody to add."""


@dataclass(frozen=True, slots=True)
class PeopleSheet:
    """A whole sheet, read."""

    rows: tuple[SheetRow, ...]
    unread_columns: tuple[str, ...]
    """Headers that mean nothing here, to be shown rather than dropped in silence."""

    @property
    def people(self) -> tuple[SheetPerson, ...]:
        """Those to add."""
        return tuple(row.person for row in self.rows if row.person is not None)

    @property
    def known(self) -> int:
        """How many rows are of people who have accounts just so."""
        return sum(bool(row.account) for row in self.rows)

    @property
    def unknown_units(self) -> tuple[str, ...]:
        """The units that the ward does not have yet, each as it is first written in full."""
        named = self._unknown_names()
        short = set(self.written_short.values())
        return tuple(name for name in named.values() if name not in short)

    @property
    def written_short(self) -> dict[str, str]:
        """Of these the ones that other rows write by their initials: "Phòng Văn hóa - Xã hội" is "Phòng VH-XH"."""
        named = self._unknown_names()
        short = {name: named.get(_initials(name)) for name in named.values()}
        return {name: other for name, other in short.items() if other is not None and other != name}

    def _unknown_names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in self.rows:
            if row.unknown_unit:
                found.setdefault(_unit_key(row.unknown_unit), row.unknown_unit)
        return found

    @property
    def faults(self) -> tuple[tuple[int, str], ...]:
        """Every fault with the number of its row."""
        return tuple((row.number, fault) for row in self.rows for fault in row.faults)


def read_people(name: str, data: bytes, units: Sequence[KnownUnit], accounts: Iterable[Account] = ()) -> PeopleSheet:
    """Read a file of people. Raises SheetUnreadable."""
    return people_in(read_rows(name, data), units, accounts)


def people_in(rows: Rows, units: Sequence[KnownUnit], accounts: Iterable[Account] = ()) -> PeopleSheet:
    """Read the rows of a file of people, columns in any order. Raises SheetUnreadable.

    1. Find the header row and what each column holds.
    2. Read each row by itself.
    3. Compare the rows with the accounts that exist and with each other.
    4. Give those without a username one that is free.
    """
    header, columns = find_header(rows)
    index = _UnitIndex(units)
    below = ((number, texts_of(columns, cells)) for number, cells in rows if number > header)
    drafts = [_read_row(number, texts, index) for number, texts in below if any(texts.values())]
    if not drafts:
        raise SheetUnreadable("Bảng chỉ có dòng tiêu đề, chưa có người nào.")
    known = KnownPeople(accounts)
    for draft in drafts:
        _find_account(draft, known)
    _find_doubles(draft for draft in drafts if not draft.account)
    _name_accounts(drafts, known)
    titles = dict(rows)[header]
    unread = tuple(title for place, title in enumerate(titles) if title and place not in columns.values())
    return PeopleSheet(tuple(draft.finished() for draft in drafts), unread)


@dataclass(slots=True)
class _Draft:
    """A row while it is being read."""

    number: int
    texts: dict[Column, str]
    unit: KnownUnit | None = None
    desks: tuple[SheetDesk, ...] = ()
    contacts: dict[Column, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    unknown_unit: str = ""
    account: str = ""

    def finished(self) -> SheetRow:
        person = None
        if not self.faults and not self.account:
            person = SheetPerson(
                name=self.texts[Column.NAME],
                username=self.contacts[Column.USERNAME],
                email=self.contacts.get(Column.EMAIL),
                phone=self.contacts.get(Column.PHONE),
                desks=self.desks,
            )
        return SheetRow(self.number, self.texts, person, tuple(self.faults), self.unknown_unit, self.account)


_FORMULA_ERROR = re.compile(r"#[A-Z]+(/[A0])?[!?]?")
"""What a spreadsheet shows where a formula failed: "#N/A", "#REF!", "#DIV/0!"."""


def _read_row(number: int, texts: dict[Column, str], units: _UnitIndex) -> _Draft:
    draft = _Draft(number, texts)
    broken = ((column, text) for column, text in texts.items() if _FORMULA_ERROR.fullmatch(text))
    if faults := [f"Công thức ở ô “{column}” bị lỗi ({text}). Hãy gõ nội dung vào ô." for column, text in broken]:
        draft.faults = faults
        return draft
    if not re.search(r"[^\W\d_]", texts[Column.NAME]):
        draft.faults.append("Chưa có họ và tên.")
    try:
        draft.unit = units.find(texts[Column.UNIT])
        draft.desks = _desks(texts, draft.unit, units)
    except _Unknown as unknown:
        draft.faults.append(str(unknown))
        draft.unknown_unit = texts[Column.UNIT] if isinstance(unknown, _NoSuchUnit) else ""
    for column, normalise in _CONTACTS.items():
        _read_contact(draft, column, normalise)
    return draft


def _read_contact(draft: _Draft, column: Column, normalise: Callable[[str], str]) -> None:
    text = draft.texts.get(column, "")
    if column is Column.PHONE and re.fullmatch(r"[2-9]\d{8}", text):
        text = f"0{text}"  # spreadsheets drop the zero before a number
    if text:
        try:
            draft.contacts[column] = normalise(text)
        except InvalidContact as fault:
            draft.faults.append(f"{column} “{text[:60]}” không dùng được. {fault}")


_CONTACTS: Mapping[Column, Callable[[str], str]] = {
    Column.USERNAME: normalise_username,
    Column.EMAIL: normalise_email,
    Column.PHONE: normalise_phone,
}


class _Unknown(ValueError):  # noqa: N818  a fault of the row, not an error
    """A unit or role that the ward doesn't have."""


class _NoSuchUnit(_Unknown):
    """A unit that is called like none of the ward's."""


class _UnitIndex:
    """Units by every way of writing them."""

    def __init__(self, units: Sequence[KnownUnit]) -> None:
        self.committee = next((unit for unit in units if unit.kind is UnitKind.COMMITTEE), None)
        self._units: dict[str, set[KnownUnit]] = {}
        self._names = {_unit_key(unit.name): unit.name for unit in units}
        for unit in units:
            for name in (unit.name, *unit.other_names):
                self._units.setdefault(_unit_key(name), set()).add(unit)

    def find(self, text: str) -> KnownUnit:
        """The unit so written. Raises _Unknown."""
        if not text:
            raise _Unknown("Chưa có đơn vị. Nếu ô được gộp với ô trên, hãy bỏ gộp rồi ghi đơn vị ở từng dòng.")
        found = self._units.get(_unit_key(text), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise _Unknown(f"“{text[:80]}” là tên của nhiều đơn vị; hãy ghi tên đầy đủ.")
        if meant := self._meant(_unit_key(text)):
            raise _Unknown(f"Không có đơn vị “{text[:80]}”. Có phải “{meant}”?")
        raise _NoSuchUnit(f"Không có đơn vị “{text[:80]}”. Hãy thêm đơn vị trước, hoặc sửa lại tên.")

    def _meant(self, key: str) -> str | None:
        """The unit whose name is much alike; the leaders' for whoever writes only "UBND", "UBND phường"."""
        close = get_close_matches(key, self._names, n=1, cutoff=0.75)
        if close:
            return self._names[close[0]]
        is_committee = key.startswith(("ubnd", "uybannhandan", "lanhdao"))
        return self.committee.name if self.committee and is_committee else None


def _unit_key(name: str) -> str:
    """A name without accents, spaces and signs; "Phòng VH-XH phường" is "VHXH"."""
    return _unit_words(name).replace(" ", "")


def _initials(name: str) -> str:
    return "".join(word[0] for word in _unit_words(name).split() if word != "va")


def _unit_words(name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", " ", fold(name)).strip()
    return words.removeprefix("phong ").removesuffix(" phuong")


def _desks(texts: Mapping[Column, str], unit: KnownUnit, units: _UnitIndex) -> tuple[SheetDesk, ...]:
    """What the person is where. Raises _Unknown."""
    written = texts.get(Column.ROLE) or texts.get(Column.TITLE) or ""
    if not written:
        raise _Unknown("Chưa có vai trò hoặc chức danh.")
    roles = desks_of(written, unit.kind)
    if roles is None:
        raise _Unknown(
            f"Không hiểu vai trò “{written[:60]}”. Hãy ghi một trong: Chuyên viên, Trưởng đơn vị, Cán bộ tổng hợp, "
            "Văn phòng, Văn thư, Phó Chủ tịch, Chủ tịch, Quản trị viên."
        )
    title = texts.get(Column.TITLE) or written
    home = units.committee or unit
    # Whoever is staff besides is told apart by that: a clerk is not "Văn thư" at two desks.
    titles = {Role.STAFF: ""} if len(roles) > 1 else {}
    return tuple(SheetDesk(unit.id if own else home.id, role, titles.get(role, title)) for role, own in roles)


def _find_account(draft: _Draft, known: KnownPeople) -> None:
    """Whoever has an account is not added again; where the row says otherwise, it is at fault."""
    unit_id = draft.unit.id if draft.unit else None
    desks = {(desk.unit_id, desk.role) for desk in draft.desks}
    account, fault = known.find(draft.texts[Column.NAME], draft.contacts, unit_id, desks)
    if fault:
        draft.faults.append(fault)
    elif account is not None and not draft.faults:
        draft.account = account.username
    elif draft.unit is not None and draft.unit.is_outside:
        draft.faults.append(NoAccountsThere.message)


def _find_doubles(drafts: Iterable[_Draft]) -> None:
    """Whoever comes second with the same account is at fault."""
    first: dict[tuple[object, ...], int] = {}
    for draft in drafts:
        for column, value in draft.contacts.items():
            if (row := first.setdefault((column, value), draft.number)) != draft.number:
                draft.faults.append(f"{column} {value} trùng với dòng {row}. Mỗi người chỉ khai một dòng.")
        _find_namesake(draft, first)


def _find_namesake(draft: _Draft, first: dict[tuple[object, ...], int]) -> None:
    """The same name in the same unit is one person twice, unless their accounts tell them apart."""
    if draft.unit is None or not draft.texts[Column.NAME]:
        return
    row = first.setdefault((fold(draft.texts[Column.NAME]), draft.unit.id), draft.number)
    if row != draft.number and not draft.contacts and not draft.faults:
        draft.faults.append(
            f"Trùng họ tên và đơn vị với dòng {row}. Nếu là hai người, hãy ghi tên đăng nhập hoặc số điện thoại."
        )


def _name_accounts(drafts: Sequence[_Draft], known: KnownPeople) -> None:
    used = known.usernames | {name for draft in drafts if (name := draft.contacts.get(Column.USERNAME))}
    for draft in drafts:
        if not draft.faults and not draft.account and Column.USERNAME not in draft.contacts:
            username = propose_username(draft.texts[Column.NAME], used)
            draft.contacts[Column.USERNAME] = username
            used |= {username}


def propose_username(name: str, used: frozenset[str]) -> str:
    """Given name with the initials before it, as offices do: "Trần Thị Bình" is "binhtt"; numbered when taken."""
    words: list[str] = re.findall(r"[a-z]+", fold(name)) or ["nguoidung"]
    *before, given = words
    base = (given + "".join(word[0] for word in before))[:30]
    candidates = (base, *(f"{base}{number}" for number in range(2, len(used) + 3)))
    return next(one for one in candidates if one not in used and len(one) >= 3)
