"""The demo ward: an invented ward with its units, and people by their roles, without names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from engine.calendar import local_date
from engine.command import Actor, Command
from engine.ids import uuid7
from engine.runtime import Runtime
from webapp.accounts.passwords import hash_secret
from webapp.identity import ROLE_NAMES
from webapp.organisation.commands.absences import EnterAbsence
from webapp.organisation.commands.calendar_days import ReviewCalendar
from webapp.organisation.commands.committees import ChangeCommittee, SetUpCommittee
from webapp.organisation.commands.people import AddPerson, HeldDesk, NewPerson
from webapp.organisation.commands.units import AddUnit
from webapp.organisation.labels import REQUESTED_KINDS
from webapp.organisation.models import Role, UnitKind

PASSWORD = "quytrinh-demo"  # noqa: S105  meant to be known: it is printed beside the accounts
COMMITTEE = "ubnd"
MAIL_DOMAIN = "haidong.example"
NAMES = {
    "name": "UBND phường Hải Đông",
    "place": "Hải Đông",
    "code": "UBND",
    "city_recipient": "Sở Khoa học và Công nghệ thành phố Hải Phòng",
    "city_email": f"so.khcn@{MAIL_DOMAIN}",
}


@dataclass(frozen=True, slots=True)
class DemoUnit:
    key: str
    name: str
    short_name: str
    kind: UnitKind
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoPerson:
    username: str
    name: str
    desks: tuple[tuple[str, Role, str], ...]  # unit key, role, title
    phone: str | None = None  # signs in with it, and has no e-mail


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account as it is printed."""

    sign_in: str  # what to type: user name, or telephone number
    name: str
    roles: str


@dataclass(frozen=True, slots=True)
class DemoWard:
    """What was loaded, by the keys of this module."""

    tenant_id: UUID
    units: Mapping[str, UUID]  # by key: "ubnd", "vhxh", …
    people: Mapping[str, UUID]  # by user name
    accounts: tuple[DemoAccount, ...]
    password: str

    @property
    def committee_unit_id(self) -> UUID:
        """The leaders' unit."""
        return self.units[COMMITTEE]


UNITS = (
    DemoUnit("vhxh", "Phòng Văn hóa – Xã hội", "Phòng VH-XH", UnitKind.DEPARTMENT,
             ("Phòng VHXH", "Phòng Văn hóa - Xã hội phường", "Phòng Văn hóa và Xã hội")),
    DemoUnit("khdt", "Phòng Kinh tế, Hạ tầng và Đô thị", "Phòng KT-HT-ĐT", UnitKind.DEPARTMENT,
             ("Phòng KTHTĐT", "Phòng KT, HT&ĐT")),
    DemoUnit("vp", "Văn phòng HĐND và UBND", "Văn phòng", UnitKind.DEPARTMENT,
             ("Văn phòng HĐND-UBND", "Văn phòng Hội đồng nhân dân và Ủy ban nhân dân")),
    DemoUnit("hcc", "Trung tâm Phục vụ hành chính công", "TT PVHCC", UnitKind.CENTRE,
             ("Trung tâm PVHCC", "Trung tâm Hành chính công")),
    DemoUnit("dvc", "Trung tâm Dịch vụ sự nghiệp công", "TT DVSNC", UnitKind.CENTRE,
             ("Trung tâm DVSNC", "Trung tâm Cung ứng dịch vụ sự nghiệp công")),
    DemoUnit("ca", "Công an phường", "Công an", UnitKind.POLICE),
    DemoUnit("yte", "Trạm Y tế", "Trạm Y tế", UnitKind.HEALTH, ("Trạm Y tế phường",)),
    DemoUnit("mttq", "Ủy ban MTTQ", "MTTQ", UnitKind.ASSOCIATION,
             ("Ủy ban Mặt trận Tổ quốc Việt Nam phường", "UBMTTQ", "Mặt trận Tổ quốc")),
    DemoUnit("phunu", "Hội LH Phụ nữ", "Hội LHPN", UnitKind.ASSOCIATION, ("Hội Liên hiệp Phụ nữ", "Hội Phụ nữ")),
    DemoUnit("doan", "Đoàn Thanh niên", "Đoàn TN", UnitKind.ASSOCIATION,
             ("Đoàn TNCS Hồ Chí Minh", "Đoàn phường")),
    DemoUnit("th", "Trường Tiểu học Hải Đông", "TH Hải Đông", UnitKind.SCHOOL, ("Tiểu học Hải Đông",)),
)  # fmt: skip


def _leaders() -> Iterator[DemoPerson]:
    yield DemoPerson("chutich", "Chủ tịch UBND", ((COMMITTEE, Role.CHAIR, "Chủ tịch"),))
    yield DemoPerson("pct.vhxh", "Phó Chủ tịch phụ trách VH-XH", ((COMMITTEE, Role.VICE_CHAIR, "Phó Chủ tịch"),))
    yield DemoPerson("pct.kt", "Phó Chủ tịch phụ trách kinh tế", ((COMMITTEE, Role.VICE_CHAIR, "Phó Chủ tịch"),))
    yield DemoPerson(
        "vanphong", "Chánh Văn phòng",
        ((COMMITTEE, Role.OFFICE, "Chánh Văn phòng (ký tắt)"), ("vp", Role.HEAD, "Chánh Văn phòng")),
    )  # fmt: skip
    yield DemoPerson("vanthu", "Văn thư", ((COMMITTEE, Role.CLERK, "Văn thư"), ("vp", Role.STAFF, "Chuyên viên")))
    yield DemoPerson("quantri", "Quản trị viên", ((COMMITTEE, Role.ADMIN, "Quản trị viên"),))


