"""Drafts of procedures: opened, saved against each other's versions, thrown away without loss."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.errors import Kind, NotFound, Rejected
from engine.models import DeployedForm, ProcessDefinition
from engine.transaction import Transaction
from webapp.procedures.bundles import shipped_forms
from webapp.procedures.models import ProcedureDraft, ProcedureDraftEditor, ProcedureDraftForm, ReplacedDraft
from webapp.procedures.sources import describe

KEPT = 20
"""Replaced drawings of one procedure that are kept."""


class DraftChanged(Rejected):
    """Somebody else has saved since."""

    kind = Kind.CONFLICT
    message = "Bản nháp vừa được người khác lưu. Bản của bạn chưa bị mất: chọn giữ bản nào rồi lưu tiếp."


class DraftGone(NotFound):
    """There is none, or another one than the page was made from."""

    message = "Bản nháp này vừa được triển khai hoặc bỏ đi. Mở trang của quy trình để xem bản đang có."


class FormChanged(Rejected):
    """It was made from an older form."""

    kind = Kind.CONFLICT
    message = "Biểu mẫu vừa được sửa ở một trang khác. Những gì bạn nhập vẫn còn dưới đây; hãy xem lại rồi lưu lần nữa."


class DraftExists(Rejected):
    kind = Kind.CONFLICT
    message = "Quy trình này đang có bản nháp. Mở bản nháp đó, hoặc chọn thay bản nháp (bản cũ vẫn được giữ lại)."


class OtherProcedure(Rejected):
    message = "Mã của quy trình trong sơ đồ không được đổi: muốn có quy trình khác thì tạo mới từ quy trình này."


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDraft(Command):
    """Begin to change a procedure from the version in force, or go on with the draft there is."""

    permission = EnginePermission.DEPLOY

    key: str


@handles(OpenDraft)
def open_draft(command: OpenDraft, tx: Transaction) -> None:
    """Raises NotFound."""
    tx.take_turns(f"draft:{command.key}")
    if draft_of(tx, command.key) is not None:
        return
    base = latest_version(tx, command.key)
    if base is None:
        raise NotFound
    _add(tx, base.key, base.name, base.source, deployed_forms(tx, base.id), base.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDraft(Command):
    """Make a file, or a shipped procedure, the draft."""

    permission = EnginePermission.DEPLOY

    source: bytes
    forms: Mapping[str, bytes] = field(default_factory=dict)
    replace: bool = False


@handles(ImportDraft)
def import_draft(command: ImportDraft, tx: Transaction) -> str:
    """Return the key. Raises UnreadableDiagram, DraftExists."""
    described = describe(command.source)
    tx.take_turns(f"draft:{described.key}")
    draft = draft_of(tx, described.key)
    if draft is not None:
        if not command.replace:
            raise DraftExists
        throw_away(tx, draft)
    base = latest_version(tx, described.key)
    _add(tx, described.key, described.name, command.source, command.forms, base.id if base else None)
    return described.key


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraft(Command):
    """Keep a drawing; `version` is the one it was made from."""

    permission = EnginePermission.DEPLOY

    key: str
    version: int
    source: bytes
    force: bool = False  # whoever saves has seen the other's drawing, which is kept
    draft_id: UUID | None = None  # the one that is open; None: whichever there is


@handles(SaveDraft)
def save_draft(command: SaveDraft, tx: Transaction) -> int:
    """Return the new version. Raises DraftGone, DraftChanged, UnreadableDiagram, OtherProcedure."""
    described = describe(command.source)
    if described.key != command.key:
        raise OtherProcedure
    tx.take_turns(f"draft:{command.key}")
    draft = require_draft(tx, command.key, command.draft_id)
    if draft.source == command.source:
        return draft.version
    if draft.version != command.version:
        if not command.force:
            raise DraftChanged
        _keep(tx, draft, {})
    draft.source, draft.name = command.source, described.name
    touch(tx, draft)
    return draft.version


@dataclass(frozen=True, slots=True, kw_only=True)
class PutDraftForm(Command):
    """Add a form to a draft, or change one."""

    permission = EnginePermission.DEPLOY

    key: str
    form_id: str
    source: bytes
    made_from: bytes | None = None  # the form as it was, empty for none; None: whatever is there gives way


@handles(PutDraftForm)
def put_draft_form(command: PutDraftForm, tx: Transaction) -> None:
    """Raises DraftGone, FormChanged."""
    tx.take_turns(f"draft:{command.key}")
    draft = require_draft(tx, command.key)
    there = {**shipped_forms(), **own_forms(tx, draft)}.get(command.form_id, b"")
    if command.made_from not in (None, there):
        raise FormChanged
    tx.session.merge(ProcedureDraftForm(draft_id=draft.id, form_id=command.form_id, source=command.source))
    touch(tx, draft)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDraft(Command):
    """Give a draft up."""

    permission = EnginePermission.DEPLOY

    key: str
    draft_id: UUID | None = None  # the one that is open; None: whichever there is


@handles(DiscardDraft)
def discard_draft(command: DiscardDraft, tx: Transaction) -> None:
    """Raises DraftGone."""
    throw_away(tx, require_draft(tx, command.key, command.draft_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeDraft(Command):
    """Say that the actor has a draft open."""

    permission = EnginePermission.DEPLOY

    key: str
    draft_id: UUID | None = None  # None: whichever there is


@handles(SeeDraft)
def see_draft(command: SeeDraft, tx: Transaction) -> None:
    """Raises DraftGone."""
    draft = require_draft(tx, command.key, command.draft_id)
    if tx.actor.id is not None:
        tx.session.merge(ProcedureDraftEditor(draft_id=draft.id, person_id=tx.actor.id, seen_at=tx.now))


# --- as other commands need them ---


def draft_of(tx: Transaction, key: str) -> ProcedureDraft | None:
    return tx.session.scalar(
        sa.select(ProcedureDraft).where(ProcedureDraft.tenant_id == tx.tenant_id, ProcedureDraft.key == key)
    )


def require_draft(tx: Transaction, key: str, draft_id: UUID | None = None) -> ProcedureDraft:
    """The draft; the one with that id, where one is given. Raises DraftGone."""
    draft = draft_of(tx, key)
    if draft is None or draft_id not in (None, draft.id):
        raise DraftGone
    return draft


def latest_version(tx: Transaction, key: str) -> ProcessDefinition | None:
    """The version in force."""
    return tx.session.scalar(
        sa.select(ProcessDefinition)
        .where(ProcessDefinition.tenant_id == tx.tenant_id, ProcessDefinition.key == key)
        .order_by(ProcessDefinition.version.desc())
        .limit(1)
    )


def deployed_forms(tx: Transaction, definition_id: UUID) -> dict[str, bytes]:
    """The forms of a version; those of the processes it calls come with the calling."""
    rows = tx.session.scalars(sa.select(DeployedForm).where(DeployedForm.definition_id == definition_id))
    return {row.form_id: row.source for row in rows if ":" not in row.form_id}


def touch(tx: Transaction, draft: ProcedureDraft) -> None:
    """The draft has changed: whoever saves what was made from an older one hears of it."""
    draft.version += 1
    draft.saved_by, draft.saved_at = tx.actor.id, tx.now


def own_forms(tx: Transaction, draft: ProcedureDraft) -> dict[str, bytes]:
    """The forms that the draft brings along."""
    rows = tx.session.scalars(sa.select(ProcedureDraftForm).where(ProcedureDraftForm.draft_id == draft.id))
    return {row.form_id: row.source for row in rows}


def throw_away(tx: Transaction, draft: ProcedureDraft) -> None:
    """Remove a draft; its drawing and forms are kept among the replaced ones."""
    _keep(tx, draft, own_forms(tx, draft))
    remove(tx, draft)


def remove(tx: Transaction, draft: ProcedureDraft) -> None:
    """Remove a draft for good: its content lives on elsewhere."""
    for model in (ProcedureDraftForm, ProcedureDraftEditor):
        tx.session.execute(sa.delete(model).where(model.draft_id == draft.id))
    tx.session.delete(draft)
    tx.session.flush()


def _add(tx: Transaction, key: str, name: str, source: bytes, forms: Mapping[str, bytes], base_id: UUID | None) -> None:
    draft = ProcedureDraft(
        tenant_id=tx.tenant_id, key=key, name=name, source=source, base_id=base_id,
        created_at=tx.now, saved_by=tx.actor.id, saved_at=tx.now,
    )  # fmt: skip
    tx.session.add(draft)
    tx.session.flush()
    tx.session.add_all(ProcedureDraftForm(draft_id=draft.id, form_id=i, source=s) for i, s in forms.items())


def _keep(tx: Transaction, draft: ProcedureDraft, forms: Mapping[str, bytes]) -> None:
    texts = orjson.dumps({form_id: source.decode() for form_id, source in forms.items()}).decode()
    tx.session.add(
        ReplacedDraft(
            tenant_id=tx.tenant_id, key=draft.key, source=draft.source, forms=texts, saved_by=draft.saved_by,
            saved_at=draft.saved_at, replaced_by=tx.actor.id, replaced_at=tx.now,
        )
    )  # fmt: skip
    tx.session.flush()
    old = (
        sa.select(ReplacedDraft.id)
        .where(ReplacedDraft.tenant_id == tx.tenant_id, ReplacedDraft.key == draft.key)
        .order_by(ReplacedDraft.replaced_at.desc(), ReplacedDraft.id.desc())
        .offset(KEPT)
    )
    for replaced_id in tx.session.scalars(old).all():
        tx.session.execute(sa.delete(ReplacedDraft).where(ReplacedDraft.id == replaced_id))
