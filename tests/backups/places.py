"""Places with a ward's data, that backups are made of and put back to."""

import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import sqlalchemy as sa
from click.testing import CliRunner, Result

from engine.database import connect
from engine.ids import uuid7
from engine.models import ProcessInstance
from tests.engine.worlds import World
from tests.support.servers import environment_for
from webapp.cli import main
from webapp.documents.models import Attachment, AttachmentState
from webapp.documents.storage import FileStore
from webapp.settings import Settings

AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name IN ('psql', 'pg_dump')"
WAITING = f"{AT_WORK} AND wait_event_type = 'Lock'"
SENT = {"text": "Xong", "decision": "send"}


@dataclass
class Place:
    """A database with its folder, and somebody who writes to both."""

    settings: Settings
    world: World

    @property
    def store(self) -> FileStore:
        return FileStore(self.settings.data_dir / "files")

    def work(self) -> None:
        """One case to its end, with an attachment: its bytes first, then its row."""
        case = self.world.start("write_and_check")
        self.attach(case, str(case).encode())
        self.world.complete("write", self.world.officer, case, **SENT)
        self.world.complete("check", self.world.head, case, **SENT)

    def attach(self, case: UUID, content: bytes, state: AttachmentState = AttachmentState.PERMANENT) -> str:
        tenant = self.world.tenant_id
        digest = self.store.save(tenant, content)
        with self.world.runtime.writing() as connection:
            connection.execute(
                sa.insert(Attachment).values(
                    id=uuid7(), tenant_id=tenant, instance_id=case, state=state, name="minh-chung.txt",
                    media_type="text/plain", size=len(content), sha256=digest, created_at=self.world.now,
                )
            )  # fmt: skip
        return digest

    def count(self, model: type = ProcessInstance) -> int:
        return int(self.world.rows(sa.select(sa.func.count()).select_from(model))[0][0])

    def content(self) -> dict[UUID, bytes]:
        """The bytes of every attachment that a row names, by its case."""
        rows = self.world.rows(sa.select(Attachment.instance_id, Attachment.sha256, Attachment.tenant_id))
        return {row.instance_id: self.store.read(row.tenant_id, row.sha256, "") for row in rows}


def place(url: str, folder: Path, world: World | None = None) -> Place:
    settings = Settings.from_environment(environment_for(url, folder))
    return Place(settings, world or World(connect(url)))


@contextmanager
def looking(settings: Settings, like: Place) -> Iterator[Place]:
    """What stands at a place, without adding to it."""
    world = World.__new__(World)
    world.__dict__.update(like.world.__dict__, database=connect(settings.database_url))
    world.restart()
    try:
        yield Place(settings, world)
    finally:
        world.database.dispose()


@contextmanager
def writers(work: Callable[[], None], many: int = 3) -> Iterator[None]:
    """Several who write all the time; a fault of one is a fault of the test."""
    done, faults = threading.Event(), []

    def write() -> None:
        try:
            while not done.is_set():
                work()
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=write) for _ in range(many)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert faults == []


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """As where there is no room: the system refuses to write on."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def restored(place: Place, file: Path) -> Result:
    """What `quytrinh restore --replace` says."""
    environment = environment_for(place.settings.database_url, place.settings.data_dir)
    return CliRunner().invoke(main, ["restore", "--replace", str(file)], env=environment)


def files_of(place: Place) -> dict[Path, bytes]:
    """All that lies in the store, half-written ones too."""
    return {path: path.read_bytes() for path in place.settings.data_dir.glob("files/**/*") if path.is_file()}


def ask(here: Place, statement: str) -> int:
    """A number, asked from outside."""
    url = here.settings.database_url
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement.encode(), [sa.make_url(url).database]).fetchone()
    assert row is not None
    return int(row[0])
