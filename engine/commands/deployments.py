"""Deployments: a diagram and its forms become one immutable version."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.errors import Rejected
from engine.facts import DefinitionDeployed
from engine.ids import uuid7
from engine.models import DeployedForm, ProcessDefinition
from engine.registry import SERVICES
from engine.spiff import Finding, check_bpmn, compile_bpmn, load_definition
from engine.transaction import Transaction
from forms.definition import FormDefinition, InvalidForm


class DefinitionRefused(Rejected):
    """The bundle has errors; `findings` say which, where and how to mend them."""

    def __init__(self, findings: Collection[Finding]) -> None:
        self.findings = tuple(findings)
        listed = " ".join(f.message for f in self.findings if f.severity == "error")
        super().__init__(f"Không triển khai được quy trình. {listed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployDefinition(Command):
    """Put a version into force for new cases; running ones keep theirs."""

    permission = EnginePermission.DEPLOY

    source: bytes
    forms: Mapping[str, bytes]  # id → form definition
    reason: str
    only_if_new: bool = False  # shipped ones: only where the tenant has none of that name


@handles(DeployDefinition)
def deploy_definition(command: DeployDefinition, tx: Transaction) -> UUID | None:
    """Return the version's id, None if nothing was to do. Raises DefinitionRefused."""
    findings = check_bundle(command.source, command.forms)
    if any(finding.severity == "error" for finding in findings):
        raise DefinitionRefused(findings)
    compiled = compile_bpmn(command.source)
    definition = load_definition(compiled)
    tx.take_turns(f"deploy:{definition.process_id}")
    latest = _latest(tx, definition.process_id)
    if latest is not None and command.only_if_new:
        return None
    row = ProcessDefinition(
        id=uuid7(), tenant_id=tx.tenant_id, key=definition.process_id, version=(latest or 0) + 1,
        name=definition.name, source=command.source, compiled=compiled, content_hash=definition.content_hash,
        reason=command.reason, deployed_at=tx.now, deployed_by=tx.actor.id,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    named = {element.properties.get("form") for element in definition.elements.values()}
    for form_id in sorted(form_id for form_id in named if form_id):
        tx.session.add(DeployedForm(definition_id=row.id, form_id=form_id, source=command.forms[form_id]))
    tx.record(DefinitionDeployed(row.id, row.key, row.version, row.content_hash, command.reason))
    return row.id


def _latest(tx: Transaction, key: str) -> int | None:
    version: int | None = tx.connection.scalar(
        sa.select(sa.func.max(ProcessDefinition.version)).where(
            ProcessDefinition.tenant_id == tx.tenant_id, ProcessDefinition.key == key
        )
    )
    return version


def check_bundle(source: bytes, forms: Mapping[str, bytes]) -> list[Finding]:
    """All findings of a diagram with its forms; never raises, whatever the bytes."""
    findings: list[Finding] = []
    variables: dict[str, Any] = {}
    for form_id, text in forms.items():
        try:
            variables[form_id] = FormDefinition.parse(text).process_variables
        except InvalidForm as error:
            findings.append(Finding("form-invalid", "error", form_id, f"Biểu mẫu “{form_id}”: {error}"))
            variables[form_id] = ()
    return [*findings, *check_bpmn(source, forms=variables, services=SERVICES)]
