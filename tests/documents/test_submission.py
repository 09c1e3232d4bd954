"""What the city receives: data in a documented form, and a package whose manifest vouches for each file."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import webapp.documents
from tests.documents.samples import DATA, ISSUED, REPORT
from webapp.documents.rendering.content import content_hash
from webapp.documents.rendering.json_schemas import submission_json_schema
from webapp.documents.rendering.packages import package
from webapp.documents.rendering.submission import Version, submission_of, to_json
from webapp.documents.rendering.submission_schemas import SubmissionSchema

VERSIONS = (
    Version(1, 3, date(2026, 12, 10)),
    Version(2, 5, date(2026, 12, 14), "Thành phố trả lại: sửa số liệu nhóm I"),
)
SUBMISSION = submission_of(DATA, ISSUED, VERSIONS)
PUBLISHED = Path(webapp.documents.__file__).parent / "submission.schema.json"
GUIDE = Path(webapp.documents.__file__).parents[2] / "docs" / "submission-schema.md"


def packed(**changes):
    return package(SUBMISSION, pdf=b"%PDF", docx=b"PK", appendix=b"PK", **changes)


def names_in(schema):
    """Every property name of a JSON Schema, however deep."""
    for name, part in schema.get("properties", {}).items():
        yield name
        yield from names_in(part)
    if "items" in schema:
        yield from names_in(schema["items"])


def test_the_data_holds_what_the_report_says():
    data = json.loads(to_json(SUBMISSION))
    task = data["tasks"][2]
    assert (task["group"], task["ordinal"], task["status"], task["completed_on"]) == (
        "III", "3.6", "done_on_time", "2026-11-20",
    )  # fmt: skip
    assert task["result"].startswith("Đã tổ chức 02 lớp")
    assert task["contributions"] == [
        {"unit": "Công an phường", "state": "result", "text": "Cử 12 cán bộ dự tập huấn."},
        {"unit": "Phòng Kinh tế, Hạ tầng và Đô thị", "state": "absent", "text": ""},
    ]
    assert data["tasks"][0]["difficulties"][0]["recommendation"] == "Sớm ban hành hướng dẫn."
    assert [one["unit"] for one in data["difficulties"]] == ["Trạm Y tế"]
    assert data["document"]["number"] == 5
    assert data["document"]["signer"]["name"] == "Trần Thị Bình"
    assert data["document"]["content_hash"] == content_hash(ISSUED)
    assert data["versions"][1]["reason"].startswith("Thành phố trả lại")
    assert data["missing_units"][0]["reminded_on"] == ["2026-12-01", "2026-12-07"]
    assert data["summary"] == {
        "total": 3, "done_on_time": 1, "done_late": 0, "in_time": 0, "overdue": 1,
        "nothing_arose": 1, "waiting": 0, "cancelled": 0,
    }  # fmt: skip


def test_a_blank_number_and_date_are_null():
    document = json.loads(to_json(submission_of(DATA, REPORT, ())))["document"]
    assert (document["number"], document["issued"]) == (None, None)


def test_a_plan_without_groups_and_numbers_is_sent_too():
    [first, *_] = DATA.groups
    task = replace(first.tasks[0], ordinal="")
    told = submission_of(replace(DATA, groups=(replace(first, numeral="", title="", tasks=(task,)),)), ISSUED, VERSIONS)
    [sent] = json.loads(to_json(told))["tasks"]
    assert (sent["group"], sent["group_title"], sent["ordinal"]) == ("", "", "")


def test_the_data_loads_back_by_the_schema_and_strangers_are_refused():
    data = json.loads(to_json(SUBMISSION))
    assert SubmissionSchema().validate(data) == {}
    assert "extra" in SubmissionSchema().validate({**data, "extra": 1})
    assert "tasks" in SubmissionSchema().validate({**data, "tasks": [{}]})


def test_data_that_does_not_fit_is_not_sent():
    with pytest.raises(ValueError, match="title"):
        to_json(replace(SUBMISSION, plan=replace(DATA.plan, title="")))


def test_the_published_schema_is_the_one_that_is_checked():
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == submission_json_schema()


def test_the_guide_names_every_field():
    guide = GUIDE.read_text(encoding="utf-8")
    assert [name for name in names_in(submission_json_schema()) if f"`{name}`" not in guide] == []


def test_the_manifest_vouches_for_each_file():
    with zipfile.ZipFile(io.BytesIO(packed(attachments={"Minh chứng 1.jpg": b"jpeg"}))) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert [one["name"] for one in manifest["files"]] == [
            "bao-cao.pdf", "bao-cao.docx", "phu-luc.xlsx", "du-lieu.json", "Minh chứng 1.jpg",
        ]  # fmt: skip
        for one in manifest["files"]:
            content = archive.read(one["name"])
            assert (one["bytes"], one["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert (manifest["number"], manifest["issued"], manifest["version"]) == (5, "2026-12-14", 2)


def test_the_same_content_gives_the_same_package():
    assert packed() == packed()


@pytest.mark.parametrize("name", ["../a.pdf", "/etc/passwd", ".hidden", "manifest.json", "bao-cao.pdf", "", "a\\b"])
def test_an_attachment_cannot_take_another_place(name):
    with pytest.raises(ValueError, match="Tên tệp"):
        packed(attachments={name: b""})
