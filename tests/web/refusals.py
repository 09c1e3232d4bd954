"""What tests of bad input share: files, and how a refusal reads."""

import re
from html import unescape
from uuid import UUID

import sqlalchemy as sa
from werkzeug.test import TestResponse

from engine.models import Submission
from tests.web.demo_wards import WorkingWard
from tests.web.wards import Visitor, text_of

# --- a plan file ---

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4" + bytes(64)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
MEGABYTE = 1024 * 1024
BY_SCRIPT = {"X-Requested-With": "fetch"}
NO_LEAD = """KẾ HOẠCH

Nâng cao chất lượng phục vụ

PHỤ LỤC
STT\tNội dung\tĐơn vị chủ trì\tĐơn vị phối hợp\tThời gian thực hiện\tSản phẩm
1\tSửa nhà văn hóa\t\t\tHằng năm\tBáo cáo
"""


def refused(answer: TestResponse, status: int, *words: str) -> str:
    """The page says so in Vietnamese, and nothing of how the program works."""
    assert answer.status_code == status
    page: str = answer.get_json()["message"] if answer.mimetype == "application/json" else text_of(answer)
    for word in words:
        assert word in page, page[:2000]
    assert "Traceback" not in page and "sqlalchemy" not in page.lower() and ".py" not in page
    return page


def typed_in(answer: TestResponse, name: str) -> str:
    """What stands in a field of the page."""
    body = answer.get_data(as_text=True)
    area = re.search(rf'<textarea[^>]*\bname="{name}"[^>]*>(.*?)</textarea>', body, re.DOTALL)
    line = re.search(rf'<input[^>]*\bname="{name}"[^>]*\bvalue="([^"]*)"', body)
    found = area or line
    assert found, f"no field {name}"
    return unescape(found[1]).removeprefix("\n")


def upload(visitor: Visitor, path: str, name: str, content: bytes) -> TestResponse:
    """As a browser does; the test client would write large ones to a file first, and leave it open."""
    body = _part("csrf_token", visitor.token.encode()) + _part("file", content, f'; filename="{name}"') + b"--x--\r\n"
    return visitor.send(path, body, "multipart/form-data; boundary=x")


def _part(field: str, content: bytes, more: str = "") -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{field}"{more}\r\n\r\n'.encode() + content + b"\r\n"


def execute_step(ward: WorkingWard, place: str, unit: str) -> str:
    return f"/viec/{ward.step('execute', ward.case(place, unit))}"


def submissions(ward: WorkingWard, address: str) -> int:
    step = UUID(address.removeprefix("/viec/"))
    return len(ward.rows(sa.select(Submission.id).where(Submission.user_task_id == step)))


def report(ward: WorkingWard, words: str) -> dict[str, str]:
    return {"outcome": "done", "result": words, "completed_on": f"{ward.now():%d/%m/%Y}"}
