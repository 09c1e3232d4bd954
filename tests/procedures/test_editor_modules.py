"""The diagram editor's own modules: its words, and the small languages of properties as tables and back."""

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.reminders import parse_reminders
from engine.spiff import read_xml
from engine.spiff.check_events import ALLOWED, STARTS_BESIDE, TELLING
from engine.spiff.drawing import ACTIVITIES, EVENT_KINDS, GATEWAYS
from tests.engine.spiff.drawings import both, bpmn, end, start, user, xor
from tests.procedures.conftest import Ask
from webapp.procedures.bundles import SHIPPED, shipped_diagram


def shipped(name: str) -> list[str]:
    """Every value of a property in the shipped diagrams."""
    texts = [shipped_diagram(key).decode() for key in SHIPPED]
    values = [value for text in texts for value in re.findall(rf'name="{name}" value="([^"]*)"', text)]
    return sorted({value.replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", '"') for value in values})


def test_every_word_of_the_drawing_tool_has_its_vietnamese(ask: Ask) -> None:
    assert ask("words") > 100
    assert ask("untranslated") == []


def test_a_table_of_reminders_is_written_as_the_engine_reads_it(ask: Ask) -> None:
    given = shipped("reminders")
    assert len(given) > 5
    for before, after in zip(given, ask("reminders", given), strict=True):
        assert parse_reminders(after) == parse_reminders(before)
    assert ask("unreadable", ["every day", "-2wd holder", "-2h 08:00 holder"]) == [None, None, None]


BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def as_drawn(*shapes: str, flows: str) -> bytes:
    """As the drawing tool writes it: each shape names its arrows."""
    root = read_xml(bpmn(*shapes, flows=flows))
    known = {element.get("id"): element for element in root.iter() if element.get("id")}
    for flow in root.iter(f"{BPMN}sequenceFlow"):
        for side, tag in (("sourceRef", "outgoing"), ("targetRef", "incoming")):
            etree.SubElement(known[flow.get(side)], f"{BPMN}{tag}").text = flow.get("id")
    written: bytes = etree.tostring(root)
    return written


def notes(ask: Ask, source: bytes) -> dict[str, str]:
    """Code → message of bpmnlint's notes."""
    (found,) = ask("lint", [source.decode()])
    return {finding["code"]: finding["message"] for finding in found}


def test_shipped_drawings_leave_nothing_to_note(ask: Ask) -> None:
    assert {key: notes(ask, shipped_diagram(key)) for key in SHIPPED} == {key: {} for key in SHIPPED}


def test_what_is_hard_to_read_is_noted_in_vietnamese_with_how_to_mend_it(ask: Ask) -> None:
    source = as_drawn(start(), user("a"), xor("g"), both("p"), user("b"), user("lone"), end(),
                      flows="s>a\na>g\ng>p\ng>b default\np>b\nb>e\nb>p\np>e")  # fmt: skip
    found = notes(ask, source)
    mended = "vừa gom vừa tách nhánh: tách thành hai cổng cho dễ hiểu."
    assert found["no-gateway-join-fork"] == f"Cổng song song có mã “p” {mended}"
    assert found.keys() == {
        "label-required", "conditional-flows", "no-gateway-join-fork", "no-disconnected", "no-implicit-split",
        "no-implicit-end", "no-implicit-start",
    }  # fmt: skip
    assert all(":" in message and not re.search("Element|Gateway|Flow", message) for message in found.values())


def test_what_the_server_says_better_is_said_once(ask: Ask) -> None:
    source = as_drawn(start(), user("a"), user("lone"), end(), flows="s>a\na>e").decode()
    alone = ask("merged", [[], source])
    unreachable = {"code": "unreachable", "severity": "error", "element": "lone", "message": ""}
    assert {"no-disconnected"} < set(alone)
    assert "no-disconnected" not in ask("merged", [[unreachable], source])


DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"


@pytest.mark.parametrize("key", SHIPPED)
def test_a_drawing_without_layout_gets_one_with_all_its_lanes(ask: Ask, key: str, tmp_path: Path) -> None:
    root = read_xml(shipped_diagram(key))
    for diagram in list(root.iter(f"{DI}BPMNDiagram")):
        root.remove(diagram)
    bare = tmp_path / "bare.bpmn"
    bare.write_bytes(etree.tostring(root))
    laid = read_xml(ask("layout", str(bare)).encode())
    centres = {shape.get("bpmnElement"): centre_of(shape.find(f"{DC}Bounds")) for shape in laid.iter(f"{DI}BPMNShape")}
    drawn = {each.get("bpmnElement") for each in laid.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")}
    known = ("userTask", "serviceTask", "exclusiveGateway", "boundaryEvent", "intermediateCatchEvent", "sequenceFlow")
    known += ("textAnnotation", "association")
    assert {each.get("id") for each in laid.iter(*(f"{BPMN}{tag}" for tag in (*known, "lane", "endEvent")))} <= drawn
    for lane in laid.iter(f"{BPMN}lane"):
        (shape,) = [each for each in laid.iter(f"{DI}BPMNShape") if each.get("bpmnElement") == lane.get("id")]
        bounds = shape.find(f"{DC}Bounds")
        top, height = float(bounds.get("y")), float(bounds.get("height"))
        inside = [reference.text for reference in lane.iter(f"{BPMN}flowNodeRef") if reference.text in centres]
        assert inside
        assert all(top < centres[node] < top + height for node in inside)


def test_messages_go_straight_to_the_pool_of_others(ask: Ask, tmp_path: Path) -> None:
    bare = tmp_path / "lifecycle.bpmn"
    bare.write_bytes(shipped_diagram("task_lifecycle"))
    laid = read_xml(ask("layout", str(bare)).encode())
    arrows = {arrow.get("id") for arrow in laid.iter(f"{BPMN}messageFlow")}
    ways = [edge for edge in laid.iter(f"{DI}BPMNEdge") if edge.get("bpmnElement") in arrows]
    assert len(ways) == len(arrows) > 1
    assert all(len({point.get("x") for point in way}) == 1 and len(way) == 2 for way in ways)


def test_the_drawing_is_searched_as_people_type(ask: Ask) -> None:
    source = as_drawn(start(), user("a"), xor("g"), user("b"), end(), flows="s>a\na>g\ng>b default\nb>e").decode()
    source = source.replace('id="a"', 'id="a" name="Kiểm tra chéo"').replace('id="b"', 'id="b" name="Đóng"')
    assert ask("found", [source, "kiem"])[0] == ["a", "[Kiểm] tra chéo"]
    assert ask("found", [source, "DONG"]) == [["b", "[Đóng]"], ["e", "Sự kiện kết thúc sau “[Đóng]”"]]
    assert ["g", "[Cổng] rẽ nhánh sau “[Kiểm] tra chéo”"] in ask("found", [source, "cong kiem"])


def centre_of(bounds: Any) -> float:
    return float(bounds.get("y")) + float(bounds.get("height")) / 2


def capital(word: str) -> str:
    return word[0].upper() + word[1:]


def test_the_menus_offer_the_shapes_that_can_be_deployed(ask: Ask) -> None:
    known = {*ACTIVITIES, *GATEWAYS, "task", "businessRuleTask", "complexGateway", "transaction", "adHocSubProcess"}
    offered = ask("offered", [[f"bpmn:{capital(kind)}", "", None] for kind in sorted(known)])
    assert {shape for shape, _, _ in offered} == {f"bpmn:{capital(kind)}" for kind in ACTIVITIES | GATEWAYS}


def test_the_menus_offer_the_events_that_can_be_deployed(ask: Ask) -> None:
    kinds = ("none", *EVENT_KINDS, "conditional", "compensate", "cancel", "link")
    events = {kind: "" if kind == "none" else f"bpmn:{capital(kind)}EventDefinition" for kind in kinds}
    beside = {"$parent": {"triggeredByEvent": True}}
    on_person = {"attachedToRef": {"$type": "bpmn:UserTask"}}
    asked = [[f"bpmn:{capital(place)}", events[kind], None] for place in ALLOWED for kind in kinds]
    asked += [["bpmn:StartEvent", events[kind], beside] for kind in kinds]
    asked += [["bpmn:BoundaryEvent", events[kind], on_person] for kind in kinds]
    told_nothing = [kind for kind in ALLOWED["boundaryEvent"] if kind not in TELLING]
    allowed = [[f"bpmn:{capital(place)}", events[kind], None] for place in ALLOWED for kind in ALLOWED[place]]
    allowed += [["bpmn:StartEvent", events[kind], beside] for kind in STARTS_BESIDE]
    allowed += [["bpmn:BoundaryEvent", events[kind], on_person] for kind in told_nothing]
    assert sorted(map(str, ask("offered", asked))) == sorted(map(str, allowed))


def test_a_due_time_comes_back_as_it_was(ask: Ask) -> None:
    given = [*shipped("due"), "", "end_of(deadline)", 'working_days(2, "08:00")']
    kinds = []
    for before, (kind, after) in zip(given, ask("dues", given), strict=True):
        assert after == before
        kinds.append(kind)
    assert {"none", "after", "date", "text"} == set(kinds)


CONDITIONS = {
    'accept.decision == "hand_back"': 'accept.decision == "hand_back"',
    "case.carry_over and not case.blocked": "case.carry_over and not case.blocked",
    'a.x == "1" or b.y != "and"': 'a.x == "1" or b.y != "and"',
    "count.n >= 2.5": "count.n >= 2.5",
    "": "",
    'a.b in ["x", "y"]': None,
    "a.b and (c.d or e.f)": None,
    "a.b and c.d or e.f": None,
    "9**9**9": None,
}


def test_a_condition_is_a_table_where_that_loses_nothing(ask: Ask) -> None:
    assert dict(zip(CONDITIONS, ask("conditions", list(CONDITIONS)), strict=True)) == CONDITIONS
