"""The request's database session: it only reads."""

from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from engine.database import connect
from engine.models import Base


class Database(SQLAlchemy):
    """Flask-SQLAlchemy on the Runtime's own engine, so that both speak to the database in one way."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Any) -> sa.Engine:
        return connect(sa.make_url(options["url"]).render_as_string(hide_password=False))


db = Database(metadata=Base.metadata)
