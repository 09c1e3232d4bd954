"""Drawings with a fault, and the findings that it gives."""

from engine.spiff import check_bpmn
from tests.engine.spiff.drawings import bpmn, end, start, user

SIMPLE = "s>a\na>e"
FORMS = {"f": ["ok", "kind"]}


def found(source: bytes, **options) -> list[tuple[str, str | None]]:
    findings = check_bpmn(source, **{"forms": FORMS, "services": ["register"], **options})
    assert all(finding.message[0].isupper() or finding.message[0] == "“" for finding in findings)
    assert all(finding.message.endswith(".") for finding in findings)
    return [(finding.code, finding.element) for finding in findings]


def shape(tag: str, inner: str = "", attributes: str = "") -> str:
    return f'<bpmn:{tag} id="x"{attributes}>{inner}</bpmn:{tag}>'


def event(tag: str, definition: str, attributes: str = "") -> str:
    return shape(tag, f"<bpmn:{definition}/>", attributes)


def simple(step: str, **properties: str) -> bytes:
    return bpmn(start(), step, end(), flows=SIMPLE, **properties)


def around(step: str) -> bytes:
    """A drawing with a step x between two others."""
    return bpmn(start(), user("a"), step, end(), flows="s>a\na>x\nx>e")
