"""`kill -9` of a server or a scheduler: files, steps, mails and cycles are there once, and the bytes behind them."""

import hashlib
import io
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from engine.audit import differences, verify
from engine.clock import wall_clock
from engine.jobs import LEASE
from engine.models import Base
from tests.crash.dying import NEVER, Hangman, Life
from tests.crash.page_acts import Place, post, signed, work, work_by_calendar, work_by_calendar_in, work_in
from tests.crash.traces import Traces, traces
from tests.support.databases import Databases
from tests.support.mail import SmtpServer
from tests.web.cycle_wards import FOCAL, CycleWard, Row
from tests.web.issued_wards import issued_ward
from webapp.cycles.opening import StartCycle
from webapp.documents.models import Attachment

ROWS = (Row("khdt", "Số hóa bản đồ quy hoạch"), Row("yte", "Lập hồ sơ sức khỏe điện tử"))
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"
REPORT = {"outcome": "done", "result": "Đã số hóa toàn bộ bản đồ của phường.", "completed_on": "02/01/2026"}
BESIDE = {"leases", "clock", "events", "jobs"}
"""Tables that differ without harm, or are compared in more detail."""

Act = Callable[[], None]


class Scene:
    """A ward of its own, and what is about to happen there."""

    def __init__(self, made: CycleWard, folder: Path, smtp: SmtpServer) -> None:
        self.made, self.smtp = made, smtp
        url = made.ward.runtime.database.url.render_as_string(hide_password=False)
        self.place = Place(url, folder / "data", {"SMTP_URL": smtp.url})
        self.again: Callable[[Flask], object] = bool  # What comes round by itself, the jobs apart.

    def settle(self) -> None:
        """What a scheduler that is started again does, also with what the dead one held."""
        for _ in range(3):  # Taken over, begun anew, and told by a mail a minute later.
            self.again(self.made.ward.app)
            work_in(self.made.ward.app)
            self.made.ward.move_clock(self.made.ward.now() + 2 * LEASE)

    def left(self) -> Traces:
        """What is in the tables, and which mails came."""
        rows, tenant = self.made.rows, self.made.ward.demo.tenant_id
        tables = [table for table in Base.metadata.sorted_tables if table.name not in BESIDE]
        rest = Counter({(t.name, rows(sa.select(sa.func.count()).select_from(t))[0][0]): 1 for t in tables})
        mails = Counter({(str(message["To"]),): 1 for message in self.smtp.messages})
        left = traces(rows, tenant) | {"tables": rest, "mails": mails}
        # One mail a minute tells a person of everything, so how many jobs there are is up to the clock.
        left["jobs"] = Counter({job: 1 if job[0] == "notifications.mail" else n for job, n in left["jobs"].items()})
        return left

    def check(self) -> None:
        """The log holds, the tables are what it says, and every file has its bytes."""
        with self.made.ward.runtime.reading() as connection:
            assert verify(connection) == []
            assert differences(connection) == []
        for file in self.made.rows(sa.select(Attachment.tenant_id, Attachment.sha256)):
            path = self.place.folder / "files" / str(file.tenant_id) / file.sha256[:2] / file.sha256
            assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256


def uploading(scene: Scene, content: bytes = PDF) -> Act:
    step = scene.made.step("execute", scene.made.case("1"))
    sent = signed(scene.made.signed_in("khdt.cv1"), f"/tep?viec={step}", {}, content)
    return partial(post, scene.place, sent)


def sending(scene: Scene) -> Act:
    """A step's form that names a file."""
    officer, step = scene.made.signed_in("khdt.cv1"), scene.made.step("execute", scene.made.case("1"))
    file = {"file": (io.BytesIO(PDF), "bien-ban.pdf")}
    assert officer.post(f"/tep?viec={step}", file, headers={"Accept": "application/json"}).status_code == 201
    (sent,) = scene.made.rows(sa.select(Attachment.id))
    return partial(post, scene.place, signed(officer, f"/viec/{step}", REPORT | {"evidence": str(sent.id)}))


def mailing(scene: Scene) -> Act:
    """Everybody's mails are due."""
    scene.made.ward.move_clock(scene.made.ward.now() + 2 * LEASE)
    return partial(work, scene.place)


def opening(scene: Scene) -> Act:
    """The calendar opens a cycle."""
    scene.again = work_by_calendar_in
    return partial(work_by_calendar, scene.place)


