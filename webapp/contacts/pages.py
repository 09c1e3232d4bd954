"""Liên hệ ngoài phường: the list, and one contact with its letter."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from webapp.contacts.blueprint import bp
from webapp.contacts.commands import AddContact, ChangeContact
from webapp.contacts.letters import letter_to
from webapp.contacts.queries import Contact, asked_of, contacts, find_contact
from webapp.contacts.schemas import ContactForm
from webapp.database import db
from webapp.documents.exporting import send_list
from webapp.documents.rendering.sheets import Cell
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.organisation.labels import CONTACT_FIELDS, UNIT_KINDS
from webapp.organisation.meanwhile import as_typed, opened_with, require_unchanged
from webapp.organisation.models import Committee, UnitKind
from webapp.organisation.queries.people import active_people
from webapp.permissions import Permission
from webapp.runtime import now
from webapp.security import requires, runs

KINDS = {kind: label for kind, label in UNIT_KINDS.items() if kind is not UnitKind.COMMITTEE}


@bp.get("/lien-he")
@requires(Permission.MANAGE_CONTACTS)
def index() -> ResponseReturnValue:
    """All contacts."""
    person = signed_in_person()
    return render_template(
        "contacts/index.html", contacts=contacts(db.session(), person.tenant_id), kinds=UNIT_KINDS,
        administers=person.may(Permission.ADMINISTER),
    )  # fmt: skip


COLUMNS = (
    ("Tên", 44), ("Loại", 30), ("Người liên hệ", 24), ("Điện thoại", 16), ("Thư điện tử", 28), ("Địa chỉ", 36),
    ("Người nhập thay", 24), ("Việc đang mở", 10),
)  # fmt: skip


@bp.get("/lien-he.xlsx")
@requires(Permission.MANAGE_CONTACTS)
def sheet() -> ResponseReturnValue:
    """The same contacts as a spreadsheet."""
    found = contacts(db.session(), signed_in_person().tenant_id)
    return send_list("Danh sách liên hệ ngoài phường", COLUMNS, map(_cells, found))


def _cells(one: Contact) -> tuple[Cell, ...]:
    reached = one.contact_name, one.phone, one.email, one.address
    return one.name, UNIT_KINDS[one.kind], *reached, one.officer or "Chưa có", one.asked


@bp.route("/lien-he/moi", methods=["GET", "POST"])
@runs(AddContact)
def add() -> ResponseReturnValue:
    """Add a contact."""
    if request.method != "POST":
        name = request.args.get("ten", "").replace("\0", "")[:150]
        return _form({"name": name, "short_name": name[:50], "kind": "outside"}, {}, None)

    def work() -> ResponseReturnValue:
        values = ContactForm().load(request.form)
        unit_id = execute(AddContact(**values))
        flash(f"Đã thêm {values['name']}.", "success")
        return redirect(url_for("contacts.show", unit_id=unit_id))

    answer, errors = attempt(work)
    return answer or (_form(request.form, errors, None), REFUSED)


@bp.route("/lien-he/<uuid:unit_id>", methods=["GET", "POST"])
@runs(ChangeContact)
def show(unit_id: UUID) -> ResponseReturnValue:
    """A contact: its letter, whom to write to, who enters for it."""
    found = find_contact(db.session(), signed_in_person().tenant_id, unit_id)
    now = _values(found)
    if request.method != "POST":
        return _form(opened_with(now), {}, found)

    def work() -> ResponseReturnValue:
        require_unchanged(now, CONTACT_FIELDS)
        values = ContactForm().load(request.form)
        execute(ChangeContact(unit_id=unit_id, **values))
        flash(f"Đã lưu {values['name']}.", "success")
        return redirect(url_for("contacts.show", unit_id=unit_id))

    answer, errors = attempt(work)
    return answer or (_form(as_typed(now), errors, found), REFUSED)


def officers() -> list[tuple[UUID, str]]:
    """Who may enter for a body: those who are at work, each with their unit."""
    people = active_people(db.session(), signed_in_person().tenant_id)
    return [(one.id, f"{one.name} ({one.desks[0].unit_short_name})") for one in people if one.desks]


def _values(found: Contact) -> dict[str, Any]:
    texts = ("name", "short_name", "contact_name", "address", "email", "phone")
    return {
        **{name: getattr(found, name) for name in texts}, "kind": str(found.kind),
        "aliases": "\n".join(found.aliases), "officer_id": str(found.officer_id or ""),
    }  # fmt: skip


def _form(values: Mapping[str, Any], errors: Errors, found: Contact | None) -> str:
    read, tenant_id = db.session(), signed_in_person().tenant_id
    ward = read.get_one(Committee, tenant_id).name
    letter = letter_to(found, asked_of(read, found.id), ward, local_date(now())) if found and found.officer_id else ""
    return render_template(
        "contacts/show.html", values=values, errors=errors, found=found, kinds=KINDS, officers=officers(),
        letter=letter,
    )  # fmt: skip
