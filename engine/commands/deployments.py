"""Deployments: a diagram and its forms become one immutable version."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.commands.signals import begins_itself
from engine.desks import units_by_code
from engine.errors import Rejected
from engine.facts import DefinitionDeployed
from engine.ids import uuid7
from engine.models import DeployedForm, ProcessDefinition
from engine.registry import SERVICES
from engine.spiff import Finding, called_in, check_bpmn, compile_bpmn, forms_named, load_definition
from engine.transaction import Transaction
from forms.definition import FormDefinition, InvalidForm


class DefinitionRefused(Rejected):
    """The bundle has errors; `findings` say which, where and how to mend them."""

    def __init__(self, findings: Collection[Finding]) -> None:
        self.findings = tuple(findings)
        listed = " ".join(f.message for f in self.findings if f.severity == "error")
        super().__init__(f"Không triển khai được quy trình. {listed}")


@dataclass(frozen=True, slots=True)
class CalledVersion:
    """A deployed version that another one calls; it becomes a part of that one."""

    compiled: bytes
    forms: Mapping[str, bytes]


CalledVersions = Mapping[str, CalledVersion]
"""By process id."""
NO_CALLS: CalledVersions = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployDefinition(Command):
    """Put a version into force for new cases; running ones keep theirs.

    What it calls is bound now: the versions in force, unless `called` names others.
    """

    permission = EnginePermission.DEPLOY

    source: bytes
    forms: Mapping[str, bytes]  # id → form definition
    reason: str
    only_if_new: bool = False  # shipped ones: only where the tenant has none of that name
    called: CalledVersions | None = None


@handles(DeployDefinition)
def deploy_definition(command: DeployDefinition, tx: Transaction) -> UUID | None:
    """Return the version's id, None if nothing was to do. Raises DefinitionRefused."""
    called = command.called
    if called is None:
        called = versions_called(tx.connection, tx.tenant_id, command.source)
    findings = check_bundle(command.source, command.forms, called, units_by_code(tx.connection, tx.tenant_id))
    if any(finding.severity == "error" for finding in findings):
        raise DefinitionRefused(findings)
    compiled = compile_bpmn(command.source, _compiled(called))
    definition = load_definition(compiled)
    if rounds := list(begins_itself(definition, tx)):
        raise DefinitionRefused(rounds)
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
    forms = {**command.forms, **_forms_behind(called)}
    named = {element.properties.get("form") for element in definition.elements.values()}
    for form_id in sorted(form_id for form_id in named if form_id):
        tx.session.add(DeployedForm(definition_id=row.id, form_id=form_id, source=forms[form_id]))
    tx.record(DefinitionDeployed(row.id, row.key, row.version, row.content_hash, command.reason))
    return row.id


def _latest(tx: Transaction, key: str) -> int | None:
    version: int | None = tx.connection.scalar(
        sa.select(sa.func.max(ProcessDefinition.version)).where(
            ProcessDefinition.tenant_id == tx.tenant_id, ProcessDefinition.key == key
        )
    )
    return version


def versions_called(connection: sa.Connection, tenant_id: UUID, source: bytes) -> dict[str, CalledVersion]:
    """The versions in force of the processes that a diagram calls, as far as there are such."""
    found = {key: _in_force(connection, tenant_id, key) for key in sorted(called_in(source))}
    return {key: version for key, version in found.items() if version is not None}


def _in_force(connection: sa.Connection, tenant_id: UUID, key: str) -> CalledVersion | None:
    query = (
        sa.select(ProcessDefinition.id, ProcessDefinition.compiled)
        .where(ProcessDefinition.tenant_id == tenant_id, ProcessDefinition.key == key)
        .order_by(ProcessDefinition.version.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    forms = sa.select(DeployedForm.form_id, DeployedForm.source).where(DeployedForm.definition_id == row.id)
    return CalledVersion(row.compiled, {form.form_id: form.source for form in connection.execute(forms)})


def _compiled(called: CalledVersions) -> dict[str, bytes]:
    return {key: version.compiled for key, version in called.items()}


def _forms_behind(called: CalledVersions) -> dict[str, bytes]:
    """The forms of called processes, as the calling version names them."""
    return {f"{key}:{form}": text for key, version in called.items() for form, text in version.forms.items()}


def check_bundle(
    source: bytes,
    forms: Mapping[str, bytes],
    called: CalledVersions = NO_CALLS,
    units: Collection[str] | None = None,
) -> list[Finding]:
    """All findings of a diagram with its forms, what it calls and which units it names; never raises."""
    findings: list[Finding] = []
    variables: dict[str, Any] = {}
    for form_id, text in forms.items():
        try:
            form = FormDefinition.parse(text)
            findings += _choice_findings(form_id, form) if form_id in forms_named(source) else ()
            variables[form_id] = {f.key: [option.value for option in f.options] for f in form.fields if f.variable}
        except InvalidForm as error:
            findings.append(_of_form(form_id, error, is_named=form_id in forms_named(source)))
            variables[form_id] = ()
    found = check_bpmn(source, forms=variables, services=SERVICES, called=_compiled(called), units=units)
    return [*findings, *found]


def _choice_findings(form_id: str, form: FormDefinition) -> Iterator[Finding]:
    for field, asked, value in form.unknown_choices:
        what = f"Biểu mẫu “{form_id}”: “{field.label}” chờ lựa chọn mang mã “{value}” ở “{asked.label}”, mà không còn"
        yield Finding("form-invalid", "error", form_id, f"{what}: ghi lại mã ấy cho lựa chọn, hoặc sửa điều kiện.")


def _of_form(form_id: str, error: InvalidForm, *, is_named: bool) -> Finding:
    """One that no step names is not deployed: it may lie beside the drawing for another."""
    if is_named:
        return Finding("form-invalid", "error", form_id, f"Biểu mẫu “{form_id}”: {error}")
    return Finding("form-invalid", "warning", form_id, f"Biểu mẫu “{form_id}” chưa bước nào dùng, nhưng hỏng: {error}")
