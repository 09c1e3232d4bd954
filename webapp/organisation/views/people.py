"""Người dùng: the list, adding and changing somebody."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.errors import NotFound
from webapp.accounts.passwords import hash_secret, new_password
from webapp.database import db
from webapp.documents.exporting import of_all_pages, send_list
from webapp.documents.rendering.sheets import Cell
from webapp.execution import execute
from webapp.identity import ROLE_NAMES, signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, all_of, attempt
from webapp.organisation.blueprint import bp
from webapp.organisation.commands.people import (
    AddPerson,
    ChangePerson,
    HeldDesk,
    NewPerson,
    ReactivatePerson,
    ResetPassword,
)
from webapp.organisation.fields import rows_of, searched_for
from webapp.organisation.known_people import KnownPeople
from webapp.organisation.labels import PERSON_FIELDS, ROLE_HINTS
from webapp.organisation.meanwhile import as_typed, opened_with, require_unchanged
from webapp.organisation.models import Role
from webapp.organisation.people_sheet import propose_username
from webapp.organisation.queries.people import (
    People,
    PersonRow,
    accounts,
    count_held_tasks,
    find_person_row,
    left_empty,
    list_people,
)
from webapp.organisation.queries.units import list_units
from webapp.organisation.schemas import DESK_COLUMNS, PersonForm, desks_of
from webapp.organisation.views.handing_over import give_back
from webapp.permissions import Permission
from webapp.security import requires, runs


@bp.get("/nguoi-dung")
@requires(Permission.ADMINISTER)
def people() -> ResponseReturnValue:
    """Everybody, by name."""
    search, unit_id, active = _asked()
    return render_template(
        "organisation/people.html",
        page=_page_of_people(request.args.get("sau", type=UUID)), search=search, unit_id=unit_id, active=active,
        unit_options=[(unit.id, unit.name) for unit in list_units(db.session(), signed_in_person().tenant_id)],
    )  # fmt: skip


def _asked() -> tuple[str, UUID | None, bool]:
    return searched_for(), request.args.get("don_vi", type=UUID), request.args.get("trang_thai") != "ngung"


def _page_of_people(after: UUID | None) -> People:
    search, unit_id, active = _asked()
    tenant_id = signed_in_person().tenant_id
    return list_people(db.session(), tenant_id, search=search, unit_id=unit_id, active=active, after=after)


@bp.get("/nguoi-dung.xlsx")
@requires(Permission.ADMINISTER)
def people_sheet() -> ResponseReturnValue:
    """The same people as a spreadsheet, a row for each desk."""

    def page(after: UUID | None) -> tuple[Iterable[PersonRow], UUID | None]:
        found = _page_of_people(after)
        return found.rows, found.after

    about = "" if _asked()[2] else "đã ngừng"
    rows = (cells for row in of_all_pages(page) for cells in _cells(row))
    return send_list("Danh sách người dùng", COLUMNS, rows, about=about)


COLUMNS = (
    ("Họ và tên", 26), ("Đơn vị", 34), ("Vai trò", 24), ("Chức danh", 26), ("Tên đăng nhập", 18),
    ("Thư điện tử", 28), ("Điện thoại", 16),
)  # fmt: skip


def _cells(row: PersonRow) -> Iterator[tuple[Cell, ...]]:
    for desk in row.desks:
        held = desk.unit_name, ROLE_NAMES[desk.role], desk.title
        yield (row.name, *held, row.username, row.email or "", row.phone or "")


@bp.route("/nguoi-dung/moi", methods=["GET", "POST"])
@runs(AddPerson)
def add_person() -> ResponseReturnValue:
    """Add somebody; their first password is shown once."""
    if request.method != "POST":
        unit_id = request.args.get("don_vi", "")
        return _form({}, [{"unit_id": unit_id}] if unit_id else [], {}, None)
    answer, errors = attempt(_add_person)
    return answer or (_form(request.form, _typed_desks(), errors, None), REFUSED)


def _add_person() -> ResponseReturnValue:
    """Raises ValidationError, Rejected."""
    values, desks = all_of(lambda: _new_form().load(_with_username()), lambda: desks_of(request.form))
    if not request.form.get("username", "").strip():
        _require_no_namesake(values["name"], desks)
    password = new_password()
    new = NewPerson(**values, desks=desks, password_hash=hash_secret(password), must_change_password=True)
    person_id = execute(AddPerson(person=new))
    return _handover(person_id, password, "Đã thêm người dùng")


def _require_no_namesake(name: str, desks: Iterable[HeldDesk]) -> None:
    """Raises ValidationError: a form that is sent twice does not make a second account of one person."""
    known = KnownPeople(accounts(db.session(), signed_in_person().tenant_id))
    for account, differing in (known.find(name, {}, desk.unit_id, ()) for desk in desks):
        if account is not None and not differing:
            raise ValidationError(
                f"Đơn vị đã có {account.name} (tài khoản {account.username}). Nếu là người khác, hãy đặt tên đăng nhập "
                "riêng.",
                "username",
            )


@bp.route("/nguoi-dung/<uuid:person_id>", methods=["GET", "POST"])
@runs(ChangePerson)
def person(person_id: UUID) -> ResponseReturnValue:
    """Somebody's account."""
    found = _find(person_id)
    now = _values(found)
    if request.method != "POST":
        return _form(opened_with(now), now[DESKS], {}, found)
    answer, errors = attempt(lambda: _change_person(found, now))
    if answer is not None:
        return answer
    values = as_typed(now, memberships=_typed_desks())
    return _form(values, values[DESKS], errors, found), REFUSED


