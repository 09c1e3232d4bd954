"""Serving: gunicorn with the scheduler beside it, or the scheduler alone."""

import gc
import logging
import signal
import socket
import threading
from typing import Any

from gunicorn.app.base import BaseApplication

from engine.errors import InvalidConfiguration
from engine.scheduler import Scheduler
from webapp.app import create_app
from webapp.calendar_work import do_calendar_work
from webapp.refused_files import why
from webapp.runtime import runtime
from webapp.settings import Settings

COLLECT_AFTER = 20_000, 20, 20
"""Allocations until a collection: a page makes some thousand objects, hardly any of them in circles."""


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, configured in code."""

    def __init__(self, settings: Settings, options: dict[str, Any], with_scheduler: bool) -> None:
        self._settings = settings
        self._options = options
        self._with_scheduler = with_scheduler
        super().__init__()

    def load_config(self) -> None:
        """Take our options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Build the application in each worker, after the fork: connections are not shared. Each has its scheduler."""
        app = create_app(self._settings)
        spare_the_settled()
        if self._with_scheduler:
            with app.app_context():
                scheduler_for(app).start()
        return app


def spare_the_settled() -> None:
    """Have the garbage collector leave alone what stays as long as the process, and come by less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def scheduler_for(app: Any) -> Scheduler:
    """The scheduler of an application; jobs run in an application context."""
    with app.app_context():
        return Scheduler(runtime(), do_calendar_work, app.app_context)


def serve(settings: Settings, *, host: str, port: int, threads: int, workers: int, with_scheduler: bool) -> None:
    """Serve until told to stop. Leases and row locks keep several schedulers apart. Raises InvalidConfiguration."""
    require_free(host, port)
    _log()
    options = {
        "bind": f"{host}:{port}", "worker_class": "gthread", "workers": workers, "threads": threads,
        "timeout": 60, "graceful_timeout": 10, "accesslog": None, "control_socket_disable": True,
    }  # fmt: skip
    Server(settings, options, with_scheduler).run()


def _log() -> None:
    """To standard error, without what libraries tell of each step."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for library in ("apscheduler", "weasyprint", "fontTools"):
        logging.getLogger(library).setLevel(logging.WARNING)


def require_free(host: str, port: int) -> None:
    """Raises InvalidConfiguration where nothing can listen: gunicorn would try for a while, then say it in English."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise InvalidConfiguration(
            f"Không mở được cổng {port} ở {host} ({why(error)}). Có thể chương trình đang chạy rồi; "
            "nếu không, hãy chọn cổng khác bằng --port hoặc địa chỉ khác bằng --host."
        ) from error


def run_worker(settings: Settings) -> None:
    """Tick until told to stop."""
    _log()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    scheduler = scheduler_for(create_app(settings))
    spare_the_settled()
    scheduler.start()
    stop.wait()
    scheduler.stop()
