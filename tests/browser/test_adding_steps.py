"""A step that is added behind another, by the panel."""

from itertools import product
from typing import Any, NamedTuple

import pytest
from lxml import etree
from playwright.sync_api import expect

from tests.browser.pages.editor import choose, drawing_of, edit, expect_saved, panel
from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage
from tests.support.servers import StartServer

STEPS = {"accept": "Nhận việc", "self_check": "Kiểm tra chéo (tự báo cáo)", "execute": "Thực hiện, báo kết quả"}
NAMES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL", "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
}  # fmt: skip
NODES = "//bpmn:lane/bpmn:flowNodeRef/text()"


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        beside = self.right <= other.left or other.right <= self.left
        return not beside and self.top < other.bottom and other.top < self.bottom


def box_of(drawing: Any, element: str) -> Box:
    (bounds,) = drawing.xpath(f"//di:BPMNShape[@bpmnElement='{element}']/dc:Bounds", namespaces=NAMES)
    x, y, width, height = (float(bounds.get(side)) for side in ("x", "y", "width", "height"))
    return Box(x, y, x + width, y + height)


def lane_of(drawing: Any, element: str | None) -> str:
    (lane,) = drawing.xpath(f"//bpmn:lane[bpmn:flowNodeRef='{element}']/@id", namespaces=NAMES)
    return str(lane)


@pytest.mark.prove
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_it_stands_in_the_lane_of_the_step_before_it_and_over_no_other(
    start_server: StartServer, organisation_url: str, new_page: NewPage
) -> None:
    """The lane says who does it. These lanes have little room."""
    server = start_server(organisation_url, "--no-scheduler")
    page = Officer(new_page(base_url=server.url), "quantri").page
    edit(page, "Thực hiện nhiệm vụ của kế hoạch")
    added = {}
    for step, name in STEPS.items():
        field = choose(page, step, name)
        panel(page).get_by_role("button", name="Thêm bước sau hình này").press("Enter")
        expect(field).to_have_value("")
        added[page.locator(".djs-shape.selected").get_attribute("data-element-id") or ""] = step
    expect_saved(page)
    drawing = etree.fromstring(drawing_of(page, "task_lifecycle"))
    assert {one: lane_of(drawing, one) for one in added} == {one: lane_of(drawing, step) for one, step in added.items()}
    boxes = {node: box_of(drawing, node) for node in drawing.xpath(NODES, namespaces=NAMES)}
    others = [(one, other) for one, other in product(added, boxes) if one != other]
    assert [pair for pair in others if boxes[pair[0]].meets(boxes[pair[1]])] == []
