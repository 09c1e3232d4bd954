"""What `--help` says around our own sentences, in Vietnamese: click says it in English."""

import re
from collections.abc import Iterable

import click

_HEADINGS = {"Options": "Tùy chọn", "Commands": "Lệnh", "Positional arguments": "Tham số"}
_WORDS = {
    "[OPTIONS]": "[TÙY CHỌN]",
    "COMMAND [ARGS]...": "LỆNH [THAM SỐ]...",
    "INTEGER RANGE": "SỐ",
    "Show this message and exit.": "Xem cách dùng.",
    "Show the version and exit.": "Xem phiên bản.",
    "[required]": "[bắt buộc]",
    "[default: ": "[mặc định: ",
}
_FROM = re.compile(r"(\d+)<=x<=(\d+)\]|x>=(\d+)\]")


class VietnameseHelp(click.HelpFormatter):
    """click's own, but for its words."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, _in_vietnamese(args), prefix or "Cách dùng: ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(_HEADINGS.get(heading, heading))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        said = [(_in_vietnamese(name), _in_vietnamese(told)) for name, told in rows]
        super().write_dl(said, col_max, col_spacing)


def _in_vietnamese(text: str) -> str:
    for english, vietnamese in _WORDS.items():
        text = text.replace(english, vietnamese)
    return _FROM.sub(lambda found: f"từ {found[3]}]" if found[3] else f"{found[1]} đến {found[2]}]", text)
