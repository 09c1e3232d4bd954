"""`quytrinh …` says in one sentence what is wrong with what surrounds it, and what to do; never a stack."""

import os
import re
import socket
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import click
import psycopg
import pytest
from click.testing import CliRunner, Result

import migrations
from engine.database import connect
from engine.errors import InvalidConfiguration, Rejected
from engine.runtime import Runtime
from engine.scheduler import Scheduler
from tests.architecture.sources import ROOT
from tests.support.mail import SmtpServer
from tests.support.postgresql import PostgresqlServer
from tests.support.servers import QUYTRINH, environment_for
from webapp.benchmarks.pages import Visitor
from webapp.cli import main
from webapp.notifications.mail import MailServerError
from webapp.settings import Settings

BAD = {
    "DATA_DIR": ("/proc", "/etc/passwd"),
    "DATABASE_URL": (
        "mysql://a/b", "sqlite://", "sqlite:///:memory:", "postgresql://h:abc/x", "sqlite:////proc/x/y", "x",
    ),
    "SECRET_KEY": ("ngan",),
    "BASE_URL": ("ftp://x", "http://[::1", "http://x:99999", "http://x y", "https://", "http://x?a=b"),
    "SMTP_URL": ("http://x", "smtp://x:abc", "smtp://x:99999", "smtp://[x", "smtp://", "smtp://a..vn"),
    "MAIL_FROM": ("không phải thư", "a@b\nBcc: c@d", "phường@x.vn"),
    "MAX_UPLOAD_MB": ("0", "-1", "abc", "²", "٣", "9" * 30),
    "MOVABLE_CLOCK": ("yes",),
    "SECURE_COOKIES": ("true",),
    "TRUSTED_PROXIES": ("-1", "6"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_setting_is_named_with_what_it_should_be(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        Settings.from_environment({"DATA_DIR": str(tmp_path), name: value})
    assert str(refused.value).startswith(f"{name} ")
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


def test_an_empty_setting_is_none(tmp_path: Path) -> None:
    given = {"DATA_DIR": str(tmp_path)}
    assert Settings.from_environment(given | dict.fromkeys(BAD.keys() - given, " ")) == Settings.from_environment(given)


def test_a_mail_may_come_from_a_name(tmp_path: Path) -> None:
    given = {"DATA_DIR": str(tmp_path), "MAIL_FROM": "UBND phường <bc@phuong.vn>"}
    assert Settings.from_environment(given).mail_from == "UBND phường <bc@phuong.vn>"


def test_a_mail_servers_password_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        Settings.from_environment({"DATA_DIR": str(tmp_path), "SMTP_URL": "smtp://u:mat-khau-4711@x:99999"})
    assert "4711" not in str(refused.value)


def test_a_key_that_is_not_whole_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_bytes(b"\xff\n")
    with pytest.raises(InvalidConfiguration, match="secret_key hỏng"):
        Settings.from_environment({"DATA_DIR": str(tmp_path)})


def run(environment: Mapping[str, str], *arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments, env=dict(environment))
    assert result.exception is None or isinstance(result.exception, SystemExit), arguments
    return result


def refused(environment: Mapping[str, str], *arguments: str) -> str:
    result = run(environment, *arguments)
    assert result.exit_code in (1, 2), arguments
    assert "Traceback" not in result.stderr
    return result.stderr


WITH_DATABASE = (
    ("serve",), ("worker",), ("demo", "load"), ("audit", "verify"), ("ward", "create", "--name", "A", "--place", "A"),
)  # fmt: skip


@pytest.mark.parametrize("command", WITH_DATABASE)
def test_a_database_without_tables_is_not_served(tmp_path: Path, command: tuple[str, ...]) -> None:
    environment = environment_for(f"sqlite:///{tmp_path}/q.sqlite3", tmp_path)
    assert "Chạy “quytrinh db upgrade” trước." in refused(environment, *command)


@pytest.mark.parametrize("command", [*WITH_DATABASE, ("db", "upgrade")])
def test_a_database_of_a_newer_program_is_left_alone(tmp_path: Path, sqlite_url: str, command: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database, database:
        database.execute("update alembic_version set version_num = '9999'")
    assert "bản chương trình mới hơn" in refused(environment_for(sqlite_url, tmp_path), *command)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "q.sqlite3").write_bytes(b"no database " * 500)
    environment = environment_for(f"sqlite:///{tmp_path}/q.sqlite3", tmp_path)
    for command in (*WITH_DATABASE, ("db", "upgrade"), ("backup", str(tmp_path / "b.zip"))):
        assert "Không dùng được cơ sở dữ liệu." in refused(environment, *command)
    assert (tmp_path / "q.sqlite3").read_bytes() == b"no database " * 500


def test_a_backup_is_made_before_upgrading(tmp_path: Path, sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database, database:
        database.execute("update alembic_version set version_num = '0000'")
    environment = environment_for(sqlite_url, tmp_path)
    assert run(environment, "backup", str(tmp_path / "b.zip")).exit_code == 0


def test_a_backup_does_not_take_the_place_of_a_pipe_or_a_device(tmp_path: Path, sqlite_url: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    said = refused(environment_for(sqlite_url, tmp_path), "backup", str(tmp_path / "pipe"))
    assert ("không phải tệp thường" in said, (tmp_path / "pipe").is_fifo()) == (True, True)


@pytest.mark.parametrize("command", [("plan", "read"), ("audit", "verify", "--heads")])
def test_what_is_no_file_is_not_read(tmp_path: Path, sqlite_url: str, command: tuple[str, ...]) -> None:
    """A pipe or a device may never end; one that is not there is not one that was tampered with."""
    os.mkfifo(tmp_path / "pipe")
    environment = environment_for(sqlite_url, tmp_path)
    for file in (str(tmp_path / "pipe"), "/dev/full"):
        assert f"Không mở được tệp {file}: không phải tệp thường." in refused(environment, *command, file)
    missing = f"Lỗi: Không mở được tệp {tmp_path}/x: không có tệp hoặc thư mục này.\n"
    assert refused(environment, *command, str(tmp_path / "x")) == missing


def test_a_port_in_use_is_said(tmp_path: Path, sqlite_url: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        said = refused(environment_for(sqlite_url, tmp_path), "serve", "--port", port)
        behind_none = refused(environment_for(sqlite_url, tmp_path, BASE_URL="https://a.vn"), "serve", "--port", port)
    assert ("TRUSTED_PROXIES" in said, "đặt TRUSTED_PROXIES=1" in behind_none) == (False, True)
    assert f"Không mở được cổng {port}" in said and "--port" in said and "có chương trình khác đang dùng" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--port", "99999"), ("serve", "--port", "0"), ("serve", "--threads", "0"),
        ("serve", "--workers", "-1"), ("serve", "--host", "203.0.113.1"), ("bench", "--scale", "-1"),
        ("bench", "khong-co"), ("khong-co",),
        ("restore", "khong-co.zip"), ("restore", "/etc/passwd"), ("backup", "/khong-co/b.zip"), ("plan", "read", "/"),
        ("audit", "heads", "--out", "/khong-co/h"), ("audit", "verify", "--heads", "/khong-co"),
        ("audit", "verify", "--heads", "/etc/passwd"), ("definition", "deploy", "/khong-co"),
        ("definition", "deploy", "/dev/zero"), ("definition", "deploy", "/etc/passwd", "--forms", "/khong-co"),
    ],
)  # fmt: skip
def test_wrong_arguments(tmp_path: Path, sqlite_url: str, arguments: tuple[str, ...]) -> None:
    said = refused(environment_for(sqlite_url, tmp_path), *arguments)
    assert said and not re.search("Usage|Error|Try|Options", said), "One language from the first word to the last."


HOW = "Xem cách dùng: quytrinh"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["khong-co"], f"Không có lệnh “khong-co”. {HOW} --help"),
        (["--khong-co"], f"Không có tùy chọn “--khong-co”. {HOW} --help"),
        (["db", "upgrad"], f"Không có lệnh “upgrad”. Có phải “upgrade” không? {HOW} db --help"),
        (["serve", "--prt", "80"], f"Không có tùy chọn “--prt”. Có phải “--port” không? {HOW} serve --help"),
        (["serve", "--port", "0"], f"“--port” phải là số nguyên từ 1 đến 65535. {HOW} serve --help"),
        (["bench", "--scale", "x"], f"“--scale” phải là số nguyên từ 1 trở lên. {HOW} bench --help"),
        (["serve", "--port"], f"Tùy chọn “--port” thiếu giá trị, hoặc không nhận giá trị nào. {HOW} --help"),
        (["ward", "create"], f"Thiếu “--name”. {HOW} ward create --help"),
        (["plan", "read"], f"Thiếu “FILE”. {HOW} plan read --help"),
        (["worker", "x"], f"Có tham số thừa. {HOW} worker --help"),
        (["backup", "/"], f"“FILE” phải là một tệp, không phải thư mục. {HOW} backup --help"),
        (["audit", "heads", "--out", "/"], f"“--out” phải là một tệp, không phải thư mục. {HOW} audit heads --help"),
        (["restore", "/"], f"“FILE” phải là một tệp đọc được. {HOW} restore --help"),
        (
            ["definition", "deploy", "a", "--forms", "/etc/passwd"],
            f"“--forms” phải là một thư mục đọc được. {HOW} definition deploy --help",
        ),
    ],
)
def test_wrong_usage_is_told_with_where_to_read_on(arguments: list[str], fault: str) -> None:
    result = run({}, *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"{fault}\n")


def _commands(group: click.Group, *names: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield *names, name
        if isinstance(command, click.Group):
            yield from _commands(command, *names, name)


@pytest.mark.parametrize("arguments", [(), *_commands(main)], ids=" ".join)
def test_help_is_in_one_language(arguments: tuple[str, ...]) -> None:
    told = run({}, *arguments, "--help").stdout
    assert told.startswith(f"Cách dùng: quytrinh {' '.join(arguments)}".rstrip())
    assert "Xem cách dùng." in told
    english = "Usage|Options|Commands|OPTIONS|ARGS|RANGE|Show|default|required|x>=|<=x"
    assert not re.search(english, told)


def test_a_refused_start_is_one_sentence_and_an_exit_code(tmp_path: Path, sqlite_url: str) -> None:
    environment = environment_for(sqlite_url, tmp_path, MAX_UPLOAD_MB="many")
    started = subprocess.run([QUYTRINH, "serve"], env=environment, capture_output=True, text=True)
    said = "MAX_UPLOAD_MB phải là số nguyên từ 1 đến 200, không phải 'many'.\n"
    assert (started.returncode, started.stdout, started.stderr) == (2, "", said)


STOPPED_AT_IMPORT = """
import os, signal, sys
from importlib import import_module

_, entry, last, *sys.argv[1:] = sys.argv

class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == last:
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # Which a shell may have taken from what runs behind.
sys.meta_path.insert(0, Stop())
module, _, name = entry.partition(":")
main = getattr(import_module(module), name)
main()
"""
"""The program as its script starts it; Ctrl-C comes at the import of a module."""


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("click", ["worker"]), ("webapp.serving", ["worker"]), ("gunicorn.arbiter", ["serve"]),
        ("webapp.plans.reading", ["plan", "read", "a.docx"]), ("engine.heads", ["audit", "verify"]),
    ],
)  # fmt: skip
def test_whoever_stops_it_is_told_so(tmp_path: Path, sqlite_url: str, module: str, arguments: list[str]) -> None:
    """While it loads, starts or works: no stack, and no English."""
    entry = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]["quytrinh"]
    command = [sys.executable, "-c", STOPPED_AT_IMPORT, entry, module, *arguments]
    environment = environment_for(sqlite_url, tmp_path)
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "\nĐã dừng.\n")


