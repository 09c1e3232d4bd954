"""`quytrinh definition deploy`: a file comes into force as a draft does from its page, kept rehearsals run first."""

from pathlib import Path

from sqlalchemy.orm import Session

from engine.command import Actor
from engine.commands.deployments import DeployDefinition
from engine.errors import Rejected
from engine.spiff import process_id_in
from webapp.procedures.bundles import forms_beside, read_drawing_file, the_tenant
from webapp.refusals_of_system import why
from webapp.rehearsals.acts import Bundle
from webapp.rehearsals.running import going_other_ways
from webapp.runtime import runtime


def deploy_file(file: Path, reason: str, forms: Path | None, *, despite: bool = False) -> str:
    """Put a file into force for the ward; return what to say of it. Raises Rejected."""
    try:
        bundle = Bundle(read_drawing_file(file), forms_beside(file, forms))
    except OSError as error:
        raise Rejected(f"Không mở được {error.filename or file}: {why(error)}.") from error
    rt = runtime()
    tenant_id = the_tenant(rt)
    with rt.reading() as connection, Session(connection) as read:
        others = going_other_ways(read, tenant_id, process_id_in(bundle.source) or "", bundle)
    if others and not despite:
        raise Rejected(f"{others} Nếu đúng là muốn vậy, thêm --despite-rehearsals.")
    deploy = DeployDefinition(source=bundle.source, forms=bundle.forms, reason=reason)
    rt.execute(deploy, actor=Actor.system(tenant_id))
    return f"Đã đưa {file.name} vào áp dụng cho hồ sơ mới; hồ sơ đang chạy giữ bản cũ. {others}".rstrip()
