"""The shipped diagrams as drawings: sound, complete with their forms, and laid out so that people can read them."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any, NamedTuple

import pytest
from lxml import etree

from engine.spiff import check_bpmn
from forms.definition import FormDefinition
from tests.engine.procedures import PROCEDURES, ROOT, definition, drawing, form

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
WIDEST = 1440
LETTER_WIDTH, LINE_HEIGHT, AIR = 5.6, 13, 1.1  # of a label, about
FRAMES = ("participant", "lane", "subProcess", "textAnnotation")
FORMS = sorted(path.name.removesuffix(".form") for path in (ROOT / "forms").glob("*.form"))

every_procedure = pytest.mark.parametrize("key", PROCEDURES)


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: "Box") -> bool:
        inside = self.left <= other.left and self.top <= other.top
        return inside and other.right <= self.right and other.bottom <= self.bottom

    def touches(self, other: "Box") -> bool:
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)


class Drawn:
    """A diagram's shapes and edges by the element they draw."""

    def __init__(self, key: str) -> None:
        self.root: Any = etree.fromstring(drawing(key))
        self.kinds = {
            e.get("id"): etree.QName(e).localname for e in self.root.iter(etree.Element) if e.tag.startswith(BPMN)
        }
        self.names = {e.get("id"): e.get("name") or "" for e in self.root.iter(etree.Element)}
        self.boxes = {s.get("bpmnElement"): _box(s.find(f"{DC}Bounds")) for s in self.root.iter(f"{DI}BPMNShape")}
        self.edges = {
            e.get("bpmnElement"): [(float(w.get("x")), float(w.get("y"))) for w in e.iter(WAYPOINT)]
            for e in self.root.iter(f"{DI}BPMNEdge")
        }
        self.labels = {
            label.getparent().get("bpmnElement"): _box(label.find(f"{DC}Bounds"))
            for label in self.root.iter(f"{DI}BPMNLabel")
        }

    def solid(self) -> dict[str, Box]:
        """What stands on the page by itself: no frames, and no events on a border."""
        kinds = (*FRAMES, "boundaryEvent")
        return {element: box for element, box in self.boxes.items() if self.kinds[element] not in kinds}

    def elements(self, *tags: str) -> Iterator[Any]:
        return (element for tag in tags for element in self.root.iter(f"{BPMN}{tag}"))


def _box(bounds: Any) -> Box:
    x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return Box(x, y, x + width, y + height)


@every_procedure
def test_nothing_is_to_be_said_of_a_shipped_diagram(key: str) -> None:
    variables = {form_id: form(form_id).process_variables for form_id in FORMS}
    assert check_bpmn(drawing(key), variables) == []


@every_procedure
def test_every_form_that_a_diagram_names_ships_with_it(key: str) -> None:
    named = {
        element.properties["form"] for element in definition(key).elements.values() if "form" in element.properties
    }
    assert named and named <= set(FORMS)


def test_every_form_is_used_and_bears_its_files_name() -> None:
    elements = [element for key in PROCEDURES for element in definition(key).elements.values()]
    assert {element.properties["form"] for element in elements if "form" in element.properties} == set(FORMS)
    assert [form(form_id).id for form_id in FORMS] == FORMS


def test_who_may_send_is_said_where_a_message_has_a_form() -> None:
    elements = [element for key in PROCEDURES for element in definition(key).elements.values()]
    with_form = [element for element in elements if element.message and "form" in element.properties]
    assert [element.element_id for element in with_form if not element.properties.get("senders")] == []


@pytest.mark.parametrize("form_id", FORMS)
def test_forms_stay_short(form_id: str) -> None:
    definition: FormDefinition = form(form_id)
    assert definition.title
    always_asked = [field for field in definition.fields if field.hide is None]
    assert len(always_asked) <= 11
    assert len(definition.fields) <= 12


