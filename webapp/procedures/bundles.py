"""Diagrams with their forms, from files: checked and deployed as one bundle."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor
from engine.commands.deployments import CalledVersion, CalledVersions, DeployDefinition, check_bundle
from engine.errors import Rejected
from engine.models import Tenant
from engine.runtime import Runtime
from engine.spiff import MAX_BYTES, Finding, InvalidDefinition, called_in, compile_bpmn, process_id_in
from forms.definition import MAX_BYTES as MAX_FORM_BYTES
from webapp.cycles import extensions, opening, services  # noqa: F401  the services that diagrams may name
from webapp.refusals_of_system import why

MOST_BESIDE = 100
SHIPPED = ("task_lifecycle", "contribution", "report_cycle", "difficulty")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be said of one file."""

    file: str
    findings: tuple[Finding, ...]

    @property
    def deployable(self) -> bool:
        """Whether nothing stands in the way of deploying it."""
        return all(finding.severity != "error" for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """As `quytrinh definition check --json` prints it."""
        return {"file": self.file, "deployable": self.deployable, "findings": [asdict(f) for f in self.findings]}

    def to_text(self) -> str:
        """For people."""
        lines = [f"{self.file}: {'triển khai được' if self.deployable else 'KHÔNG triển khai được'}"]
        for f in self.findings:
            kind = "Lỗi" if f.severity == "error" else "Lưu ý"
            lines.append(f"  {kind} [{f.code}] {f.element or 'sơ đồ'}: {f.message}")
        return "\n".join(lines)


def shipped_forms() -> dict[str, bytes]:
    """The forms that ship with the product."""
    return _forms_in(resources.files("forms"))


def shipped_diagram(key: str) -> bytes:
    """A diagram that ships with the product."""
    return resources.files("workflows").joinpath(f"{key}.bpmn").read_bytes()


def _forms_in(folder: Any) -> dict[str, bytes]:
    """The regular files only, no further than a form may go: a folder of that name is no form, a pipe may never end."""
    return {
        _shown(entry.name).removesuffix(".form"): _beginning(entry, MAX_FORM_BYTES)
        for entry in folder.iterdir()
        if entry.name.endswith(".form") and entry.is_file()
    }


def forms_beside(file: Path, folder: Path | None = None) -> Mapping[str, bytes]:
    """The forms a diagram file may name: the shipped ones, and those in its folder, which come first."""
    return {**shipped_forms(), **_forms_in(folder or file.parent)}


def check_file(file: Path) -> Checked:
    """All findings of a file; never raises, whatever it holds. What it calls is looked for beside it."""
    name = _shown(file)
    try:
        source = read_drawing_file(file)
        called = versions_beside(file, source)
        return Checked(name, tuple(check_bundle(source, forms_beside(file), called)))
    except OSError as error:
        fault = f"Không mở được tệp {_shown(error.filename or file)}: {why(error)}."
        return Checked(name, (Finding("unreadable", "error", None, fault),))


def _shown(file: str | Path) -> str:
    """A name of whatever bytes, as text that can be printed."""
    return os.fsencode(file).decode(errors="replace")


def read_drawing_file(file: Path) -> bytes:
    """A regular file, no further than a drawing may go. Raises OSError."""
    if file.exists() and not file.is_dir() and not file.is_file():
        raise OSError  # A device or a pipe may never end.
    return _beginning(file, MAX_BYTES)


def _beginning(file: Any, most: int) -> bytes:
    """All of a file, or enough to see that it is too long."""
    with file.open("rb") as opened:
        read: bytes = opened.read(most + 1)
    return read


def versions_beside(file: Path, source: bytes) -> CalledVersions:
    """What a file calls, compiled from the files of its folder or from those that ship."""
    if not called_in(source):
        return {}
    beside = [read_drawing_file(other) for other in sorted(file.parent.glob("*.bpmn"))[:MOST_BESIDE] if other.is_file()]
    sources = {process_id_in(text): text for text in (*map(shipped_diagram, SHIPPED), *beside)}
    versions: dict[str, CalledVersion] = {}
    _compile_called(source, sources, versions, frozenset())
    return versions


def _compile_called(
    source: bytes, sources: Mapping[str | None, bytes], versions: dict[str, CalledVersion], around: frozenset[str]
) -> None:
    """A process that calls itself, or that has faults, stays out: the caller's findings say that it is missing."""
    for key in sorted(called_in(source) & sources.keys() - versions.keys() - around):
        _compile_called(sources[key], sources, versions, around | {key})
        with contextlib.suppress(InvalidDefinition):
            inner = {each: version.compiled for each, version in versions.items()}
            versions[key] = CalledVersion(compile_bpmn(sources[key], inner), {})


def the_tenant(rt: Runtime) -> UUID:
    """The one ward of this database. Raises Rejected where there is none, or more than one."""
    with rt.reading() as connection:
        tenants = connection.scalars(sa.select(Tenant.id).limit(2)).all()
    if len(tenants) != 1:
        raise Rejected("Cần đúng một phường trong cơ sở dữ liệu; hãy thiết lập phường trước.")
    return tenants[0]


def deploy_shipped(rt: Runtime, tenant_id: UUID) -> None:
    """Deploy the shipped procedures where the tenant has none of that name."""
    forms = shipped_forms()
    for key in SHIPPED:
        command = DeployDefinition(
            source=shipped_diagram(key), forms=forms, reason="Quy trình kèm theo sản phẩm", only_if_new=True
        )
        rt.execute(command, actor=Actor.system(tenant_id))
