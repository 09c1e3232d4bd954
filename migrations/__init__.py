"""The schema's history (Alembic), run from Python: no ini file and no command line of its own."""

from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from engine.database import connect
from engine.errors import InvalidConfiguration

FOLDER = Path(__file__).parent
CANNOT = "Không nâng cấp được cơ sở dữ liệu"
NEWER = "Cơ sở dữ liệu do bản chương trình mới hơn ghi. Hãy cài bản mới hơn đó, hoặc phục hồi bản sao lưu cũ."

FORBIDDEN = {"42501", "3F000"}
"""What PostgreSQL says to an account that may not do it, or may use no schema at all."""
WHOSE = sa.text("SELECT quote_ident(current_user), quote_ident(current_database()), quote_ident(current_schema())")


def metadata() -> sa.MetaData:
    """Every table of the product."""
    from webapp.models import Base  # Not at the top: whoever only upgrades should not load the application.

    return Base.metadata


def configuration(database_url: str) -> Config:
    """What Alembic needs to know; `env.py` reads the address from its attributes."""
    config = Config(attributes={"database_url": database_url})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the schema to `revision`, in one transaction: it arrives there whole or stays as it was.

    Several processes may call this at once; they take turns, and those who come later find nothing to do.

    Raises InvalidConfiguration when the database was written by a later version of the product, and where its
    account may make no tables.
    """
    try:
        command.upgrade(configuration(database_url), revision)
    except CommandError as error:
        raise InvalidConfiguration(NEWER if _is_newer(database_url) else f"{CANNOT}: {error}") from error
    except sa.exc.ProgrammingError as error:
        if not isinstance(error.orig, psycopg.Error) or error.orig.sqlstate not in FORBIDDEN:
            raise
        raise InvalidConfiguration(_what_to_grant(database_url, error.orig.diag.message_primary)) from error


def _what_to_grant(database_url: str, fault: str | None) -> str:
    engine = connect(database_url)
    try:
        with engine.connect() as connection:
            account, database, schema = connection.execute(WHOSE).one()
    finally:
        engine.dispose()
    return (
        f"Tài khoản {account} của DATABASE_URL không được tạo hoặc sửa bảng ({fault}). Nhờ quản trị PostgreSQL chạy "
        f"trong cơ sở dữ liệu {database}: GRANT USAGE, CREATE ON SCHEMA {schema or 'public'} TO {account}; bảng đã có "
        f"của tài khoản khác thì thêm: ALTER TABLE … OWNER TO {account}. Sau đó chạy lại lệnh này."
    )


def require_current(database_url: str) -> None:
    """Raises InvalidConfiguration where the schema is not this program's; OperationalError where nobody can tell."""
    stands_at = current(database_url)
    if stands_at is None:
        raise InvalidConfiguration("Cơ sở dữ liệu chưa có bảng nào. Chạy “quytrinh db upgrade” trước.")
    if not is_known(stands_at):
        raise InvalidConfiguration(NEWER)
    if stands_at != ScriptDirectory.from_config(configuration("")).get_current_head():
        raise InvalidConfiguration("Cơ sở dữ liệu thuộc bản cũ hơn. Sao lưu, rồi chạy “quytrinh db upgrade”.")


def _is_newer(database_url: str) -> bool:
    return not is_known(current(database_url))


def current(database_url: str) -> str | None:
    """The revision that the database stands at; None for one that has no schema yet."""
    engine = connect(database_url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def is_known(revision: str | None) -> bool:
    """Whether this program knows how to go on from a revision; None is before the first."""
    known = ScriptDirectory.from_config(configuration("")).walk_revisions()
    return revision is None or any(step.revision == revision for step in known)


def differences(database_url: str) -> list[Any]:
    """What autogenerate would write for this database; an empty list when schema and models agree."""
    engine = connect(database_url)
    try:
        with engine.connect() as connection:
            options = {"compare_type": True, "compare_server_default": True}
            return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata()))
    finally:
        engine.dispose()
