"""Where a drawing's shapes and lines stand: making room for a step, and drawing it."""

from collections.abc import Iterable
from typing import Any

from lxml import etree

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
GAP = 60
TASK, GATEWAY = (100, 80), (50, 50)
WIDE = 600
"""No step is as wide: other lanes and pools are, and grow with the one that holds the new step."""
CLEARANCE = 30
"""How far above its step a line back runs."""


class Layout:
    """The shapes and lines of a drawing; one without a layout stays without."""

    def __init__(self, root: Any) -> None:
        self._plane: Any = next(root.iter(f"{DI}BPMNPlane"), None)

    def make_room(self, element_id: str, elements: int) -> None:
        """Move what stands right of an element further to the right."""
        bounds = self._bounds(element_id)
        if bounds is None:
            return
        edge = _number(bounds, "x") + _number(bounds, "width")
        by = TASK[0] + GAP + (GATEWAY[0] + GAP if elements > 1 else 0)
        passed = []
        for box in self._plane.iter(f"{DC}Bounds"):
            left, width = _number(box, "x"), _number(box, "width")
            if left < edge < left + width:
                if _holds(box, bounds):
                    box.set("width", _text(width + by))  # A lane, a pool, a sub-process around it.
                    continue
                passed.append(_sides(box))
            if left + width > edge:
                box.set("x", _text(left + by))
        for point in self._plane.iter(WAYPOINT):
            x, y = _number(point, "x"), _number(point, "y")
            if x > edge or any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in passed):
                point.set("x", _text(x + by))

    def place_after(self, element_id: str, added: Iterable[Any]) -> None:
        """Put new elements in a row behind an element."""
        bounds = self._bounds(element_id)
        if bounds is None:
            return
        right = _number(bounds, "x") + _number(bounds, "width")
        middle = _number(bounds, "y") + _number(bounds, "height") / 2
        for element in added:
            width, height = TASK if element.tag.endswith("userTask") else GATEWAY
            shape = etree.SubElement(
                self._plane, f"{DI}BPMNShape", id=f"{element.get('id')}_di", bpmnElement=element.get("id")
            )
            if width == GATEWAY[0]:
                shape.set("isMarkerVisible", "true")
            _box(shape, right + GAP, middle - height / 2, width, height)
            right += GAP + width

    def draw(self, flow_id: str, source: str, target: str, *, is_back: bool) -> None:
        """A line from the right side of one to the left side of the other; one that leads back runs above."""
        start, end = self._bounds(source), self._bounds(target)
        if start is None or end is None:
            return
        edge = etree.SubElement(self._plane, f"{DI}BPMNEdge", id=f"{flow_id}_di", bpmnElement=flow_id)
        if is_back:
            top = _number(end, "y") - CLEARANCE
            points = [(_middle(start), _number(start, "y")), (_middle(start), top), (_middle(end), top)]
            _points(edge, [*points, (_middle(end), _number(end, "y"))])
        else:
            _points(edge, [_right(start), _left(end)])

    def lead_from(self, flow_id: str, source: str) -> None:
        """A line now begins at another element."""
        edge, bounds = self._of(flow_id), self._bounds(source)
        points = [] if edge is None else edge.findall(WAYPOINT)
        if points and bounds is not None:
            x, y = _right(bounds)
            points[0].set("x", _text(x))
            points[0].set("y", _text(y))

    def lead_to(self, flow_id: str, target: str) -> None:
        """A line now ends at another element."""
        edge, bounds = self._of(flow_id), self._bounds(target)
        points = [] if edge is None else edge.findall(WAYPOINT)
        if points and bounds is not None:
            x, y = _left(bounds)
            points[-1].set("x", _text(x))
            points[-1].set("y", _text(y))

    def drop(self, element_id: str) -> None:
        """Draw an element no more."""
        drawn = self._of(element_id)
        if drawn is not None:
            drawn.getparent().remove(drawn)

    def _of(self, element_id: str) -> Any:
        if self._plane is None:
            return None
        return next((drawn for drawn in self._plane if drawn.get("bpmnElement") == element_id), None)

    def _bounds(self, element_id: str) -> Any:
        shape = self._of(element_id)
        return None if shape is None else shape.find(f"{DC}Bounds")


def _number(box: Any, name: str) -> float:
    return float(box.get(name, "0"))


def _sides(box: Any) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    left, top = _number(box, "x"), _number(box, "y")
    return left, top, left + _number(box, "width"), top + _number(box, "height")


def _holds(box: Any, inner: Any) -> bool:
    """Whether one lies around another, or, as lanes do, beside it over the whole height of a pool."""
    left, top, right, bottom = _sides(box)
    a, b, c, d = _sides(inner)
    return left <= a and c <= right and ((top <= b and d <= bottom) or right - left > WIDE)


def _text(number: float) -> str:
    return f"{number:g}"


def _box(shape: Any, x: float, y: float, width: float, height: float) -> None:
    sides = {"x": x, "y": y, "width": width, "height": height}
    etree.SubElement(shape, f"{DC}Bounds", {name: _text(value) for name, value in sides.items()})


def _points(edge: Any, points: list[tuple[float, float]]) -> None:
    for x, y in points:
        etree.SubElement(edge, WAYPOINT, x=_text(x), y=_text(y))


def _middle(box: Any) -> float:
    return _number(box, "x") + _number(box, "width") / 2


def _right(box: Any) -> tuple[float, float]:
    return _number(box, "x") + _number(box, "width"), _number(box, "y") + _number(box, "height") / 2


def _left(box: Any) -> tuple[float, float]:
    return _number(box, "x"), _number(box, "y") + _number(box, "height") / 2