def test_a_result_that_finds_no_room_is_said(tmp_path: Path) -> None:
    """The terminal's end is a file like any other; whoever has read enough of a pipe is told nothing."""
    (tmp_path / "a.bpmn").write_bytes(b"<a/>")
    with Path("/dev/full").open("wb") as full:
        command = [QUYTRINH, "definition", "check", tmp_path / "a.bpmn"]
        buffered = os.environ | {"PYTHONUNBUFFERED": ""}
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=buffered)
    assert (ended.returncode, ended.stderr) == (1, "Lỗi đọc, ghi kết quả: đĩa đã đầy.\n")


def test_a_page_that_cannot_be_measured_is_named() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:  # Says 501 whatever it is asked.
        Thread(target=server.handle_request).start()
        with pytest.raises(Rejected, match="GET /hop-viec có mã 501"):
            Visitor(server.server_port).get("/hop-viec")
    with pytest.raises(Rejected, match="máy chủ không trả lời GET /hop-viec"):
        Visitor(server.server_port).get("/hop-viec")


def test_a_folder_and_a_pipe_beside_a_drawing_are_no_forms(tmp_path: Path) -> None:
    (tmp_path / "a.form").mkdir()
    os.mkfifo(tmp_path / "b.form")
    (tmp_path / "a.bpmn").write_bytes(b"<a/>")
    assert "Không mở được" not in run({}, "definition", "check", str(tmp_path / "a.bpmn")).stdout


