"""A way back in where no administrator remembers a password: whoever runs the server gives one."""

from sqlalchemy.orm import Session

from engine.command import Actor
from engine.errors import Rejected
from engine.runtime import Runtime
from webapp.accounts.passwords import hash_secret, new_password
from webapp.accounts.queries import canonical, find_account
from webapp.organisation.commands.people import ResetPassword


def reset_password_of(runtime: Runtime, identifier: str) -> str:
    """Give the account a password that is good for one sign-in, end its sessions; return it. Raises Rejected."""
    with runtime.reading() as connection, Session(connection) as read:
        account = find_account(read, canonical(identifier))
    if account is None:
        raise Rejected(f"Không có đúng một tài khoản đang dùng với tên đăng nhập “{identifier}”.")
    password = new_password()
    reset = ResetPassword(person_id=account.person_id, password_hash=hash_secret(password))
    runtime.execute(reset, actor=Actor.system(account.tenant_id))
    return password
