"""A way back in where no administrator remembers a password: whoever runs the server gives one."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.command import Actor
from engine.errors import Rejected
from engine.runtime import Runtime
from webapp.accounts.passwords import hash_secret, new_password
from webapp.accounts.queries import canonical, find_account
from webapp.organisation.commands.people import ResetPassword
from webapp.organisation.models import Committee


def reset_password_of(runtime: Runtime, identifier: str, ward: str | None = None) -> str:
    """Give the account a password that is good for one sign-in, end its sessions; return it.

    `ward` is the name of its ward, where several have an account of that name. Raises Rejected.
    """
    with runtime.reading() as connection, Session(connection) as read:
        tenant_id = read.scalar(sa.select(Committee.tenant_id).where(Committee.name == ward)) if ward else None
        account = find_account(read, canonical(identifier), tenant_id)
    if ward and tenant_id is None:
        raise Rejected(f"Cơ sở dữ liệu này không có {ward}.")
    if account is None:
        more = "" if ward else " Nhiều phường có tên đăng nhập ấy thì ghi thêm --ward."
        raise Rejected(f"Không có đúng một tài khoản đang dùng với tên đăng nhập “{identifier}”.{more}")
    password = new_password()
    reset = ResetPassword(person_id=account.person_id, password_hash=hash_secret(password))
    runtime.execute(reset, actor=Actor.system(account.tenant_id))
    return password
