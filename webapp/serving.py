"""Serving: gunicorn with the scheduler beside it, or the scheduler alone."""

import gc
import logging
import os
import signal
import socket
import threading
from contextlib import suppress
from time import monotonic
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from engine.calendar import load_holidays
from engine.errors import InvalidConfiguration
from engine.scheduler import Scheduler
from webapp.app import create_app, load_capabilities
from webapp.calendar_work import do_calendar_work
from webapp.large_pages import move_into_large_pages
from webapp.refusals_of_system import why
from webapp.runtime import runtime
from webapp.settings import Settings
from webapp.turns import Commits, Turns

COLLECT_AFTER = 20_000, 20, 20
"""Allocations until a collection: a page makes some thousand objects, hardly any of them in circles."""

PATIENCE = 0.1
"""Seconds for which a connection is left to other workers."""
SHORT = 0.1
"""Seconds that a request waits for those before it: most take a thirtieth of it, where the machine is not slow."""


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker that leaves new connections to the others while half of its threads have something to do.

    gunicorn's takes whatever comes: as it runs on one core, the one that was quicker has a queue then, and another
    nothing to do. A connection that nobody has taken for a moment is taken all the same.

    Its threads answer one after another as long as each is quick: to change between them at every statement costs half
    as much again as a step. Nobody waits longer than a moment for one that is slow, nor for a slow commit.
    """

    _took_at = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.turns = Turns()
        self.commits = Commits(self.turns)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer, in turn."""
        self.turns.take(SHORT)
        try:
            return super().handle_request(req, conn)
        finally:
            self.turns.end()

    def accept(self, listener: Any) -> None:
        """Take a connection, if it is still there."""
        super().accept(listener)
        self._took_at = monotonic()

    def enqueue_req(self, conn: Any) -> None:
        """Give a request to a thread."""
        super().enqueue_req(conn)
        if self._accepting:
            self.set_accept_enabled(True)

    def set_accept_enabled(self, enabled: bool) -> None:
        """gunicorn's loop wants to at each turn; so it is decided at each."""
        super().set_accept_enabled(enabled and self._has_room())

    def _has_room(self) -> bool:
        busy = self.nr_conns - len(self.keepalived_conns) - len(self.pending_conns)
        is_alone, is_long_ago = self.cfg.workers == 1, monotonic() - self._took_at > PATIENCE
        return is_alone or busy < self.cfg.threads // 2 or is_long_ago


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, configured in code."""

    def __init__(self, settings: Settings, options: dict[str, Any], with_scheduler: bool) -> None:
        self._settings = settings
        self._options = options
        self._with_scheduler = with_scheduler
        self._worker: Any = None
        self._scheduler: Scheduler | None = None
        super().__init__()

    def load_config(self) -> None:
        """Take our options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)
        self.cfg.set("post_fork", self._know_worker)
        self.cfg.set("worker_exit", self._stop_ticking)

    def _know_worker(self, _arbiter: Any, worker: Any) -> None:
        self._worker = worker

    def _stop_ticking(self, _arbiter: Any, _worker: Any) -> None:
        """In the worker that ends: what ticks must not begin anything any more."""
        if self._scheduler is not None:
            self._scheduler.stop()

    def load(self) -> Any:
        """Build the application in each worker, after the fork: connections are not shared. Each has its scheduler."""
        app = create_app(self._settings)
        app.extensions["quytrinh"].committing = self._worker.commits.wait
        settle()
        if self._with_scheduler:
            self._scheduler = scheduler_for(app)
            self._scheduler.start()
        keep_to_one_core(self._worker.age)
        return app


def settle() -> None:
    """Load what the first step would wait for; what stays is left alone by the garbage collector, in large pages."""
    load_holidays()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    move_into_large_pages()


def keep_to_one_core(worker: int) -> None:
    """Have the threads of this worker that answer pages share a core, another one than the next worker's.

    The interpreter runs one of them at a time anyway; between cores they hand it over at twice the cost of a step. The
    scheduler's threads, which start other programs, run before this is said and keep all cores.
    """
    with suppress(AttributeError, OSError):  # Not every system has it, or allows it: then all is as well, but slower.
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[worker % len(cores)]})


def scheduler_for(app: Any) -> Scheduler:
    """The scheduler of an application; jobs run in an application context."""
    with app.app_context():
        return Scheduler(runtime(), do_calendar_work, app.app_context)


def serve(settings: Settings, *, host: str, port: int, threads: int, workers: int, with_scheduler: bool) -> None:
    """Serve until told to stop. Leases and row locks keep several schedulers apart. Raises InvalidConfiguration."""
    require_free(host, port)
    _log()
    options = {
        "bind": f"{host}:{port}", "worker_class": Worker, "workers": workers, "threads": threads,
        "timeout": 60, "graceful_timeout": 10, "accesslog": None, "control_socket_disable": True,
    }  # fmt: skip
    load_capabilities()  # Once, before the workers: they share what is loaded.
    gc.freeze()
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
    settle()
    scheduler.start()
    stop.wait()
    scheduler.stop()