@every_procedure
def test_everything_is_drawn_within_the_width_of_a_screen(key: str) -> None:
    drawn = Drawn(key)
    shapes = {element.get("id") for element in drawn.elements("lane", "participant", "textAnnotation")}
    nodes = {reference.text for reference in drawn.elements("flowNodeRef")}
    inner = {
        node.get("id")
        for sub in drawn.elements("subProcess")
        for node in sub
        if node.get("id") and "Flow" not in node.tag
    }
    assert drawn.boxes.keys() == shapes | nodes | inner
    assert drawn.edges.keys() == {
        flow.get("id") for flow in drawn.elements("sequenceFlow", "messageFlow", "association")
    }
    assert max(box.right for box in drawn.boxes.values()) <= WIDEST


@every_procedure
def test_shapes_lie_in_their_lane_and_not_on_each_other(key: str) -> None:
    drawn = Drawn(key)
    for lane in drawn.elements("lane"):
        for reference in lane.iter(f"{BPMN}flowNodeRef"):
            if drawn.kinds[reference.text] != "boundaryEvent":
                assert drawn.boxes[lane.get("id")].holds(drawn.boxes[reference.text]), reference.text
    overlapping = [pair for pair in combinations(drawn.solid().items(), 2) if pair[0][1].touches(pair[1][1])]
    assert overlapping == []


@every_procedure
def test_labels_do_not_lie_on_each_other(key: str) -> None:
    labels = Drawn(key).labels
    assert [(a, b) for a, b in combinations(labels, 2) if labels[a].touches(labels[b])] == []


@every_procedure
def test_labels_touch_no_arrow_and_no_step(key: str) -> None:
    drawn = Drawn(key)
    things = {element: (box,) for element, box in drawn.solid().items() if "Gateway" not in drawn.kinds[element]}
    things |= {flow: tuple(_around(*pair) for pair in pairwise(points)) for flow, points in drawn.edges.items()}
    touching = [
        (label, thing)
        for label, box in drawn.labels.items()
        for thing, boxes in things.items()
        if any(_written(drawn.names[label], box).touches(part) for part in boxes)
    ]
    assert touching == []


def _written(text: str, within: Box) -> Box:
    """Where a label's text stands, in the middle of its box from the top down, with a little air."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) * LETTER_WIDTH <= within.right - within.left or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    middle, half = (within.left + within.right) / 2, max(map(len, lines)) * LETTER_WIDTH / 2
    return Box(middle - half - AIR, within.top, middle + half + AIR, within.top + len(lines) * LINE_HEIGHT + AIR)


@every_procedure
def test_arrows_run_along_rows_and_columns_and_through_no_step(key: str) -> None:
    drawn = Drawn(key)
    ends = {
        f.get("id"): {f.get("sourceRef"), f.get("targetRef")} for f in drawn.elements("sequenceFlow", "messageFlow")
    }
    for flow, points in drawn.edges.items():
        for (x1, y1), (x2, y2) in pairwise(points):
            assert x1 == x2 or y1 == y2, flow
            segment = Box(min(x1, x2), min(y1, y2), max(x1, x2) + 0.01, max(y1, y2) + 0.01)
            crossed = [e for e, box in drawn.solid().items() if box.touches(segment) and e not in ends[flow]]
            assert crossed == [], flow


@every_procedure
def test_no_two_arrows_cross(key: str) -> None:
    """Arrows may join on their way to one shape, or part on their way from one."""
    drawn = Drawn(key)
    flows = {
        f.get("id"): (f.get("sourceRef"), f.get("targetRef")) for f in drawn.elements("sequenceFlow", "messageFlow")
    }
    for one, other in combinations(flows, 2):
        if flows[one][0] != flows[other][0] and flows[one][1] != flows[other][1]:
            assert not _cross(drawn.edges[one], drawn.edges[other]), (one, other)


def _cross(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> bool:
    pairs = ((a, b) for a in pairwise(one) for b in pairwise(other))
    return any(_meet(*a, *b) for a, b in pairs)


def _meet(a: Any, b: Any, c: Any, d: Any) -> bool:
    """Whether two segments, each along a row or a column, have a point in common."""
    one, other = _around(a, b), _around(c, d)
    beside = one.right < other.left or other.right < one.left
    return not (beside or one.bottom < other.top or other.bottom < one.top)


def _around(p: Any, q: Any) -> Box:
    return Box(min(p[0], q[0]), min(p[1], q[1]), max(p[0], q[0]), max(p[1], q[1]))