DESKS = "memberships"


def _values(found: PersonRow) -> dict[str, Any]:
    desks = [{"unit_id": str(d.unit_id), "role": str(d.role), "title": d.title} for d in found.desks]
    return {**{name: getattr(found, name) or "" for name in ("name", "username", "email", "phone")}, DESKS: desks}


def _change_person(before: PersonRow, now: Mapping[str, Any]) -> ResponseReturnValue:
    """Raises ValidationError, Rejected."""
    require_unchanged(now, PERSON_FIELDS)
    values, desks = all_of(lambda: PersonForm().load(request.form), lambda: desks_of(request.form))
    execute(ChangePerson(person_id=before.id, desks=desks, **values))
    kept = {f"{desk.role}@{desk.unit_id}" for desk in desks}
    flash(f"Đã lưu {values['name']}.", "success")
    if given_back := give_back(before, _decided_at(before) - kept):
        flash(f"{given_back} việc của vai vừa bỏ đã trả về bộ phận, để người cùng vai nhận.", "warning")
    if empty := left_empty(db.session(), before.id, [desk for desk in before.desks if desk.key not in kept]):
        flash(f"Không còn ai giữ vai {'; '.join(desk.words for desk in empty)}. Hãy khai người vào vai này.", "warning")
    left = before.unit_ids - {desk.unit_id for desk in desks}
    if left and count_held_tasks(db.session(), signed_in_person().tenant_id, before.id):
        flash("Người này vừa rời một đơn vị nhưng còn giữ việc. Hãy bàn giao các việc dưới đây.", "warning")
        return redirect(url_for("organisation.hand_over", person_id=before.id))
    return redirect(url_for("organisation.people"))


def _decided_at(person: PersonRow) -> frozenset[str]:
    """The desks whose steps are a right of their role; a staff member's are work, to be handed over."""
    return frozenset(desk.key for desk in person.desks if desk.role is not Role.STAFF)


@bp.post("/nguoi-dung/<uuid:person_id>/mat-khau")
@runs(ResetPassword)
def reset_password(person_id: UUID) -> ResponseReturnValue:
    """Give somebody a new password, shown once."""
    _find(person_id)
    password = new_password()
    execute(ResetPassword(person_id=person_id, password_hash=hash_secret(password)))
    return _handover(person_id, password, "Đã cấp mật khẩu mới")


@bp.post("/nguoi-dung/<uuid:person_id>/dung-lai")
@runs(ReactivatePerson)
def reactivate_person(person_id: UUID) -> ResponseReturnValue:
    """Take an account into use again."""
    execute(ReactivatePerson(person_id=person_id))
    flash("Tài khoản dùng lại được. Cấp mật khẩu mới nếu người này đã quên.", "success")
    return redirect(url_for("organisation.person", person_id=person_id))


def _new_form() -> PersonForm:
    """Without a name there is nothing to make a user name of, and one fault is enough."""
    return PersonForm(exclude=() if request.form.get("name", "").strip() else ("username",))


def _with_username() -> dict[str, str]:
    """What was typed; where no user name was, one made of the name."""
    typed = request.form.to_dict()
    if not typed.get("username", "").strip() and typed.get("name", "").strip():
        taken = frozenset(one.username for one in accounts(db.session(), signed_in_person().tenant_id))
        typed["username"] = propose_username(typed["name"], taken)
    return typed


def _find(person_id: UUID) -> PersonRow:
    found = find_person_row(db.session(), signed_in_person().tenant_id, person_id)
    if found is None:
        raise NotFound
    return found


def _typed_desks() -> list[dict[str, str]]:
    return rows_of(request.form, "memberships", DESK_COLUMNS)


def _form(values: Mapping[str, str], desks: list[dict[str, str]], errors: Errors, found: PersonRow | None) -> str:
    me, read = signed_in_person(), db.session()
    units, held = list_units(read, me.tenant_id, active_only=True), found.unit_ids if found else frozenset()
    return render_template(
        "organisation/person.html",
        values=values, desks=desks or [{}], errors=errors, found=found, roles=ROLE_NAMES, role_hints=ROLE_HINTS,
        unit_options=[(unit.id, unit.name) for unit in units if not unit.is_outside or unit.id in held],
        tasks=count_held_tasks(read, me.tenant_id, found.id) if found else 0,
        is_me=found is not None and found.id == me.id, stands_in=found is not None and found.id in me.stands_for,
    )  # fmt: skip


def _handover(person_id: UUID, password: str, title: str) -> str:
    """The slip to hand over; the password is nowhere else."""
    return render_template(
        "organisation/new_password.html", title=title, slips=[(_find(person_id), password)], single=True
    )
