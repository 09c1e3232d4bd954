"""Take the guide's screenshots anew: `python scripts/guide_images.py`.

Loads a demo ward into a folder of its own, serves it, photographs it, and carries its cycle on to the clerk between
the pictures. Needs the development requirements and Debian's chromium-headless-shell.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

PORT = 8790
BASE = f"http://127.0.0.1:{PORT}"
IMAGES = Path(__file__).parent.parent / "docs" / "guide" / "images"
QUYTRINH = Path(sys.executable).with_name("quytrinh")
PASSWORD = "quytrinh-demo"  # noqa: S105  the demo ward's, printed at its loading

BEFORE = {
    "hop-viec": ("vhxh.tonghop", ["/hop-viec"]),
    "trang-viec": ("khdt.cv1", ["/hop-viec", "main a[href^='/viec/']"]),
    "bao-cao-don-vi": ("yte.truong", ["/bao-cao-don-vi"]),
    "ke-hoach": ("vhxh.tonghop", ["/ke-hoach", "main table a[href^='/ke-hoach/'], main .card a[href^='/ke-hoach/']"]),
    "ky-bao-cao": ("vhxh.tonghop", ["/ky-bao-cao", "main table a[href^='/ky-bao-cao/']"]),
    "thiet-lap": ("quantri", ["/thiet-lap"]),
    "nguoi-dung": ("quantri", ["/nguoi-dung"]),
    "quy-trinh": ("quantri", ["/quy-trinh"]),
}
LIFECYCLE = "/quy-trinh/task_lifecycle"
OPERATING = {
    "ho-so-tren-so-do": ("quantri", [LIFECYCLE, "main a:has-text('Hồ sơ trên sơ đồ')"]),
    "thao-tac": ("quantri", [
        "/ke-hoach", "main table a[href^='/ke-hoach/']", "main tr:has-text('Đang thực hiện') a[href^='/ho-so/']",
        "main a:has-text('Thao tác quản trị')", "summary:has-text('Giao lại một bước')",
    ]),
}  # fmt: skip
CHANGING = {
    "thiet-lap-nhanh": ("quantri", [LIFECYCLE, "main button:has-text('Thiết lập nhanh')"]),
    "thiet-lap-buoc": ("quantri", [f"{LIFECYCLE}/thiet-lap-nhanh", "main a:text-is('Duyệt báo cáo đơn vị')"]),
    "bieu-mau": ("quantri", [f"{LIFECYCLE}/bieu-mau/execute?truong=3"]),
    "ve-so-do": ("quantri", [f"{LIFECYCLE}/sua"]),
    "dien-tap": ("quantri", [f"{LIFECYCLE}/dien-tap/moi", "main button:has-text('Bắt đầu')"]),
}
DEPLOYING = {"trien-khai": ("quantri", [f"{LIFECYCLE}/trien-khai"])}
MOVING = {"chuyen-ho-so": ("quantri", [LIFECYCLE, "main a:has-text('Chuyển hồ sơ đang chạy')"])}
TO_CONSOLIDATION = ["/ky-bao-cao", "main table a[href^='/ky-bao-cao/']", "main a:text-is('Tổng hợp')"]
CONSOLIDATING = {"tong-hop": ("vhxh.tonghop", TO_CONSOLIDATION)}
SIGNING = {"duyet-ky": ("vhxh.truong", ["/duyet-ky", "main a[href^='/duyet-ky/']"])}
ISSUING = {"phat-hanh": ("vanthu", ["/phat-hanh"])}
FAILING = {"su-co": ("quantri", ["/su-co"])}
NO_MAIL_SERVER = "smtp://thu.haidong.example"
BEGINNING = "09:05"


def main() -> None:
    """Every picture, in the order in which the ward's work goes on."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATA_DIR": folder, "MOVABLE_CLOCK": "1"}
        _run("db", "upgrade")
        _begin_a_working_day()
        _run("demo", "load")
        with _serving():
            _photograph(BEFORE | OPERATING)
            work = _Work()
            _photograph(CHANGING)
            work.add_approver()
            _photograph(DEPLOYING)
            work.deploy()
            _photograph(MOVING)
            work.cut_off()
            _photograph(CONSOLIDATING)
            work.consolidate()
            _photograph(SIGNING)
            work.sign()
            _photograph(ISSUING)
        os.environ["SMTP_URL"] = NO_MAIL_SERVER
        _Work().wait_three_days()
        with _serving():
            _photograph(FAILING)


