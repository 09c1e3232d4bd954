"""Behind nginx as `docs/deploy/nginx.conf` has it: who asks is the browser, and what it makes up counts for nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.support.servers import environment_for
from tests.web.wards import Visitor, Ward, text_of
from webapp.accounts.throttling import keys_of
from webapp.app import create_app
from webapp.settings import Settings

HOST = "quytrinh.phuong.example:8443"


@pytest.fixture
def behind(ward: Ward, tmp_path: Path) -> Iterator[Flask]:
    """The ward's application, told of one proxy."""
    url = ward.runtime.database.url.render_as_string(hide_password=False)
    environment = environment_for(url, tmp_path / "data", BASE_URL=f"https://{HOST}", TRUSTED_PROXIES="1")
    app = create_app(Settings.from_environment(environment))
    yield app
    app.extensions["quytrinh"].close()


def passed_on(browser: str, made_up: str = "", host: str = HOST) -> dict[str, str]:
    """What nginx sends for a browser that may have written something there itself."""
    return {
        "Host": host, "X-Forwarded-Host": host, "X-Forwarded-Proto": "https", "Referer": f"https://{HOST}/dang-nhap",
        "X-Forwarded-For": f"{made_up}, {browser}" if made_up else browser,
    }  # fmt: skip


def comes(app: Flask, headers: dict[str, str]) -> Visitor:
    visitor = Visitor(app.test_client())
    visitor.get("/dang-nhap", headers=headers)
    return visitor


def test_people_sign_in_and_the_cookie_is_for_https_only(behind: Flask) -> None:
    headers = passed_on("10.0.0.7")
    answer = comes(behind, headers).sign_in("khdt.truong", headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "; Secure;" in answer.headers["Set-Cookie"]


def test_failures_count_for_the_browser_that_the_proxy_names(behind: Flask) -> None:
    tolerated = keys_of("", "10.0.0.8").tolerances["address:10.0.0.8"]
    headers = passed_on("10.0.0.8")
    guessing = comes(behind, headers)
    for number in range(tolerated + 1):
        last = guessing.sign_in(f"ai{number}", "sai", headers=passed_on("10.0.0.8", made_up=f"9.9.9.{number}"))
    assert last.status_code == 429
    for elsewhere, status in ("10.0.0.9", 302), ("9.9.9.1", 302), ("10.0.0.8", 429):
        headers = passed_on(elsewhere)
        assert comes(behind, headers).sign_in("khdt.truong", headers=headers).status_code == status, elsewhere


def test_a_proxy_that_loses_the_port_is_in_the_log(behind: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """Each form is refused then, and the page can't tell why."""
    headers = passed_on("10.0.0.7", host=HOST.partition(":")[0])
    answer = comes(behind, headers).sign_in("khdt.truong", headers=headers)
    assert (answer.status_code, "Phiên làm việc đã hết hạn" in text_of(answer)) == (400, True)
    assert "Does the proxy pass on Host?" in caplog.text
