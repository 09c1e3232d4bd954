"""What is wrong with a command line, in Vietnamese: click says it in English."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from click.exceptions import Exit, NoArgsIsHelpError

from webapp.refusals_of_system import why


@contextmanager
def misuse_in_vietnamese() -> Iterator[None]:
    """Say what is wrong, and where to read how the command is written; then end as click would."""
    try:
        yield
    except NoArgsIsHelpError:
        raise  # The help itself.
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "quytrinh"
        click.echo(f"{_fault(error)} Xem cách dùng: {path} --help", err=True)
        raise Exit(error.exit_code) from error


def _fault(error: click.UsageError) -> str:
    match error:
        case click.NoSuchCommand():
            return f"Không có lệnh “{error.command_name}”.{_meant(error.possibilities)}"
        case click.NoSuchOption():
            return f"Không có tùy chọn “{error.option_name}”.{_meant(error.possibilities)}"
        case click.BadOptionUsage():
            return f"Tùy chọn “{error.option_name}” thiếu giá trị, hoặc không nhận giá trị nào."
        case click.MissingParameter(param=click.Parameter() as parameter):
            return f"Thiếu “{_name(parameter)}”."
        case click.BadParameter(param=click.Parameter() as parameter):
            return f"“{_name(parameter)}” phải là {_expected(parameter.type)}."
    return "Có tham số thừa."


def _meant(possibilities: list[str] | None) -> str:
    return f" Có phải “{'”, “'.join(possibilities)}” không?" if possibilities else ""


def _name(parameter: click.Parameter) -> str:
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name


def _expected(kind: click.ParamType[Any]) -> str:
    match kind:
        case click.IntRange(max=None):
            return f"số nguyên từ {kind.min} trở lên"
        case click.IntRange():
            return f"số nguyên từ {kind.min} đến {kind.max}"
        case click.Path(file_okay=False):
            return "một thư mục đọc được"
        case click.Path(readable=False):
            return "một tệp, không phải thư mục"
    return "một tệp đọc được"


def bytes_of(file: Path) -> bytes:
    """All of a file that somebody named. Raises ClickException."""
    require_file(file)
    return file.read_bytes()


def require_file(file: Path) -> None:
    """Raises ClickException for what can't be opened, or is no regular file: a device or a pipe may never end."""
    try:
        if file.exists() and not file.is_dir() and not file.is_file():
            raise OSError
        file.open("rb").close()
    except OSError as error:
        raise click.ClickException(f"Không mở được tệp {file}: {why(error)}.") from error
