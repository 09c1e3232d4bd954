"""Nhập người từ bảng tính: the file, what was read of it, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
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
from webapp.organisation.attempts import attempt
from webapp.organisation.blueprint import bp
from webapp.organisation.commands.people import HeldDesk, ImportPeople, ImportRefused, NewPerson
from webapp.organisation.commands.units import AddUnit
from webapp.organisation.labels import REQUESTED_KINDS, UNIT_KINDS, kind_by_name
from webapp.organisation.models import Role
from webapp.organisation.people_sheet import people_in
from webapp.organisation.queries.people import accounts, active_people, known_units
from webapp.organisation.queries.units import next_position
from webapp.organisation.sample_sheet import sample_sheet
from webapp.organisation.schemas import UnitForm
from webapp.organisation.sheet_columns import Column
from webapp.organisation.sheet_files import Rows, SheetUnreadable, read_rows, unread_pages
from webapp.permissions import Permission
from webapp.security import requires, runs

MOST_AT_ONCE = 500
PREVIEW_LASTS = 12 * 3600  # seconds, as a session
PEOPLE, ROWS = "people", "rows"
"""What a page keeps: whom it would add; what stands in a sheet that is not right yet."""
ADDED_BEFORE = (
    "Danh sách này đã được thêm rồi. Ai chưa nhận mật khẩu lần đầu thì mở tên người đó ở mục Người dùng, bấm "
    "Cấp mật khẩu mới."
)
OUTDATED = "Bản xem trước đã hết hạn. Hãy chọn lại tệp."


@bp.get("/nguoi-dung/nhap")
@requires(Permission.ADMINISTER)
def choose_sheet() -> ResponseReturnValue:
    """Choose the file."""
    return render_template("organisation/import.html", errors={})


@bp.get("/nguoi-dung/nhap/mau.xlsx")
@requires(Permission.ADMINISTER)
def download_sample() -> ResponseReturnValue:
    """An empty sheet with the columns, the ward's units and the roles to choose from."""
    known = known_units(db.session(), signed_in_person().tenant_id)
    units = [unit.name for unit in known if not unit.is_outside]
    return send_file(
        sample_sheet(units, list(ROLE_NAMES.values())), as_attachment=True, download_name="danh-sach-nguoi-dung.xlsx"
    )


@bp.post("/nguoi-dung/nhap")
@requires(Permission.ADMINISTER)
def preview_sheet() -> ResponseReturnValue:
    """Show what the file says, row by row; nothing is written yet."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _refuse("Hãy chọn tệp danh sách.")
    data = file.read()
    unread: Sequence[str] = ()
    try:
        rows = read_rows(file.filename, data)
        unread = unread_pages(file.filename, data)
        return _preview(file.filename, rows, unread, {})
    except SheetUnreadable as error:
        further = f"Phần mềm chỉ đọc trang tính đầu tiên. Nếu danh sách ở trang {_named(unread)}, hãy chuyển lên đầu."
        return _refuse(str(error), *([further] if unread else []))


def _named(pages: Sequence[str]) -> str:
    return ", ".join(f"“{page}”" for page in pages)


def _preview(file_name: str, rows: Rows, unread: Sequence[str], errors: Mapping[str, list[str]]) -> ResponseReturnValue:
    """Raises SheetUnreadable. `unread` pages of the file; `errors` of the units to add, by their names."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    sheet = people_in(rows, known_units(read, tenant_id), accounts(read, tenant_id))
    if len(sheet.rows) > MOST_AT_ONCE:
        return _refuse(
            f"Tệp có {len(sheet.rows)} người. Mỗi lần nhập nhiều nhất {MOST_AT_ONCE}; hãy chia thành nhiều tệp."
        )
    page = render_template(
        "organisation/import_preview.html",
        sheet=sheet, file_name=file_name, Column=Column, roles=ROLE_NAMES,
        kept=None if sheet.faults or not sheet.people else _keep(PEOPLE, [asdict(person) for person in sheet.people]),
        kept_rows=_keep(ROWS, {"name": file_name, "rows": rows, "unread": unread}) if sheet.unknown_units else None,
        faulty=[row.number for row in sheet.rows if row.faults], unread_pages=_named(unread),
        errors=errors, values=request.form, kinds=UNIT_KINDS, kind_by_name=kind_by_name,
    )  # fmt: skip
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if sheet.faults else HTTPStatus.OK


