"""Diagrams of other tools open in the editor, are checked, and come out again without loss of what we don't know."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage
from tests.support.servers import StartServer

FOLDER = Path(__file__).parent / "foreign"
NOTE = "Sửa ở phường"


pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


@pytest.fixture
def page(new_page: NewPage, start_server: StartServer, organisation_url: str) -> Page:
    page = new_page(base_url=start_server(organisation_url, "--no-scheduler").url)
    Officer(page, "quantri")
    return page


def saved_after_a_change(page: Page, file: Path) -> bytes:
    """Bring a file in, rename one step, and take the draft out again."""
    page.goto("/quy-trinh-moi")
    form = page.get_by_role("form", name="Từ tệp")
    form.get_by_label("Tệp", exact=True).set_input_files(file)
    form.get_by_label("Thay bản nháp đang có").check()
    form.get_by_role("button", name="Nhập tệp").click()
    expect(page.locator("[data-procedure-editor][data-ready]")).to_be_visible()
    expect(page.locator("[data-editor-findings] li").first).to_be_visible()
    page.locator('.djs-shape[data-element-id="place_order"] .djs-hit').first.dispatch_event("click", {"button": 0})
    name = page.get_by_label("Tên", exact=True)
    expect(name).to_have_value("Place order")
    name.fill(NOTE)
    name.press("Tab")
    expect(page.locator("[data-editor-status]")).to_contain_text("Đã lưu nháp lúc")
    body: bytes = page.request.get("/quy-trinh/buyer/ban-nhap.bpmn").body()
    return body


MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def said(source: bytes) -> Counter[tuple[Any, ...]]:
    """Every element with its attributes and text, wherever it stands; where the schema has two spellings, in one."""
    return Counter(
        (_tag(element), tuple(sorted(_attributes(element))), (element.text or "").strip())
        for element in etree.fromstring(source).iter()
        if isinstance(element.tag, str)
    )


def _tag(element: Any) -> str:
    """`<formalExpression>` stands for `<expression xsi:type="tFormalExpression">`."""
    return MODEL + "expression" if element.tag == MODEL + "formalExpression" else str(element.tag)


def _attributes(element: Any) -> Iterator[tuple[str, str]]:
    """Without those that say what the schema says anyway; 11.0 is 11."""
    for name, value in element.attrib.items():
        if name != TYPE and (name, value) != ("textFormat", "text/plain"):
            yield name, f"{float(value)}" if re.fullmatch(r"-?\d+(\.\d+)?", value) else value


def test_nothing_of_a_foreign_file_is_lost(page: Page) -> None:
    for file in sorted(FOLDER.glob("*.bpmn")):
        given = file.read_bytes().replace(b'name="Place order"', f'name="{NOTE}"'.encode())
        saved = saved_after_a_change(page, file)
        assert said(given) - said(saved) == Counter(), file.name
        drawn = {e.get("bpmnElement") for e in etree.fromstring(saved).iter() if e.get("bpmnElement")}
        assert drawn >= {"pool_buyer", "pool_seller", "pool_bank", "place_order", "ship", "f1", "g2", "mf_order"}
