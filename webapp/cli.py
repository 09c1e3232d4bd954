"""The command line: `quytrinh`."""

import errno
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DBAPIError, OperationalError

from engine.errors import InvalidConfiguration, Rejected
from webapp.command_help import VietnameseHelp
from webapp.entry import STOPPED, WORD
from webapp.refusals_of_system import why
from webapp.settings import WORKERS, Settings
from webapp.usage_errors import bytes_of, misuse_in_vietnamese, require_file

READ_HERE = click.Path(path_type=Path, readable=False)
"""Whether it can be read is found out by reading it, and told in the answer."""
WRITTEN_HERE = click.Path(path_type=Path, dir_okay=False, readable=False)
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 120}
DATABASE_FAILS = "Không dùng được cơ sở dữ liệu. Kiểm tra DATABASE_URL, rồi chạy “quytrinh db upgrade”."
NO_PROXY = (
    "BASE_URL là https mà TRUSTED_PROXIES chưa đặt: đăng nhập sai của mọi người bị tính chung cho một địa chỉ. Có một "
    "proxy (nginx) đứng trước thì đặt TRUSTED_PROXIES=1."
)


click.Context.formatter_class = VietnameseHelp  # of every command


class Quytrinh(click.Group):
    """Turns refusals into one sentence and an exit code, never a traceback."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read what stands before the first command."""
        with misuse_in_vietnamese():
            return super().make_context(*args, **extra)

    @misuse_in_vietnamese()
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo(WORD, err=True, nl=False)
            ctx.exit(STOPPED)
        except (InvalidConfiguration, Rejected) as error:
            click.echo(str(error), err=True)
            ctx.exit(2)
        except DBAPIError as error:
            click.echo(f"{DATABASE_FAILS} ({error.orig})", err=True)
            ctx.exit(2)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # Whoever reads has read enough; click ends quietly.
            click.echo(f"Lỗi đọc, ghi {error.filename or 'kết quả'}: {why(error)}.", err=True)
            _let_go_of_output()
            ctx.exit(1)
        except click.UsageError:
            raise  # Told by what is around.
        except click.ClickException as error:
            click.echo(f"Lỗi: {error.format_message()}", err=True)
            ctx.exit(error.exit_code)