@bp.post("/nguoi-dung/nhap/don-vi")
@runs(AddUnit)
def add_units_of_sheet() -> ResponseReturnValue:
    """Add the units that the previewed file names and the ward has not, then preview it anew."""
    try:
        kept = _take_out(ROWS)
        rows = [(number, tuple(cells)) for number, cells in kept["rows"]]
        return _preview(kept["name"], rows, kept["unread"], _add_units())
    except (BadSignature, SheetUnreadable):
        return _refuse(OUTDATED)


def _add_units() -> dict[str, list[str]]:
    """Each by itself; what is to be mended, by the unit's name."""
    names = request.form.getlist("unit")
    faults = {name: attempt(partial(_add_unit, name))[1] for name in names}
    if added := [name for name in names if not faults[name]]:
        flash(f"Đã thêm {len(added)} đơn vị: {'; '.join(added)}.", "success")
    return {name: [text for texts in found.values() for text in texts] for name, found in faults.items() if found}


def _add_unit(name: str) -> str:
    """Behind those that there are. Raises ValidationError, UnitNameTaken, ShortNameTaken."""
    typed = {field: request.form.get(f"{field}:{name}", "") for field in ("short_name", "kind")}
    last = next_position(db.session(), signed_in_person().tenant_id)
    values = UnitForm().load({**typed, "name": name, "position": str(last)})
    execute(AddUnit(**values | {"is_requested": values["kind"] in REQUESTED_KINDS}))
    return name


@bp.post("/nguoi-dung/nhap/xac-nhan")
@runs(ImportPeople)
def import_sheet() -> ResponseReturnValue:
    """Add everybody of the previewed file; their first passwords are shown once."""
    try:
        people: list[dict[str, Any]] = _take_out(PEOPLE)
    except BadSignature:
        return _refuse(OUTDATED)
    passwords = [new_password() for _ in people]
    new = tuple(_new_person(person, password) for person, password in zip(people, passwords, strict=True))
    try:
        ids: tuple[UUID, ...] = execute(ImportPeople(people=new))
    except ImportRefused as refusal:
        there = {one.username for one in accounts(db.session(), signed_in_person().tenant_id)}
        if there.issuperset(person["username"] for person in people):
            return _refuse(ADDED_BEFORE)
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


def _serializer(what: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=f"people-sheet-{what}")


def _keep(what: str, content: object) -> str:
    """What was previewed, signed, for the page to send back: the server keeps nothing until it is confirmed."""
    plain = orjson.loads(orjson.dumps(content))
    text = _serializer(what).dumps({"tenant": str(signed_in_person().tenant_id), "content": plain})
    return text if isinstance(text, str) else text.decode()


def _take_out(what: str) -> Any:
    """Raises BadSignature for anything but a recent preview of this tenant."""
    kept = _serializer(what).loads(request.form.get("kept", ""), max_age=PREVIEW_LASTS)
    if kept["tenant"] != str(signed_in_person().tenant_id):
        raise BadSignature("another tenant's preview")
    return kept["content"]


def _new_person(kept: dict[str, Any], password: str) -> NewPerson:
    desks = tuple(HeldDesk(UUID(d["unit_id"]), Role(d["role"]), d["title"]) for d in kept["desks"])
    return NewPerson(
        name=kept["name"], username=kept["username"], email=kept["email"], phone=kept["phone"], desks=desks,
        password_hash=hash_secret(password), must_change_password=True,
    )  # fmt: skip
