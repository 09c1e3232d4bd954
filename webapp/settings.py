"""Configuration: a few environment variables, each with a sane default; a bad one stops the start with a sentence."""

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from engine.database import connect
from engine.errors import InvalidConfiguration
from webapp.refusals_of_system import why

MEGABYTE = 1024 * 1024
WORKERS = min(2, os.cpu_count() or 1)
"""Processes that answer pages unless told otherwise: while one is busy, another answers."""
SHORTEST_KEY = 32
DATABASE_FORM = "DATABASE_URL phải có dạng sqlite:///… hoặc postgresql://tài-khoản:mật-khẩu@máy-chủ:cổng/tên."


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    data_dir: Path  # DATA_DIR: database, attachments, secret key
    database_url: str  # DATABASE_URL: sqlite:///… or postgresql://…
    secret_key: str  # SECRET_KEY: signs sessions; made and kept under DATA_DIR if absent
    base_url: str  # BASE_URL: how people reach the application, for links in mails
    smtp_url: SplitResult | None  # SMTP_URL: smtp[s]://user:password@host:port; absent: mails are not sent
    mail_from: str  # MAIL_FROM
    max_upload_bytes: int  # MAX_UPLOAD_MB: the largest attachment
    movable_clock: bool  # MOVABLE_CLOCK: 1 for demos and rehearsals only
    secure_cookies: bool  # SECURE_COOKIES: 1 behind HTTPS (default: when BASE_URL is https)
    trusted_proxies: int  # TRUSTED_PROXIES: how many reverse proxies stand in front

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises InvalidConfiguration, naming the variable and what it should be. An empty one is as if it were not."""
        environment = {name: value.strip() for name, value in environment.items() if value.strip()}
        data_dir = _data_dir(environment)
        base_url = _http_url(environment, "BASE_URL", "http://127.0.0.1:8000")
        return cls(
            data_dir=data_dir,
            database_url=_database_url(environment, data_dir),
            secret_key=_secret_key(environment) or _kept_secret(data_dir),
            base_url=base_url,
            smtp_url=_smtp_url(environment),
            mail_from=_mail_from(environment),
            max_upload_bytes=_integer(environment, "MAX_UPLOAD_MB", 20, 1, 200) * MEGABYTE,
            movable_clock=_switch(environment, "MOVABLE_CLOCK", default=False),
            secure_cookies=_switch(environment, "SECURE_COOKIES", default=base_url.startswith("https:")),
            trusted_proxies=_integer(environment, "TRUSTED_PROXIES", 0, 0, 5),
        )


def _data_dir(environment: Mapping[str, str]) -> Path:
    """The folder of everything that is kept; where it has to be made, it is for its owner only."""
    path = Path(environment.get("DATA_DIR", "var")).absolute()
    with _of_data_dir(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextmanager
def _of_data_dir(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidConfiguration(f"DATA_DIR phải là thư mục ghi được: {path}: {why(error)}.") from error


def _database_url(environment: Mapping[str, str], data_dir: Path) -> str:
    url = environment.get("DATABASE_URL") or f"sqlite:///{data_dir / 'quytrinh.sqlite3'}"
    try:
        engine = connect(url)  # Opens nothing yet, but refuses an address it can't serve.
    except ValueError as error:
        raise InvalidConfiguration(DATABASE_FORM) from error
    except OSError as error:
        raise InvalidConfiguration(f"DATABASE_URL phải chỉ nơi ghi được: {why(error)}.") from error
    engine.dispose()
    if engine.dialect.name == "sqlite" and engine.url.database in (None, "", ":memory:"):
        raise InvalidConfiguration("DATABASE_URL phải chỉ một tệp: dữ liệu trong bộ nhớ mất khi chương trình dừng.")
    return url


def _secret_key(environment: Mapping[str, str]) -> str:
    text = environment.get("SECRET_KEY", "")
    if text and len(text) < SHORTEST_KEY:
        raise InvalidConfiguration(f"SECRET_KEY phải có ít nhất {SHORTEST_KEY} ký tự ngẫu nhiên.")
    return text


def _kept_secret(data_dir: Path) -> str:
    """The key kept for this data; of processes that start at once all take the first one's."""
    path = data_dir / "secret_key"
    with _of_data_dir(data_dir):
        if not path.exists():
            _make_secret(path)
        key = path.read_bytes().decode("ascii", "replace").strip()
    if len(key) < SHORTEST_KEY:
        raise InvalidConfiguration(f"Tệp {path} hỏng. Hãy xóa tệp này để tạo khóa mới; mọi người sẽ đăng nhập lại.")
    return key


def _make_secret(path: Path) -> None:
    made = path.with_name(f"secret_key.{secrets.token_hex(8)}")
    made.touch(mode=0o600)
    made.write_text(secrets.token_hex(32))
    with suppress(FileExistsError):
        path.hardlink_to(made)  # There whole, or not at all.
    made.unlink()


def _integer(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name, str(default))
    if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
        raise InvalidConfiguration(f"{name} phải là số nguyên từ {least} đến {most}, không phải {text!r}.")
    return int(text)


def _switch(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environment.get(name, "1" if default else "0")
    if text not in ("0", "1"):
        raise InvalidConfiguration(f"{name} chỉ nhận 0 hoặc 1, không nhận {text!r}.")
    return text == "1"


def _http_url(environment: Mapping[str, str], name: str, default: str) -> str:
    text = environment.get(name, default).rstrip("/")
    parts = _address(text, "http", "https")
    if parts is None or parts.query or parts.fragment:
        raise InvalidConfiguration(f"{name} phải có dạng http://tên-miền hoặc https://tên-miền, không phải {text!r}.")
    return text


def _smtp_url(environment: Mapping[str, str]) -> SplitResult | None:
    text = environment.get("SMTP_URL", "")
    if not text:
        return None
    parts = _address(text, "smtp", "smtps")
    if parts is None:  # It may hold a password, so it is not repeated.
        raise InvalidConfiguration("SMTP_URL phải có dạng smtp://máy-chủ:cổng hoặc smtps://máy-chủ:cổng.")
    return parts


def _address(text: str, *schemes: str) -> SplitResult | None:
    """A network address with a host and a port that there can be; else None."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in schemes and parts.hostname and parts.hostname.encode("idna") and parts.port != 0
    except ValueError:
        return None
    return parts if usable and not any(sign.isspace() for sign in text) else None


def _mail_from(environment: Mapping[str, str]) -> str:
    text = environment.get("MAIL_FROM", "quytrinh@localhost")
    if not re.fullmatch(r"[\x21-\x7e]+@[a-zA-Z0-9.-]+", parseaddr(text)[1]) or not text.isprintable():
        raise InvalidConfiguration(f"MAIL_FROM phải là địa chỉ thư, ví dụ quytrinh@phuong.gov.vn, không phải {text!r}.")
    return text
