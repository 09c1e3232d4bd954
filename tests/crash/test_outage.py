"""The database's server is stopped, or its disk is full: the page keeps the words, and all goes on without hands."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from engine.audit import differences, verify
from engine.command import Actor
from engine.commands.clock import MoveClock
from engine.database import connect
from engine.models import Submission
from engine.runtime import Runtime
from tests.browser.pages.officer import Officer
from tests.support.databases import create_schema
from tests.support.mail import SmtpServer
from tests.support.postgresql import initialise, serving
from tests.web.cycle_wards import Row, issue
from tests.web.issued_wards import opened, organisation

pytestmark = pytest.mark.prove
WORDS = "Đã số hóa bản đồ; còn thiếu hai tờ. "
ROWS = (Row("khdt", "Số hóa bản đồ quy hoạch"),)
SENT_AGAIN = "Gửi lại"


def open_step(url: str, folder: Path) -> tuple[UUID, UUID]:
    """A ward with a case in execution; its tenant and the step that waits."""
    create_schema(url)
    with opened(url, folder, organisation(url)) as ward:
        made = issue(ward, ROWS)
        return ward.demo.tenant_id, made.step("execute", made.case("1"))


def typing(page: Page, step: UUID) -> Officer:
    """An officer who has typed and not sent."""
    officer = Officer(page, "khdt.cv1")
    page.goto(f"/viec/{step}")
    officer.choose("Đã hoàn thành")
    officer.fill("Kết quả", WORDS * 100)
    officer.fill("Ngày hoàn thành", "02/01/2026")
    return officer


def goes_on(url: str, tenant: UUID, smtp: SmtpServer) -> None:
    """The words are there once, the log holds, and the scheduler mails by itself whoever has the next step."""
    runtime = Runtime(connect(url), movable_clock=True)
    with runtime.reading() as connection:
        sent = connection.scalars(sa.select(Submission.data).where(Submission.element_id == "execute"))
        assert sent.one().count(WORDS.strip()) == 100
        assert verify(connection) == []
        assert differences(connection) == []
        later = runtime.now(connection) + timedelta(minutes=5)
    smtp.messages.clear()
    runtime.execute(MoveClock(to=later), actor=Actor.system(tenant))
    smtp.wait_until(lambda messages: any("khdt.truong" in str(message["To"]) for message in messages))
    runtime.close()


def test_postgresql_is_stopped_and_started_again(start_server, smtp_server, new_page, tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="quytrinh-"))
    try:
        initialise(folder)
        with serving(folder) as postgresql:
            postgresql.execute("CREATE DATABASE ward")
            url = postgresql.url("ward")
            tenant, step = open_step(url, tmp_path / "first")
            server = start_server(url, SMTP_URL=smtp_server.url)
            officer = typing(new_page(base_url=server.url), step)
        officer.press("Gửi báo cáo")
        officer.sees("Cơ sở dữ liệu đang không truy cập được")
        officer.page.get_by_role("button", name=SENT_AGAIN).click()  # It asks first, and stays with what was typed.
        expect(officer.page.locator(".q-toast")).to_be_visible()
        officer.sees("Cơ sở dữ liệu đang không truy cập được")
        with serving(folder):
            officer.press(SENT_AGAIN)
            expect(officer.page.locator("main")).not_to_contain_text("không truy cập được")
            goes_on(url, tenant, smtp_server)
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("needs to mount a small disk; the tests of a full SQLite file hold without")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_the_disk_is_full_and_has_room_again(start_server, smtp_server, new_page, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        url = f"sqlite:///{disk / 'quytrinh.sqlite3'}"
        tenant, step = open_step(url, disk / "data")
        server = start_server(url, SMTP_URL=smtp_server.url, DATA_DIR=str(disk / "data"))
        officer = typing(new_page(base_url=server.url), step)
        with (disk / "filling").open("wb", buffering=0) as filling, pytest.raises(OSError, match="space"):
            while True:
                filling.write(bytes(4096))
        officer.press("Gửi báo cáo")
        officer.sees("Máy chủ đã hết chỗ lưu")
        (disk / "filling").unlink()
        officer.press(SENT_AGAIN)
        expect(officer.page.locator("main")).not_to_contain_text("hết chỗ lưu")
        goes_on(url, tenant, smtp_server)
        server.stop()
