"""Nhập người từ bảng tính: the file, what was read of it, all or nothing."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from uuid import UUID

import orjson
from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp.accounts.passwords import hash_secret, new_password
from webapp.database import db
from webapp.execution import execute
from webapp.identity import ROLE_NAMES, signed_in_person
from webapp.organisation.blueprint import bp
from webapp.organisation.commands.people import HeldDesk, ImportPeople, ImportRefused, NewPerson
from webapp.organisation.models import Role
from webapp.organisation.people_sheet import Column, SheetPerson, SheetUnreadable, read_people
from webapp.organisation.queries.people import active_people, known_units, taken_contacts
from webapp.organisation.sample_sheet import sample_sheet
from webapp.permissions import Permission
from webapp.security import requires, runs

MOST_AT_ONCE = 500
PREVIEW_LASTS = 12 * 3600  # seconds, as a session


@bp.get("/nguoi-dung/nhap")
@requires(Permission.ADMINISTER)
def choose_sheet() -> ResponseReturnValue:
    """Choose the file."""
    return render_template("organisation/import.html", errors={})


@bp.get("/nguoi-dung/nhap/mau.xlsx")
@requires(Permission.ADMINISTER)
def download_sample() -> ResponseReturnValue:
    """An empty sheet with the columns, the ward's units and the roles to choose from."""
    units = [unit.name for unit in known_units(db.session(), signed_in_person().tenant_id)]
    return send_file(
        sample_sheet(units, list(ROLE_NAMES.values())), as_attachment=True, download_name="danh-sach-nguoi-dung.xlsx"
    )


@bp.post("/nguoi-dung/nhap")
@requires(Permission.ADMINISTER)
def preview_sheet() -> ResponseReturnValue:
    """Show what the file says, row by row; nothing is written yet."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    file = request.files.get("file")
    if file is None or not file.filename:
        return _refuse("Hãy chọn tệp danh sách.")
    try:
        sheet = read_people(
            file.filename, file.read(), known_units(read, tenant_id), taken_contacts(read, tenant_id)
        )  # fmt: skip
    except SheetUnreadable as error:
        return _refuse(str(error))
    if len(sheet.rows) > MOST_AT_ONCE:
        return _refuse(
            f"Tệp có {len(sheet.rows)} người. Mỗi lần nhập nhiều nhất {MOST_AT_ONCE}; hãy chia thành nhiều tệp."
        )
    kept = None if sheet.faults else _keep(sheet.people, tenant_id)
    page = render_template(
        "organisation/import_preview.html",
        sheet=sheet,
        file_name=file.filename,
        kept=kept,
        Column=Column,
        roles=ROLE_NAMES,
        faulty=sum(bool(row.faults) for row in sheet.rows),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if sheet.faults else HTTPStatus.OK


@bp.post("/nguoi-dung/nhap/xac-nhan")
@runs(ImportPeople)
def import_sheet() -> ResponseReturnValue:
    """Add everybody of the previewed file; their first passwords are shown once."""
    try:
        people = _take_out(request.form.get("kept", ""), signed_in_person().tenant_id)
    except BadSignature:
        return _refuse("Bản xem trước đã hết hạn. Hãy chọn lại tệp.")
    passwords = [new_password() for _ in people]
    new = tuple(_new_person(person, password) for person, password in zip(people, passwords, strict=True))
    try:
        ids: tuple[UUID, ...] = execute(ImportPeople(people=new))
    except ImportRefused as refusal:
        rows = [f"{people[place]['name']}: {fault}" for place, fault in refusal.faults.items()]
        return _refuse(str(refusal), *rows)
    known = {person.id: person for person in active_people(db.session(), signed_in_person().tenant_id)}
    flash(f"Đã thêm {len(ids)} người.", "success")
    slips = [(known[person_id], password) for person_id, password in zip(ids, passwords, strict=True)]
    return render_template("organisation/new_password.html", title="Mật khẩu lần đầu", slips=slips, single=False)


@bp.get("/nguoi-dung/nhap/xac-nhan")
@requires(Permission.ADMINISTER)
def after_import() -> ResponseReturnValue:
    """Whoever comes back to the slips' address finds the list: the passwords were shown once."""
    return redirect(url_for("organisation.people"))


def _refuse(*messages: str) -> ResponseReturnValue:
    return render_template("organisation/import.html", errors={"file": list(messages)}), HTTPStatus.UNPROCESSABLE_ENTITY


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="people-sheet")


def _keep(people: tuple[SheetPerson, ...], tenant_id: UUID) -> str:
    """What was previewed, signed, for the page to send back: the server keeps nothing until it is confirmed."""
    plain = orjson.loads(orjson.dumps([asdict(person) for person in people]))
    text = _serializer().dumps({"tenant": str(tenant_id), "people": plain})
    return text if isinstance(text, str) else text.decode()


def _take_out(kept: str, tenant_id: UUID) -> list[dict[str, Any]]:
    """Raises BadSignature for anything but a recent preview of this tenant."""
    content = _serializer().loads(kept, max_age=PREVIEW_LASTS)
    if content["tenant"] != str(tenant_id):
        raise BadSignature("another tenant's preview")
    people: list[dict[str, Any]] = content["people"]
    return people


def _new_person(kept: dict[str, Any], password: str) -> NewPerson:
    desks = tuple(HeldDesk(UUID(d["unit_id"]), Role(d["role"]), d["title"]) for d in kept["desks"])
    return NewPerson(
        name=kept["name"], username=kept["username"], email=kept["email"], phone=kept["phone"], desks=desks,
        password_hash=hash_secret(password), must_change_password=True,
    )  # fmt: skip