def _let_go_of_output() -> None:
    """At its end Python would write once more what found no room, and complain in its own words."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group("quytrinh", cls=Quytrinh, context_settings=CONTEXT)
@click.version_option(package_name="quytrinh", message="%(prog)s %(version)s")
def main() -> None:
    """Quy trình: giao việc, báo cáo, phê duyệt cho UBND phường."""


def settings() -> Settings:
    """The configuration of this run."""
    return Settings.from_environment()


def application() -> Any:
    """The Flask application of this run, on a database that it knows. Raises InvalidConfiguration."""
    import migrations
    from webapp.app import create_app

    chosen = settings()
    migrations.require_current(chosen.database_url)
    return create_app(chosen)


def _ready_to_run() -> Settings:
    """The configuration, unless its database is of another version. One that is out of reach may come back."""
    import migrations

    chosen = settings()
    try:
        migrations.require_current(chosen.database_url)
    except OperationalError as error:
        click.echo(f"{DATABASE_FAILS} ({error.orig}) Chương trình vẫn chạy và chờ cơ sở dữ liệu.", err=True)
    return chosen


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Địa chỉ mạng để nghe.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Cổng.")
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="Số yêu cầu xử lý cùng lúc.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=WORKERS, show_default=True,
    help="Số tiến trình web; nhiều nhất là số lõi của máy.",
)  # fmt: skip
@click.option("--scheduler/--no-scheduler", default=True, help="Chạy kèm bộ hẹn giờ và việc nền.")
def serve(host: str, port: int, threads: int, workers: int, scheduler: bool) -> None:
    """Chạy trang web (và bộ hẹn giờ) cho một phường."""
    from webapp.serving import serve as run

    chosen = _ready_to_run()
    if chosen.base_url.startswith("https:") and not chosen.trusted_proxies:
        click.echo(NO_PROXY, err=True)
    run(chosen, host=host, port=port, threads=threads, workers=workers, with_scheduler=scheduler)


@main.command()
def worker() -> None:
    """Chỉ chạy bộ hẹn giờ và việc nền, cạnh các tiến trình web ở máy khác."""
    from webapp.serving import run_worker

    run_worker(_ready_to_run())


@main.group()
def db() -> None:
    """Cơ sở dữ liệu."""


@db.command()
def upgrade() -> None:
    """Đưa cơ sở dữ liệu lên phiên bản của chương trình (tạo mới nếu chưa có)."""
    import migrations

    migrations.upgrade(settings().database_url)


@main.group()
def ward() -> None:
    """Phường thật."""


@ward.command("create")
@click.option("--name", required=True, help="Tên cơ quan, ví dụ “UBND phường Hải Đông”.")
@click.option("--place", required=True, help="Địa danh ghi trên văn bản, ví dụ “Hải Đông”.")
@click.option(
    "--recipient", default="Sở Khoa học và Công nghệ thành phố Hải Phòng", show_default=True, help="Nơi nhận báo cáo."
)
@click.option("--admin", default="quantri", show_default=True, help="Tên đăng nhập của quản trị viên đầu tiên.")
@click.option("--another", is_flag=True, help="Thêm vào cơ sở dữ liệu đã có phường khác.")
def ward_create(name: str, place: str, recipient: str, admin: str, another: bool) -> None:
    """Tạo phường, in mật khẩu lần đầu của quản trị viên; việc còn lại làm trên web."""
    from webapp.organisation.new_ward import NewWard, set_up_ward
    from webapp.runtime import runtime

    new = NewWard(name=name, place=place, city_recipient=recipient, administrator=admin, is_another=another)

    def tell(username: str, password: str) -> None:
        click.echo(f"Đăng nhập lần đầu, khi lệnh này xong: {username} / {password}")

    with application().app_context():
        set_up_ward(runtime(), settings(), new, tell)
    click.echo(f"Đã tạo {name.strip()}.")


@ward.command("password")
@click.argument("username")
@click.option("--ward", "name", help="Tên cơ quan, khi cơ sở dữ liệu có nhiều phường.")
def ward_password(username: str, name: str | None) -> None:
    """Cấp mật khẩu dùng một lần cho một tài khoản, khi không quản trị viên nào đăng nhập được."""
    from webapp.organisation.forgotten import reset_password_of
    from webapp.runtime import runtime

    with application().app_context():
        click.echo(f"Mật khẩu dùng một lần của {username}: {reset_password_of(runtime(), username, name)}")


@main.group()
def demo() -> None:
    """Phường mẫu để dùng thử."""


@demo.command("load")
def demo_load() -> None:
    """Nạp phường mẫu vào cơ sở dữ liệu trống; đã có dữ liệu thì giữ nguyên. In ra các tài khoản."""
    from webapp.demo import load

    app = application()
    with app.app_context():
        click.echo(load(app))


@main.group()
def plan() -> None:
    """Kế hoạch."""


@plan.command("read")
@click.argument("file", type=READ_HERE)
@click.option("--json", "as_json", is_flag=True, help="In toàn bộ kết quả đọc dạng JSON.")
def plan_read(file: Path, as_json: bool) -> None:
    """Đọc một văn bản kế hoạch (.docx, .xlsx, .pdf, .txt) và in các nhiệm vụ trong phụ lục."""
    from webapp.plans.reading import PlanUnreadable, read_plan

    try:
        reading = read_plan(file.name, bytes_of(file))
    except PlanUnreadable as error:
        raise click.ClickException(str(error)) from error
    result = reading.to_json()
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for task in result["tasks"]:
        leads = "; ".join(task["leads"]) or "(chưa có đơn vị chủ trì)"
        click.echo(f"{task['group']}.{task['ordinal']}\t{leads}\t{task['timing_text']}\t{task['content']}")
    click.echo(f"{len(result['tasks'])} nhiệm vụ, {len(result['unread'])} đoạn chưa đọc được.", err=True)


@main.group()
def definition() -> None:
    """Quy trình (sơ đồ BPMN)."""


@definition.command("check")
@click.argument("files", nargs=-1, required=True, type=READ_HERE)
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def definition_check(files: tuple[Path, ...], as_json: bool) -> None:
    """Kiểm tra sơ đồ trước khi triển khai; thoát với mã 1 nếu có sơ đồ không triển khai được."""
    from webapp.procedures.bundles import check_file

    results = [check_file(file) for file in files]
    if as_json:
        text = json.dumps([result.to_json() for result in results], ensure_ascii=False, indent=1)
        click.echo(text.encode())  # Whatever the terminal's own encoding: JSON is UTF-8.
    else:
        for result in results:
            click.echo(result.to_text())
    sys.exit(0 if all(result.deployable for result in results) else 1)


@definition.command("deploy")
@click.argument("file", type=READ_HERE)
@click.option("--reason", default="Triển khai từ dòng lệnh", show_default=True, help="Lý do thay đổi.")
@click.option("--forms", type=click.Path(path_type=Path, file_okay=False), help="Thư mục biểu mẫu (*.form).")
@click.option("--despite-rehearsals", "despite", is_flag=True, help="Vẫn triển khai dù có bài thử đi khác.")
def definition_deploy(file: Path, reason: str, forms: Path | None, despite: bool) -> None:
    """Đưa một sơ đồ vào áp dụng cho hồ sơ mới; hồ sơ đang chạy giữ bản cũ. Các bài thử được giữ chạy lại trước."""
    from webapp.procedures.deploying_files import deploy_file

    with application().app_context():
        click.echo(deploy_file(file, reason, forms, despite=despite))


@main.command()
@click.argument("file", type=WRITTEN_HERE)
def backup(file: Path) -> None:
    """Sao lưu toàn bộ dữ liệu (cơ sở dữ liệu và tệp đính kèm) vào một tệp, trong khi hệ thống đang chạy."""
    from webapp.app import create_app
    from webapp.backups.making import back_up
    from webapp.backups.progress import told
    from webapp.backups.stopping import stoppable
    from webapp.runtime import now

    with create_app(settings()).app_context():  # Of an older version too: one backs up before upgrading.
        try:
            with told(), stoppable("chưa ghi bản sao lưu nào"):
                manifest = back_up(settings(), file, now())
        except OSError as error:
            raise click.ClickException(f"Không ghi được bản sao lưu vào {file}: {why(error)}.") from error
    click.echo(f"Đã sao lưu vào {file}: cơ sở dữ liệu và {len(manifest.files)} tệp đính kèm.")
    for name in manifest.missing:
        click.echo(f"THIẾU hoặc hỏng trên đĩa: {name}", err=True)
    sys.exit(1 if manifest.missing else 0)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Thay toàn bộ dữ liệu đang có.")
def restore(file: Path, replace: bool) -> None:
    """Phục hồi từ tệp sao lưu, rồi kiểm tra nhật ký. Nơi phục hồi phải trống, trừ khi có --replace."""
    from webapp.app import create_app
    from webapp.backups.progress import told
    from webapp.backups.restoring import restore as put_back
    from webapp.backups.stopping import stoppable
    from webapp.presentation import moment

    create_app(settings()).extensions["quytrinh"].close()  # The trail is read with all that the product records.
    kept = "dữ liệu đang có còn nguyên"
    try:
        with told(), stoppable(kept):
            restored = put_back(settings(), file, replace=replace)
    except OSError as error:
        raise click.ClickException(f"Không phục hồi được vào {settings().data_dir}: {why(error)}; {kept}.") from error
    made_at = moment(datetime.fromisoformat(restored.manifest.made_at))
    click.echo(f"Đã phục hồi bản sao lưu lúc {made_at}, {len(restored.manifest.files)} tệp đính kèm.")
    for name in restored.gone:
        click.echo(f"Bản sao lưu không có nên không còn: {name}.", err=True)
    for fault in restored.faults:
        click.echo(fault, err=True)
    if not restored.faults:
        click.echo("Nhật ký nguyên vẹn.")
    for name in restored.lost:
        click.echo(f"THIẾU hoặc hỏng trên đĩa: {name}", err=True)
    for unwanted in restored.left:
        click.echo(f"Không còn dùng mà không xóa được {unwanted.filename}: {why(unwanted)}.", err=True)
    sys.exit(0 if restored.holds else 1)


@main.group()
def audit() -> None:
    """Nhật ký không sửa được."""


@audit.command("heads")
@click.option("--out", required=True, type=WRITTEN_HERE, help="Tệp xuất (.gz thì nén).")
def audit_heads(out: Path) -> None:
    """Xuất dòng cuối của mọi chuỗi nhật ký; giữ tệp ở nơi khác để sau này đối chiếu."""
    from engine.audit import heads
    from engine.heads import export_heads
    from webapp.runtime import runtime

    with application().app_context(), runtime().reading() as connection:
        try:
            count = export_heads(heads(connection), out, runtime().now(connection))
        except OSError as error:
            raise click.ClickException(f"Không ghi được tệp {out}: {why(error)}.") from error
    click.echo(f"Đã xuất đầu của {count} chuỗi nhật ký vào {out}.")


@audit.command("verify")
@click.option(
    "--heads",
    "exported",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Tệp đầu chuỗi đã xuất trước đây: tìm ra cả phần đuôi bị cắt, chuỗi bị viết lại.",
)
def audit_verify(exported: Path | None) -> None:
    """Đi dọc các chuỗi nhật ký, so các bảng và tệp đính kèm với nhật ký; chỉ ra chỗ hỏng đầu tiên."""
    from engine.audit import differences, verify
    from engine.heads import read_heads
    from webapp.documents.attachments import file_store
    from webapp.documents.auditing import file_faults
    from webapp.runtime import runtime

    if exported:
        require_file(exported)
    with application().app_context(), runtime().reading() as connection:
        broken = verify(connection, read_heads(exported) if exported else ())
        different = [*differences(connection), *file_faults(connection, file_store())]
    for link in broken:
        click.echo(f"{link.stream} dòng {link.sequence}: {link.reason}")
    for difference in different:
        click.echo(difference)
    if broken or different:
        sys.exit(1)
    click.echo("Nhật ký nguyên vẹn.")


@main.group()
def mail() -> None:
    """Thư điện tử."""


@mail.command("test")
@click.argument("address")
def mail_test(address: str) -> None:
    """Gửi một thư thử đến một địa chỉ; in ra máy chủ thư trả lời thế nào."""
    from webapp.notifications.trial import send_trial

    click.echo(send_trial(address, settings()))


@main.command()
@click.argument("rows", nargs=-1)
@click.option(
    "--scale", type=click.IntRange(1), default=10_000, show_default=True, help="Số bước đang mở trong dữ liệu đo."
)
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def bench(rows: tuple[str, ...], scale: int, as_json: bool) -> None:
    """Đo tốc độ, mỗi dòng so với mức sàn đo trong cùng lần chạy (docs/benchmarks.md)."""
    from webapp.benchmarks import run

    for line in run(rows, scale=scale, as_json=as_json):
        click.echo(line)
