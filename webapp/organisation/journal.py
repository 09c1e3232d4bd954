"""What administrators have done, in sentences: people as they are called now, since the trail keeps no names."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from engine.events import Fact
from engine.facts.definitions import DefinitionDeployed
from webapp.accounts.facts import OneTimeCodeIssued
from webapp.contacts.facts import ContactAdded, ContactChanged
from webapp.identity import desk_name
from webapp.organisation import facts as f
from webapp.organisation.labels import COMMITTEE_FIELDS, CONTACT_FIELDS, PERSON_FIELDS, UNIT_FIELDS
from webapp.procedures.migration_facts import VersionMoveStarted, VersionMoveStopped
from webapp.unit_changes import facts as u

MOST_NAMED = 5
"""People of one list that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the facts' ids are called now."""

    people: Mapping[str, str]
    units: Mapping[str, str]
    definitions: Mapping[str, str]

    def person(self, id: UUID | str) -> str:
        """Somebody's name."""
        return self.people.get(str(id), "người đã rời hệ thống")

    def unit(self, id: UUID | str) -> str:
        """A unit's short name."""
        return self.units.get(str(id), "đơn vị đã bỏ")

    def desks(self, keys: Iterable[str]) -> str:
        """ "Trưởng đơn vị · Trạm Y tế, Chuyên viên · Trạm Y tế"."""
        return ", ".join(desk_name(key, self.units) for key in keys)


Sentence = Callable[[Any, Names], str]


def _person_changed(fact: f.PersonChanged, names: Names) -> str:
    parts = [_fields(fact.changed, PERSON_FIELDS)] if fact.changed else []
    parts += [f"thêm vai {names.desks(fact.desks_added)}"] if fact.desks_added else []
    parts += [f"bỏ vai {names.desks(fact.desks_removed)}"] if fact.desks_removed else []
    return f"Sửa người dùng {names.person(fact.person_id)}: {'; '.join(parts)}"


def _unit_changed(fact: f.UnitChanged, names: Names) -> str:
    before = f" (trước là {fact.name_before})" if fact.name_before != fact.name_after else ""
    return f"Sửa đơn vị {fact.name_after}{before}: {_fields(fact.changed, UNIT_FIELDS)}"


def _contact_changed(fact: ContactChanged, names: Names) -> str:
    said = _fields(fact.changed, {**CONTACT_FIELDS, "officer": f"nhập thay nay là {names.person(fact.officer_id)}"})
    return f"Sửa liên hệ {names.unit(fact.unit_id)}: {said}"


def _fields(changed: Iterable[str], labels: Mapping[str, str]) -> str:
    return ", ".join(labels[name] for name in changed if name in labels)


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}"


SENTENCES: dict[type[Fact], Sentence] = {
    f.CommitteeSetUp: lambda e, n: f"Tạo {e.committee_name}",
    f.CommitteeChanged: lambda e, n: f"Sửa thông tin UBND: {_fields(e.changed, COMMITTEE_FIELDS)}",
    f.UnitAdded: lambda e, n: f"Thêm đơn vị {e.unit_name}",
    f.UnitChanged: _unit_changed,
    f.UnitDeactivated: lambda e, n: f"Ngừng sử dụng đơn vị {n.unit(e.unit_id)}",
    f.UnitReactivated: lambda e, n: f"Dùng lại đơn vị {n.unit(e.unit_id)}",
    f.PersonAdded: lambda e, n: f"Thêm người dùng {n.person(e.person_id)}: {n.desks(e.desks)}",
    f.PersonChanged: _person_changed,
    f.PersonDeactivated: lambda e, n: f"Ngừng tài khoản của {n.person(e.person_id)}",
    f.PersonReactivated: lambda e, n: f"Cho {n.person(e.person_id)} dùng lại tài khoản",
    f.PasswordReset: lambda e, n: f"Cấp mật khẩu mới cho {n.person(e.person_id)}",
    OneTimeCodeIssued: lambda e, n: f"Cấp mã một lần cho {n.person(e.person_id)}",
    f.AbsenceEntered: lambda e, n: (
        f"Khai {n.person(e.person_id)} vắng mặt từ {_day(e.from_day)} đến {_day(e.to_day)}, "
        f"{n.person(e.proxy_id)} làm thay"
    ),
    f.AbsenceEnded: lambda e, n: f"Kết thúc vắng mặt của {n.person(e.person_id)}, {n.person(e.proxy_id)} thôi làm thay",
    f.CalendarDaySet: lambda e, n: f"Ghi ngày {_day(e.day)} {'làm việc' if e.working else 'nghỉ'}: {e.note}",
    f.CalendarDayRemoved: lambda e, n: f"Bỏ thay đổi ngày {_day(e.day)}, theo lịch có sẵn",
    f.CalendarReviewed: lambda e, n: f"Đã xem lịch năm {e.year}",
    ContactAdded: lambda e, n: f"Thêm liên hệ {e.unit_name}, {n.person(e.officer_id)} nhập thay",
    ContactChanged: _contact_changed,
    u.UnitChangePlanned: lambda e, n: (
        f"Nhập thay đổi của đơn vị {n.unit(e.unit_id)} từ ngày {_day(e.from_day)}: {e.reason}"
    ),
    u.UnitChangeConfirmed: lambda e, n: "Xác nhận thay đổi đơn vị",
    u.UnitChangeCancelled: lambda e, n: f"Hủy thay đổi đơn vị: {e.reason}",
    u.UnitSucceeded: lambda e, n: f"Thay đổi đơn vị {e.old_name} có hiệu lực",
    DefinitionDeployed: lambda e, n: (
        f"Triển khai quy trình {n.definitions[str(e.definition_id)]}, phiên bản {e.version}: {e.reason}"
    ),
    VersionMoveStarted: lambda e, n: f"Chuyển hồ sơ đang chạy sang bản khác: {e.reason}",
    VersionMoveStopped: lambda e, n: "Dừng chuyển hồ sơ sang bản khác",
}


def sentences(facts: Sequence[Fact], names: Names) -> list[str]:
    """What one event says; those of a list who are added together are one sentence."""
    told = []
    for kind, alike in groupby((fact for fact in facts if type(fact) in SENTENCES), key=type):
        found = list(alike)
        many = kind is f.PersonAdded and len(found) > 1
        told += [_list_added(found, names)] if many else [SENTENCES[kind](fact, names) for fact in found]
    return told


def _list_added(added: Sequence[Any], names: Names) -> str:
    named = ", ".join(names.person(fact.person_id) for fact in added[:MOST_NAMED])
    others = f" và {len(added) - MOST_NAMED} người khác" if len(added) > MOST_NAMED else ""
    return f"Thêm {len(added)} người dùng từ bảng tính: {named}{others}"
