"""Names that are written as if they were a page of the web: shown as they stand, and never meant."""

import re
from collections.abc import Iterator

from engine.spiff.drawing import Drawing
from engine.spiff.findings import Finding, warning

MARKUP = re.compile(r"<\s*[a-z!/]", re.IGNORECASE)
SHOWN = 80
SAID = "phần mềm chỉ hiện đúng những chữ ấy, không chạy; viết lại tên cho dễ đọc"


def name_findings(drawing: Drawing) -> list[Finding]:
    """Of the process, its shapes, arrows and lanes."""
    return [
        warning("markup-in-name", element_id, f"Tên “{name[:SHOWN]}” có mã HTML: {SAID}.")
        for element_id, name in _names(drawing)
        if MARKUP.search(name)
    ]


def _names(drawing: Drawing) -> Iterator[tuple[str | None, str]]:
    yield drawing.process_id, drawing.name
    yield from ((node.id, node.name) for node in drawing.nodes.values())
    yield from ((flow.id, flow.name) for flow in drawing.flows.values())
    yield from ((None, name) for name in dict.fromkeys(node.lane.name for node in drawing.nodes.values()))