def test_the_schema_of_this_program_is_current(database_url: str) -> None:
    migrations.require_current(database_url)


def test_a_database_of_another_encoding_is_refused(postgresql_server: PostgresqlServer, tmp_path: Path) -> None:
    """A cluster that was made without a locale has SQL_ASCII: texts would be bytes."""
    postgresql_server.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
    ended = run(environment_for(postgresql_server.url("ascii"), tmp_path), "db", "upgrade")
    said = "Cơ sở dữ liệu PostgreSQL phải có bảng mã UTF8, không phải SQL_ASCII. Hãy tạo lại: createdb"
    assert (ended.exit_code, ended.stderr.startswith(said)) == (2, True)


@pytest.mark.parametrize("denied", ["CREATE", "USAGE"])
def test_an_account_that_may_make_no_tables_is_told_what_to_have_granted(
    postgresql_server: PostgresqlServer, tmp_path: Path, denied: str
) -> None:
    account, database = f"poor_{denied.lower()}", f"poor_{denied.lower()}_data"
    postgresql_server.execute(f"CREATE ROLE {account} LOGIN")
    postgresql_server.execute(f"CREATE DATABASE {database}")
    admin = postgresql_server.url(database)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"REVOKE {denied} ON SCHEMA public FROM public".encode())
    environment = environment_for(f"postgresql:///{database}?host={postgresql_server.folder}&user={account}", tmp_path)
    said = refused(environment, "db", "upgrade")
    granting = re.search(r"GRANT USAGE, CREATE ON SCHEMA public TO \w+", said)
    assert granting, said
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(granting[0].encode())
    assert run(environment, "db", "upgrade").exit_code == 0