def _staff() -> Iterator[DemoPerson]:
    yield _one("vhxh.truong", "Trưởng phòng VH-XH", "vhxh", Role.HEAD, "Trưởng phòng")
    yield _one("vhxh.tonghop", "Cán bộ tổng hợp VH-XH", "vhxh", Role.FOCAL, "Chuyên viên tổng hợp")
    yield _one("vhxh.cv1", "Chuyên viên VH-XH 1", "vhxh", Role.STAFF, "Chuyên viên")
    yield _one("vhxh.cv2", "Chuyên viên VH-XH 2", "vhxh", Role.STAFF, "Chuyên viên")
    yield _one("vp.cv1", "Chuyên viên Văn phòng 1", "vp", Role.STAFF, "Chuyên viên")
    for key, head, title, staff in (
        ("khdt", "Trưởng phòng KT-HT-ĐT", "Trưởng phòng", "Chuyên viên KT-HT-ĐT 1"),
        ("hcc", "Giám đốc TT Phục vụ hành chính công", "Giám đốc", "Chuyên viên TT Phục vụ hành chính công 1"),
        ("dvc", "Giám đốc TT Dịch vụ sự nghiệp công", "Giám đốc", "Viên chức TT Dịch vụ sự nghiệp công 1"),
        ("ca", "Trưởng Công an phường", "Trưởng Công an", "Cán bộ Công an phường 1"),
        ("yte", "Trạm trưởng Y tế", "Trạm trưởng", "Viên chức Trạm Y tế 1"),
        ("mttq", "Chủ tịch Ủy ban MTTQ", "Chủ tịch", "Chuyên viên MTTQ 1"),
        ("phunu", "Chủ tịch Hội LH Phụ nữ", "Chủ tịch", "Chuyên viên Hội LH Phụ nữ 1"),
        ("doan", "Bí thư Đoàn Thanh niên", "Bí thư", "Chuyên viên Đoàn Thanh niên 1"),
    ):
        yield _one(f"{key}.truong", head, key, Role.HEAD, title)
        yield _one(f"{key}.cv1", staff, key, Role.STAFF, staff.split()[0] + " " + staff.split()[1])
    yield _one("th.truong", "Hiệu trưởng Trường Tiểu học", "th", Role.HEAD, "Hiệu trưởng")
    yield DemoPerson(
        "th.vanthu", "Nhân viên văn thư Trường Tiểu học", (("th", Role.STAFF, "Nhân viên văn thư"),), phone="0900000001"
    )


def _one(username: str, name: str, unit: str, role: Role, title: str) -> DemoPerson:
    return DemoPerson(username, name, ((unit, role, title),))


PEOPLE = (*_leaders(), *_staff())


def load_organisation(runtime: Runtime, now: datetime) -> DemoWard:
    """Set the demo ward up in a database of its own; `now` is the day around which it is laid out."""
    system = Actor.system(uuid7())
    units = _load_units(runtime, system)
    people = _load_people(runtime, system, units)
    today = local_date(now)
    runtime.execute(ReviewCalendar(year=today.year), actor=system)
    away = EnterAbsence(
        person_id=people["dvc.cv1"], proxy_id=people["dvc.truong"], from_day=today + timedelta(days=10),
        to_day=today + timedelta(days=14), reason="Nghỉ phép năm",
    )  # fmt: skip
    runtime.execute(away, actor=system)
    return DemoWard(system.tenant_id, units, people, tuple(map(_account, PEOPLE)), PASSWORD)


def _load_units(runtime: Runtime, system: Actor) -> dict[str, UUID]:
    set_up = SetUpCommittee(committee_unit_name="Lãnh đạo UBND phường", is_demo=True, **NAMES)
    units: dict[str, UUID] = {COMMITTEE: runtime.execute(set_up, actor=system)}
    for position, unit in enumerate(UNITS, 1):
        add = AddUnit(
            name=unit.name, short_name=unit.short_name, kind=unit.kind, aliases=unit.aliases,
            is_requested=unit.kind in REQUESTED_KINDS, position=position,
        )  # fmt: skip
        units[unit.key] = runtime.execute(add, actor=system)
    change: Command = ChangeCommittee(
        committee_unit_id=units[COMMITTEE], focal_unit_id=units["vhxh"], office_unit_id=units["vp"], **NAMES
    )
    runtime.execute(change, actor=system)
    return units


def _load_people(runtime: Runtime, system: Actor, units: Mapping[str, UUID]) -> dict[str, UUID]:
    password_hash = hash_secret(PASSWORD)  # One for all: hashing is slow on purpose.
    people: dict[str, UUID] = {}
    for person in PEOPLE:
        new = NewPerson(
            name=person.name, username=person.username, phone=person.phone,
            email=None if person.phone else f"{person.username}@{MAIL_DOMAIN}",
            desks=tuple(HeldDesk(units[unit], role, title) for unit, role, title in person.desks),
            password_hash=password_hash,
        )  # fmt: skip
        people[person.username] = runtime.execute(AddPerson(person=new), actor=system)
    return people


def _account(person: DemoPerson) -> DemoAccount:
    short_names = {COMMITTEE: "UBND", **{unit.key: unit.short_name for unit in UNITS}}
    roles = ", ".join(f"{ROLE_NAMES[role]} ({short_names[unit]})" for unit, role, _ in person.desks)
    return DemoAccount(person.phone or person.username, person.name, roles)
