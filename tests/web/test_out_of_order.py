"""No room, no database: the page says so, keeps what was typed and offers to send it again."""

import errno
import io
import os
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support.databases import full
from tests.web.wards import Ward, text_of

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def test_the_page_says_that_the_disk_is_full_and_sends_the_words_again(ward: Ward) -> None:
    step = ward.open_step("yte")
    officer = ward.signed_in("yte.cv1")
    typed = {"text": "\nNội dung <quan trọng> & dài. " * 300, "decision": "send"}
    officer.get(f"/viec/{step}")
    with full(ward.runtime.database):
        answer = officer.post(f"/viec/{step}", typed)
    page = text_of(answer)
    assert (answer.status_code, "Máy chủ đã hết chỗ lưu" in page, "Gửi lại" in page) == (503, True, True)
    assert page.count("Nội dung <quan trọng> & dài.") == 300
    assert f'action="/viec/{step}"' in answer.text
    assert officer.post(f"/viec/{step}", typed).status_code == 302


def test_a_page_that_failed_never_gives_a_password_back(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> Any:
        raise sa.exc.OperationalError("SELECT", None, Exception("gone"))

    visitor = ward.visitor()
    visitor.get("/dang-nhap")
    monkeypatch.setattr(ward.runtime.database.dialect, "do_execute", gone)
    answer = visitor.post("/dang-nhap", {"identifier": "yte.cv1", "password": ward.demo.password})
    monkeypatch.undo()
    assert (answer.status_code, ward.demo.password in answer.text, "Gửi lại" in answer.text) == (503, False, False)


def test_a_file_for_which_there_is_no_room_is_refused_in_words(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    step = ward.open_step("yte")
    officer = ward.signed_in("yte.cv1")

    def no_room(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    sent = {"file": (io.BytesIO(b"%PDF-1.4\n"), "bien-ban.pdf")}
    answer = officer.post(f"/tep?viec={step}", sent, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["message"][:26]) == (503, "Máy chủ đã hết chỗ lưu nên")