def test_what_is_written_is_for_its_account_only(tmp_path: Path) -> None:
    """Also where the folder was there before, for all to see."""
    environment = environment_for(f"sqlite:///{tmp_path}/q.sqlite3", tmp_path)
    for arguments in ("db", "upgrade"), ("demo", "load"):
        command = [sys.executable, "-c", "from webapp.entry import main; main()", *arguments]
        subprocess.run(command, env=environment, check=True, capture_output=True)
    written = list(tmp_path.glob("**/*"))
    assert {path.name for path in written} > {"q.sqlite3", "q.sqlite3.writers", "files"}
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []


def test_a_trial_mail_says_what_the_mail_server_answered(tmp_path: Path, smtp_server: SmtpServer) -> None:
    environment = environment_for(f"sqlite:///{tmp_path}/q.sqlite3", tmp_path, SMTP_URL=smtp_server.url)
    sent = run(environment, "mail", "test", "vanthu@phuong.gov.vn")
    assert (sent.exit_code, sent.stdout.startswith("Máy chủ thư đã nhận thư gửi vanthu@phuong.gov.vn.")) == (0, True)
    [mail] = smtp_server.messages
    assert (mail["To"], mail["Subject"]) == ("vanthu@phuong.gov.vn", "Thư thử của phần mềm quy trình")
    smtp_server.knows_nobody = "550 5.7.1 Relaying denied"
    said = refused(environment, "mail", "test", "vanthu@phuong.gov.vn")
    assert (
        said == f"Chưa gửi được: máy chủ thư 127.0.0.1:{smtp_server.port} không nhận thư (550 5.7.1 Relaying denied).\n"
    )
    assert "phải có dạng" in refused(environment, "mail", "test", "vanthu")
    assert "SMTP_URL chưa đặt" in refused(environment | {"SMTP_URL": ""}, "mail", "test", "vanthu@phuong.gov.vn")


def test_a_mail_server_whose_name_is_not_found_is_said() -> None:
    for code, said in (socket.EAI_NONAME, "không có máy nào tên như vậy"), (socket.EAI_AGAIN, "(DNS) không trả lời"):
        fault = MailServerError(urlsplit("smtp://mail.haidong.example"), socket.gaierror(code, "in English"))
        assert str(fault).endswith(f"{said})")


def test_a_database_out_of_reach_is_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each second's stack would hide everything else."""
    runtime = Runtime(connect(f"sqlite:///{tmp_path}/gone.sqlite3"))
    scheduler = Scheduler(runtime, lambda *_: None)
    scheduler.tick()
    scheduler.do_calendar_work()
    runtime.close()
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("WARNING", None)] * 2
    assert "out of reach" in caplog.text and "Traceback" not in caplog.text
