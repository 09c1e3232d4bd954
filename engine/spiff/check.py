"""All that is wrong with an uploaded drawing, in words its author can act on."""

from collections.abc import Collection, Mapping

from engine.spiff.compile import compile_drawing
from engine.spiff.findings import Finding, InvalidDefinition
from engine.spiff.parse import read_drawing
from engine.spiff.structure import structural_findings


def check_bpmn(
    source: bytes, forms: Mapping[str, Collection[str]] | None = None, services: Collection[str] | None = None
) -> list[Finding]:
    """The findings of a drawing; never raises, whatever the bytes."""
    try:
        drawing = read_drawing(source)
        findings = structural_findings(drawing)
        if not any(finding.severity == "error" for finding in findings):
            compile_drawing(drawing, "")
    except InvalidDefinition as invalid:
        return list(invalid.findings)
    return findings