def asking(scene: Scene) -> Act:
    """A cycle was begun: its instance, its first step, and the people who hear of it."""
    made = scene.made
    year = made.today().year
    begin = StartCycle(plan_id=made.plan_id, name=f"Năm {year}", year=year)
    made.ward.runtime.execute(begin, actor=made.actor(FOCAL))
    return partial(work, scene.place)


Begin = Callable[[Scene], Act]
Record = Callable[[str, int], None]
ACTS = (uploading, sending, mailing, opening, asking)


@pytest.fixture
def scenes(databases: Databases, tmp_path: Path, smtp_server: SmtpServer) -> Callable[[], Any]:
    """Makes scenes, each in a copy of one ward."""
    number = count(1)

    @contextmanager
    def make() -> Iterator[Scene]:
        folder = tmp_path / str(next(number))
        smtp_server.messages.clear()
        with issued_ward(databases, folder, "mortal_ward", ROWS, SMTP_URL=smtp_server.url) as made:
            yield Scene(made, folder, smtp_server)

    return make


def end_of(scene: Scene, hangman: Hangman, begin: Callable[[Scene], Act], deadly: int) -> tuple[Life, Traces]:
    """Die at a point, start again, let the clock pass the dead one's lease; what is there then."""
    act = begin(scene)
    life = hangman.live(act, deadly, str(scene.place.folder))
    scene.check()
    if begin is sending and not scene.made.rows(sa.select(Attachment.id).where(Attachment.submission_id.is_not(None))):
        act()  # The page is sent again by whoever got no answer.
    scene.settle()
    scene.check()
    return life, scene.left()


def compare(
    scenes: Any, hangman: Hangman, begin: Begin, choose: Callable[[int], Sequence[int]], record: Record
) -> None:
    """Die at the chosen points, each in a ward of its own, and see the same as where nobody dies."""
    with scenes() as scene:
        life, undisturbed = end_of(scene, hangman, begin, NEVER)
    assert "after COMMIT" in life.points
    chosen = choose(len(life.points))
    record("kills", len(chosen))
    for deadly in chosen:
        with scenes() as scene:
            cut_short, left = end_of(scene, hangman, begin, deadly)
            twice = Counter(str(message["Message-ID"]) for message in scene.smtp.messages if message["Message-ID"])
        if begin is not uploading or "after COMMIT" in cut_short.points:  # Else the file was never there.
            assert left == undisturbed, f"killed {cut_short.points[-1]}, after {cut_short.points[:-1]}"
        assert sum(twice.values()) - len(twice) <= 1, "only what was under way may come again, as the same message"


@pytest.mark.prove
@pytest.mark.parametrize("begin", ACTS, ids=lambda begin: begin.__name__)
def test_a_server_that_dies_anywhere_has_lost_and_doubled_nothing(
    scenes: Any, hangman: Hangman, begin: Begin, record_property: Record
) -> None:
    compare(scenes, hangman, begin, lambda points: range(1, points + 1), record_property)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize("begin", [sending], ids=lambda begin: begin.__name__)
def test_a_server_that_dies_somewhere_has_lost_and_doubled_nothing(
    scenes: Any, hangman: Hangman, begin: Begin, record_property: Record
) -> None:
    compare(scenes, hangman, begin, lambda points: [random.Random(begin.__name__).randint(1, points)], record_property)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_bytes_of_an_upload_that_died_before_its_row_go_after_a_day(scenes: Any, hangman: Hangman) -> None:
    with scenes() as scene:
        folder, files = str(scene.place.folder), scene.place.folder / "files"
        lived = hangman.live(uploading(scene), NEVER, folder)
        deadly = lived.points.index("before INSERT INTO attachments") + 1
        died = hangman.live(uploading(scene, PDF + b"%%EOF"), deadly, folder)
        assert died.was_killed
        assert len(list(files.glob("*/??/*"))) == 2
        for path in files.glob("*/??/*"):
            then = wall_clock().timestamp() - 2 * 24 * 3600
            os.utime(path, (then, then))
        work_by_calendar_in(scene.made.ward.app)
        (named,) = scene.made.rows(sa.select(Attachment.sha256))
        assert [path.name for path in files.glob("*/??/*")] == [named.sha256]
        scene.check()
