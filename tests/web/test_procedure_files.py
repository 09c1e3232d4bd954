"""Procedures as files: taken in from other tools, handed on as an archive, and what an attacker would send."""

import io
import json
import re
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from engine.models import ProcessDefinition
from tests.web.wards import Visitor, Ward, text_of
from webapp.procedures.archives import pack
from webapp.procedures.bundles import deploy_shipped, shipped_diagram
from webapp.procedures.models import ProcedureDraft
from webapp.procedures.sources import empty_diagram

SOURCE = shipped_diagram("difficulty")
LAUGHS = b"<!DOCTYPE l [" + b"".join(
    b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"ha") for n in range(10)
) + b"]><l>&l9;</l>"  # fmt: skip
OUTSIDE = b'<!DOCTYPE d [<!ENTITY f SYSTEM "../secret.txt">]>' + SOURCE.partition(b"?>")[2]


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    return ward.signed_in("quantri")


def upload(visitor: Visitor, path: str, field: str, content: bytes, name: str, **fields: str) -> TestResponse:
    """Post a file, whatever its size, as a browser does."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + content + b"\r\n--b--\r\n"
    headers = {"X-CSRFToken": visitor.token, "Accept": "application/json" if field == "source" else "text/html"}
    return visitor.send(path, body, "multipart/form-data; boundary=b", headers=headers)


def bring(visitor: Visitor, content: bytes, name: str = "a.bpmn", **fields: str) -> TestResponse:
    return upload(visitor, "/quy-trinh-moi", "file", content, name, start="file", **fields)


def findings(visitor: Visitor, key: str, source: bytes) -> list[dict[str, Any]]:
    answer = upload(visitor, f"/quy-trinh/{key}/ban-nhap/kiem-tra", "source", source, "a.bpmn")
    found: list[dict[str, Any]] = answer.get_json()["findings"]
    return found


def drafts(ward: Ward) -> list[str]:
    return sorted(key for (key,) in ward.rows(sa.select(ProcedureDraft.key)))


# --- beginning ---


def test_a_procedure_begins_empty_from_a_shipped_one_or_from_a_file(ward: Ward, admin: Visitor) -> None:
    assert "Tạo hoặc nhập quy trình" in text_of(admin.get("/quy-trinh-moi"))
    admin.post("/quy-trinh-moi", {"start": "empty", "name": "Đôn đốc đột xuất", "key": "don_doc"})
    admin.post(
        "/quy-trinh-moi", {"start": "shipped", "shipped": "difficulty", "key": "kho_khan_rieng", "name": "Riêng"}
    )
    bring(admin, SOURCE)
    assert drafts(ward) == ["difficulty", "don_doc", "kho_khan_rieng"]
    assert "Đôn đốc đột xuất" in text_of(admin.get("/quy-trinh"))
    copied = admin.get("/quy-trinh/kho_khan_rieng/ban-nhap.bpmn").data
    assert findings(admin, "kho_khan_rieng", copied) == []


def test_what_is_missing_is_said(ward: Ward, admin: Visitor) -> None:
    for fields, message in (
        ({"start": "empty", "name": ""}, "Chưa nhập tên quy trình."),
        ({"start": "empty", "name": "A"}, "Mã quy trình gồm chữ thường không dấu"),
        ({"start": "shipped", "shipped": "x"}, "Chọn một quy trình có sẵn."),
        ({"start": "file"}, "Chưa chọn tệp."),
    ):
        refused = admin.post("/quy-trinh-moi", {"key": "Hai Từ", "replace": "1", **fields})
        assert refused.status_code == 422
        assert message in text_of(refused)
        page = refused.get_data(as_text=True)
        assert page.count('value="Hai Từ"') == page.count('name="replace" value="1" checked') == 1
    assert drafts(ward) == []


def test_a_file_replaces_a_draft_only_when_asked_to(ward: Ward, admin: Visitor) -> None:
    bring(admin, SOURCE)
    refused = bring(admin, SOURCE.replace(b"Khai", b"x"))
    assert "đang có bản nháp" in text_of(refused)
    assert bring(admin, empty_diagram("difficulty", "Khác"), replace="1").status_code == 302
    assert b"Kh\xc3\xa1c" in admin.get("/quy-trinh/difficulty/ban-nhap.bpmn").data


# --- handing on ---


def test_an_archive_goes_from_ward_to_ward_without_loss(ward: Ward, admin: Visitor) -> None:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    page = admin.get("/quy-trinh/difficulty").get_data(as_text=True)
    link = re.search(r'href="(/quy-trinh/[0-9a-f-]+/goi\.zip)"', page)
    assert link
    packed = admin.get(link[1]).data
    assert bring(admin, packed, "goi.zip").status_code == 302
    assert admin.get("/quy-trinh/difficulty/ban-nhap.bpmn").data == SOURCE
    form = re.search(r'href="(/quy-trinh/[0-9a-f-]+/tep-bieu-mau/[^"]+\.form)"', page)
    assert form
    assert json.loads(admin.get(form[1]).data)["components"]


def archive(**entries: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in entries.items():
            opened.writestr(name.replace("__", "/").replace("_bpmn", ".bpmn").replace("_json", ".json"), content)
    return written.getvalue()


def manifest(forms: list[str]) -> bytes:
    named = {"format": "quytrinh-procedure", "version": 1, "key": "difficulty", "forms": forms}
    return json.dumps(named).encode()


ODD_ARCHIVES = {
    b"PK\x03\x04 nonsense": "Không đọc được gói",
    archive(procedure_bpmn=SOURCE): "Gói thiếu tệp manifest.json",
    archive(manifest_json=b"{}", procedure_bpmn=SOURCE): "Gói không phải gói quy trình",
    archive(manifest_json=manifest([]), procedure_bpmn=bytes(9_000_000)): "quá lớn",
    archive(manifest_json=manifest(["../../etc/passwd"]), procedure_bpmn=SOURCE): "Gói thiếu tệp",
}


def test_an_odd_archive_is_refused(ward: Ward, admin: Visitor) -> None:
    for content, message in ODD_ARCHIVES.items():
        refused = bring(admin, content, "goi.zip")
        assert refused.status_code == 422
        assert message in text_of(refused)
    assert drafts(ward) == []


def test_a_form_with_a_path_for_a_name_is_refused(ward: Ward, admin: Visitor) -> None:
    packed = pack(SOURCE, {"..": b"{}"}, "")
    assert "tên không hợp lệ" in text_of(bring(admin, packed, "goi.zip"))
    assert drafts(ward) == []


def test_a_form_joins_a_draft(admin: Visitor) -> None:
    bring(admin, SOURCE)
    form = json.dumps({"type": "default", "id": "y_kien", "components": [], "schemaVersion": 18}).encode()
    sent = {"form": (io.BytesIO(form), "y_kien.form")}
    answer = admin.post("/quy-trinh/difficulty/ban-nhap/bieu-mau", sent, content_type="multipart/form-data")
    assert answer.status_code == 302
    forms = admin.get("/quy-trinh/difficulty/ban-nhap.json").get_json()["forms"]
    assert [form["id"] for form in forms if form["own"]] == ["y_kien"]
    bad = {"form": (io.BytesIO(b"{"), "hong.form")}
    refused = admin.post(
        "/quy-trinh/difficulty/ban-nhap/bieu-mau", bad, content_type="multipart/form-data", follow_redirects=True
    )
    assert "Biểu mẫu có lỗi" in text_of(refused)


# --- what an attacker would send ---


HOSTILE = {
    b"<" + bytes(6 * 1024 * 1024): "Tệp quá lớn",
    LAUGHS: "DOCTYPE",
    OUTSIDE: "DOCTYPE",
    b"": "Tệp trống",
    b"\x89PNG\r\n": "không phải sơ đồ BPMN",
    b"<a/>": "không phải sơ đồ BPMN",
}


def test_a_hostile_file_gets_its_sentence_and_nothing_else(ward: Ward, admin: Visitor) -> None:
    """5 MB and more, a billion laughs, an outside entity, nothing, a picture, other XML."""
    for content, message in HOSTILE.items():
        refused = bring(admin, content)
        assert refused.status_code == 422
        assert message in text_of(refused)
    assert drafts(ward) == []
    bring(admin, SOURCE)
    for content in HOSTILE:
        assert [finding["severity"] for finding in findings(admin, "difficulty", content)] == ["error"]


SCRIPTED = (
    empty_diagram("scripted", "Lệnh")
    .replace(b"bpmn:userTask", b"bpmn:scriptTask")
    .replace(b"</bpmn:scriptTask>", b"<bpmn:script>x = __import__('os').system('id')</bpmn:script></bpmn:scriptTask>")
)


HOSTILE_CODE = (
    SCRIPTED,
    SOURCE.replace(b'focal_answer.decision == "forward"', b"9**9**9"),
    SOURCE.replace(b'value="working_days(3)"', b'value="().__class__.__bases__"', 1),
)


def test_hostile_code_is_a_finding_and_is_never_deployed(ward: Ward, admin: Visitor) -> None:
    """A script task that imports, a huge power, a way to classes."""
    for source in HOSTILE_CODE:
        key = bring(admin, source, replace="1").headers["Location"].split("/")[2]
        assert "bad-expression" in {finding["code"] for finding in findings(admin, key, source)}
        refused = admin.post(f"/quy-trinh/{key}/trien-khai", {"version": "1", "reason": "x"})
        assert refused.status_code == 422
    assert ward.rows(sa.select(ProcessDefinition.id)) == []


def test_markup_in_a_name_is_text(ward: Ward, admin: Visitor) -> None:
    name = "<script>alert(1)</script>"
    source = empty_diagram("marked", name)
    key = bring(admin, source).headers["Location"].split("/")[2]
    for path in ("/quy-trinh", "/quy-trinh/marked", "/quy-trinh/marked/sua", "/quy-trinh/marked/trien-khai"):
        page = admin.get(path).get_data(as_text=True)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
    assert findings(admin, key, source)
