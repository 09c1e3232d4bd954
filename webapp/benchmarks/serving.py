"""The server that pages are measured on: the product's own, with bare pages beside it as their floor.

`python -m webapp.benchmarks.serving PORT`, configured by the environment as `quytrinh serve` is.
"""

import sys
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from engine.database import begin_to_write, connect
from engine.models import ProcessInstance
from webapp.serving import Server, Worker
from webapp.settings import WORKERS, Settings

FLOOR = "/san"
TABLE = sa.Table("bench_writes", sa.MetaData(), sa.Column("text", sa.Text))
ROW = sa.select(ProcessInstance.title).where(ProcessInstance.id == sa.bindparam("id"))


def floor_application(database_url: str) -> Flask:
    """A page that reads one row, and one that writes one."""
    app, database = Flask("floor"), connect(database_url)

    @app.get("/<uuid:instance_id>")
    def read(instance_id: UUID) -> str:
        with database.connect() as connection:
            return f"<p>{connection.scalar(ROW, {'id': instance_id})}</p>"

    @app.post("/")
    def write() -> str:
        with database.connect() as connection, begin_to_write(connection):
            connection.execute(sa.insert(TABLE), {"text": "x" * 1000})
        return "<p></p>"

    return app


class BothServer(Server):
    """The application and its floor in one process."""

    def load(self) -> Any:
        """The application, with the floor below a path of its own."""
        app = super().load()
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {FLOOR: floor_application(self._settings.database_url)})
        return app


def main(port: str) -> None:
    """Serve as `quytrinh serve` does, without the scheduler."""
    settings = Settings.from_environment()
    TABLE.create(connect(settings.database_url), checkfirst=True)
    options = {
        "bind": f"127.0.0.1:{port}", "worker_class": Worker, "workers": WORKERS, "threads": 8, "keepalive": 60,
        "control_socket_disable": True,
    }  # fmt: skip
    BothServer(settings, options, with_scheduler=False).run()


if __name__ == "__main__":
    main(sys.argv[1])
