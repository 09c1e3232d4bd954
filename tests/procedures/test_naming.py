"""Shapes and arrows without a name are told by what they are and where they stand, on the server as in the browser."""

import random
from pathlib import Path

import pytest
from lxml import etree

from engine.spiff import Naming, check_bpmn, read_xml
from engine.spiff.drawing import ACTIVITIES, EVENTS, GATEWAYS
from engine.spiff.naming import FLOWS as ARROWS
from engine.spiff.naming import local
from tests.engine.spiff.drawings import bpmn, end, start, user, xor
from tests.procedures.conftest import Ask
from webapp.procedures.bundles import SHIPPED, shipped_diagram
from webapp.procedures.differences import differences

SHAPES = ACTIVITIES | EVENTS | GATEWAYS
LIFECYCLE = shipped_diagram("task_lifecycle")
FLOWS = "s>a\na>g\ng>b if a.ok\ng>e default\nb>e"


def called(source: bytes, names: dict[str, str]) -> bytes:
    """The drawing with other names on some of its elements, or none."""
    root = read_xml(source)
    for element in root.iter():
        if name := names.get(element.get("id")):
            element.set("name", name)
        elif element.get("id") in names:
            del element.attrib["name"]
    written: bytes = etree.tostring(root)
    return written


def unnamed(source: bytes, *ids: str) -> bytes:
    return called(source, dict.fromkeys(ids, ""))


@pytest.mark.parametrize(
    ("id", "phrase"),
    [
        ("unit_approved", "cổng rẽ nhánh sau “Duyệt báo cáo đơn vị”"),
        ("accept_lapsed", "hẹn giờ trên viền “Nhận việc”"),
        ("rework_requested", "sự kiện thông điệp trên viền “Theo kỳ báo cáo”"),
        ("closed", "sự kiện kết thúc sau “Đóng nhiệm vụ”"),
    ],
)
def test_a_shape_without_a_name_is_told_by_its_kind_and_place(id: str, phrase: str) -> None:
    naming = Naming(read_xml(unnamed(LIFECYCLE, id)))
    assert naming.phrase(id) == phrase
    assert naming.label(id) in phrase
    assert naming.title(id) == phrase[0].upper() + phrase[1:]


def test_a_branch_says_from_where_and_behind_it_which_branch() -> None:
    drawn = called(bpmn(start(), user("a"), xor("g"), user("b"), end(), flows=FLOWS), {"a": "Kiểm tra", "g": "Đạt?"})
    assert Naming(read_xml(drawn)).phrase("f_g_b") == "mũi tên từ “Đạt?” đến bước sau “Đạt?”"
    assert Naming(read_xml(called(drawn, {"f_g_b": "Có"}))).phrase("b") == "bước sau “Đạt?”, nhánh “Có”"


@pytest.mark.parametrize("key", SHIPPED)
def test_the_browser_says_the_same(ask: Ask, key: str, tmp_path: Path) -> None:
    """Whatever lacks a name: all gateways and events, or any half of the elements."""
    root = read_xml(shipped_diagram(key))
    named = [each for each in root.iter() if each.get("id") and each.get("name")]
    draw = random.Random(key)
    chosen = [[each.get("id") for each in named if local(each) in EVENTS | GATEWAYS]]
    chosen += [[each.get("id") for each in named if draw.random() < 0.5] for _ in range(4)]
    chosen += [[each.get("id") for each in named]]
    drawings = [unnamed(shipped_diagram(key), *ids) for ids in chosen]
    files = [tmp_path / f"{number}.bpmn" for number in range(len(drawings))]
    for file, drawing in zip(files, drawings, strict=True):
        file.write_bytes(drawing)
    for drawing, answer in zip(drawings, ask("named", [str(file) for file in files]), strict=True):
        naming, drawn = Naming(read_xml(drawing)), read_xml(drawing)
        ids = [each.get("id") for each in drawn.iter() if local(each) in (*SHAPES, *ARROWS)]
        assert {id: answer[id] for id in ids} == {
            id: [naming.noun(id), naming.phrase(id), naming.title(id)] for id in ids
        }


def test_findings_and_changes_name_no_shape_by_its_id() -> None:
    drawn = bpmn(start(), user("a"), xor("g"), user("b", form=""), end(), flows=FLOWS.replace("default", "if a.no"))
    source = called(drawn, {"a": "Kiểm tra"}).replace(b'"g"', b'"Gateway_0x1"').replace(b'"b"', b'"Activity_7"')
    messages = [finding.message for finding in check_bpmn(source, {"f": ["ok", "no"]}, ())]
    assert any("Bước sau “Kiểm tra” chưa có biểu mẫu" in message for message in messages)
    assert any("Cổng sau “Kiểm tra” chưa có nhánh mặc định" in message for message in messages)
    labels = [each.label for each in differences(bpmn(start(), end(), flows="s>e"), source)]
    assert "Cổng rẽ nhánh sau “Kiểm tra”" in labels
    assert "Mũi tên từ cổng rẽ nhánh sau “Kiểm tra” đến bước sau “Kiểm tra”" in labels
    assert not [text for text in (*messages, *labels) if "Gateway_0x1" in text or "Activity_7" in text]


def test_a_message_is_told_in_words_with_its_code_beside() -> None:
    renamed = LIFECYCLE.replace(b'name="condition.met"', b'name="report.asked"', 1)
    assert [(each.label, each.details[0].old, each.details[0].new) for each in differences(LIFECYCLE, renamed)] == [
        (
            "Thông điệp “Kỳ khác hỏi báo cáo (report.asked)”",
            "Văn bản đang chờ đã có (condition.met)", "Kỳ khác hỏi báo cáo (report.asked)",
        )
    ]  # fmt: skip