def _run(*command: str) -> None:
    subprocess.run([QUYTRINH, *command], check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def _begin_a_working_day() -> None:
    """The pictures are of the morning of the next working day, whenever they are taken.

    There is no ward yet in whose name the clock could be moved.
    """
    import sqlalchemy as sa

    from engine.calendar import Calendar, local_date
    from engine.clock import CLOCK_ROW, wall_clock
    from engine.models import Clock

    now = wall_clock()
    ahead = int((Calendar().at(local_date(now), 1, BEGINNING) - now).total_seconds())
    with _Work().runtime.writing() as connection:
        connection.execute(sa.insert(Clock).values(id=CLOCK_ROW, ahead_seconds=ahead))


@contextmanager
def _serving() -> Iterator[None]:
    server = subprocess.Popen([QUYTRINH, "serve", "--port", str(PORT)], stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        _await_server()
        yield
    finally:
        server.terminate()
        server.wait()


def _await_server() -> None:
    for _ in range(300):
        with suppress(OSError), urllib.request.urlopen(f"{BASE}/dang-nhap", timeout=5):  # noqa: S310
            return
        time.sleep(0.2)
    raise SystemExit("The server did not answer.")


def _photograph(shots: dict[str, tuple[str, list[str]]]) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=options)
        for name, (person, way) in shots.items():
            page = _sign_in(browser, person)
            _walk(page, way)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.context.close()
        browser.close()


def _sign_in(browser: Any, person: str) -> Any:
    window = {"width": 1280, "height": 860}
    page = browser.new_context(viewport=window, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh").new_page()
    page.goto(f"{BASE}/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(person)
    page.get_by_label("Mật khẩu").first.fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url(lambda url: "dang-nhap" not in url)
    return page


def _walk(page: Any, way: list[str]) -> None:
    """A path is opened, anything else is a link to follow."""
    for step in way:
        if step.startswith("/"):
            page.goto(BASE + step)
        else:
            page.locator(step).first.click()
        page.wait_for_load_state("networkidle")


class _Work:
    """The ward's people carry the cycle on, by the same commands as in the browser."""

    def __init__(self) -> None:
        from webapp.app import create_app
        from webapp.runtime import runtime
        from webapp.settings import Settings

        create_app(Settings.from_environment()).app_context().push()
        self.runtime = runtime()

    def add_approver(self) -> None:
        """As the quick settings do: the vice chair reads what a unit reports."""
        from webapp.database import db
        from webapp.procedures.draft_queries import find_draft
        from webapp.procedures.drafts import SaveDraft
        from webapp.quick_settings.drawings import Drawing

        draft = find_draft(db.session(), self._tenant(), "task_lifecycle")
        assert draft is not None
        drawing = Drawing(draft.source)
        drawing.add_after(
            "unit_review", "Phó Chủ tịch xem báo cáo", "vice_chair@committee", "vice_opinion", may_return=False
        )
        save = SaveDraft(key=draft.key, version=draft.version, source=drawing.to_bytes())
        self._execute("quantri", save)

    def deploy(self) -> None:
        from webapp.database import db
        from webapp.procedures.deploying import DeployDraft
        from webapp.procedures.draft_queries import find_draft

        db.session.rollback()
        draft = find_draft(db.session(), self._tenant(), "task_lifecycle")
        assert draft is not None
        reason = "Theo kết luận giao ban: Phó Chủ tịch xem báo cáo trước khi gửi."
        self._execute("quantri", DeployDraft(key=draft.key, version=draft.version, reason=reason))

    def cut_off(self) -> None:
        from engine.commands.messages import SubmitMessage

        cycle_id = self._one("SELECT id FROM reporting_cycles")
        request = SubmitMessage(instance_id=cycle_id, element_id="cutoff_requested", answers={"reason": "Đến hạn chốt"})
        self._execute("vhxh.tonghop", request)
        self._complete("vhxh.tonghop", "confirm_cutoff", missing=[], confirmed=True)

    def consolidate(self) -> None:
        from webapp.cycles.commands import DecideStatement

        for statement_id, text in self._all("SELECT id, text FROM statements"):
            decide = DecideStatement(statement_id=statement_id, use=True, text=text or "Không phát sinh.")
            self._execute("vhxh.tonghop", decide)
        summary = "Đã xét hết các nội dung; các đơn vị chưa gửi đủ có tên ở phụ lục."
        self._complete("vhxh.tonghop", "consolidate", summary=summary)

    def sign(self) -> None:
        """Up to the clerk."""
        for username, step in (
            ("vhxh.truong", "countersign_content"), ("vanphong", "countersign_form"), ("pct.vhxh", "vice_opinion"),
            ("chutich", "sign_chair"),
        ):  # fmt: skip
            self._complete(username, step, decision="approve")

    def wait_three_days(self) -> None:
        """In which reminders come due, and mails are tried as often as they are."""
        from engine.commands.clock import MoveClock

        for _ in range(36):
            with self.runtime.reading() as connection:
                now = self.runtime.now(connection)
            self._execute("quantri", MoveClock(to=now + timedelta(hours=2)))

    def _tenant(self) -> Any:
        return self._one("SELECT tenant_id FROM committees")

    def _complete(self, username: str, element_id: str, **answers: Any) -> None:
        from engine.commands.user_tasks import CompleteUserTask

        task_id = self._one(f"SELECT id FROM user_tasks WHERE state = 'open' AND element_id = '{element_id}'")  # noqa: S608
        self._execute(username, CompleteUserTask(user_task_id=task_id, answers=answers))

    def _execute(self, username: str, command: Any) -> None:
        from sqlalchemy.orm import Session

        from engine.scheduler import settle
        from webapp.identity import find_person

        person_id = self._one(f"SELECT id FROM people WHERE username = '{username}'")  # noqa: S608
        with Session(self.runtime.database) as read:
            person = find_person(read, person_id, None, date.today())  # noqa: DTZ011  absences do not matter here
        assert person is not None
        self.runtime.execute(command, actor=person.actor())
        settle(self.runtime)

    def _one(self, query: str) -> Any:
        return self._all(query)[0][0]

    def _all(self, query: str) -> list[tuple[Any, ...]]:
        import uuid

        import sqlalchemy as sa

        with self.runtime.reading() as connection:
            rows = connection.execute(sa.text(query)).all()
        return [(uuid.UUID(first), *rest) for first, *rest in rows]


if __name__ == "__main__":
    main()
