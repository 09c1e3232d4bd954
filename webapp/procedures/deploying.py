"""A draft becomes a version; an earlier version comes back as a new one."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.commands.deployments import DeployDefinition, deploy_definition
from engine.errors import Kind, NotFound, Rejected
from engine.models import ProcessDefinition
from engine.spiff import called_in
from engine.transaction import Transaction
from webapp.procedures.bundles import shipped_forms
from webapp.procedures.drafts import deployed_forms, own_forms, remove, require_draft


class DraftMovedOn(Rejected):
    kind = Kind.CONFLICT
    message = "Bản nháp vừa được lưu thêm sau khi bạn xem những điểm thay đổi. Hãy xem lại rồi triển khai."


class AlreadyInForce(Rejected):
    kind = Kind.CONFLICT
    message = "Phiên bản đang áp dụng đã giống hệt bản này."


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployDraft(Command):
    """Put a draft into force for new cases, as it was when its changes were looked at."""

    permission = EnginePermission.DEPLOY

    key: str
    version: int  # of the draft
    reason: str
    draft_id: UUID | None = None  # None: whichever there is


@handles(DeployDraft)
def deploy_draft(command: DeployDraft, tx: Transaction) -> UUID:
    """Return the new version's id. Raises DraftGone, DraftMovedOn, DefinitionRefused."""
    draft = require_draft(tx, command.key, command.draft_id)
    if draft.version != command.version:
        raise DraftMovedOn
    forms = {**shipped_forms(), **own_forms(tx, draft)}
    deployed = _deploy(tx, draft.source, forms, command.reason)
    remove(tx, draft)
    return deployed


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreVersion(Command):
    """Deploy an earlier version again, as the newest."""

    permission = EnginePermission.DEPLOY

    definition_id: UUID
    reason: str


@handles(RestoreVersion)
def restore_version(command: RestoreVersion, tx: Transaction) -> UUID:
    """Return the new version's id. Raises NotFound, AlreadyInForce, DefinitionRefused."""
    row = tx.session.get(ProcessDefinition, command.definition_id)
    if row is None or row.tenant_id != tx.tenant_id:
        raise NotFound
    forms, newest = deployed_forms(tx, row.id), _newest(tx, row.key)
    is_same = newest.source == row.source and deployed_forms(tx, newest.id) == forms
    if is_same and not called_in(row.source):  # What it calls is bound anew.
        raise AlreadyInForce
    return _deploy(tx, row.source, forms, command.reason)


def _newest(tx: Transaction, key: str) -> ProcessDefinition:
    of_key = ProcessDefinition.tenant_id == tx.tenant_id, ProcessDefinition.key == key
    versions = sa.select(ProcessDefinition).where(*of_key).order_by(ProcessDefinition.version.desc())
    return tx.session.scalars(versions.limit(1)).one()


def _deploy(tx: Transaction, source: bytes, forms: Mapping[str, bytes], reason: str) -> UUID:
    deployed: UUID | None = deploy_definition(DeployDefinition(source=source, forms=forms, reason=reason), tx)
    assert deployed is not None
    return deployed
