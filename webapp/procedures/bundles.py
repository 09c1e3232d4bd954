"""Diagrams with their forms, from files: checked and deployed as one bundle."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor
from engine.commands.deployments import DeployDefinition, check_bundle
from engine.errors import Rejected
from engine.models import Tenant
from engine.runtime import Runtime
from engine.spiff import Finding
from webapp.cycles import opening, services  # noqa: F401  the services that diagrams may name
from webapp.runtime import runtime

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
    return {
        entry.name.removesuffix(".form"): entry.read_bytes()
        for entry in folder.iterdir()
        if entry.name.endswith(".form")
    }


def forms_beside(file: Path, folder: Path | None = None) -> Mapping[str, bytes]:
    """The forms a diagram file may name: the shipped ones, and those in its folder, which come first."""
    return {**shipped_forms(), **_forms_in(folder or file.parent)}


def check_file(file: Path) -> Checked:
    """All findings of a file; never raises, whatever it holds."""
    try:
        return Checked(str(file), tuple(check_bundle(file.read_bytes(), forms_beside(file))))
    except OSError as error:
        return Checked(str(file), (Finding("unreadable", "error", None, f"Không mở được tệp: {error.strerror}."),))


def deploy_file(file: Path, reason: str, forms: Path | None) -> str:
    """Put a file into force for the ward; return a sentence. Raises Rejected."""
    try:
        source = file.read_bytes()
    except OSError as error:
        raise Rejected(f"Không mở được tệp {file}: {error.strerror}.") from error
    command = DeployDefinition(source=source, forms=forms_beside(file, forms), reason=reason)
    runtime().execute(command, actor=Actor.system(the_tenant(runtime())))
    return f"Đã đưa {file.name} vào áp dụng cho hồ sơ mới; hồ sơ đang chạy giữ bản cũ."


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
