"""All that is wrong with an uploaded drawing, in words its author can act on."""

from collections.abc import Collection, Mapping

from engine.spiff.calls import Called, Calls
from engine.spiff.check_expressions import expression_findings
from engine.spiff.check_flow import flow_findings
from engine.spiff.check_names import name_findings
from engine.spiff.check_steps import PARTIES, ROLES, step_findings
from engine.spiff.compile import compile_drawing
from engine.spiff.expressions import NOTHING
from engine.spiff.findings import Finding, InvalidDefinition, most_important
from engine.spiff.parse import read_drawing
from engine.spiff.soundness import soundness_findings
from engine.spiff.structure import structural_findings
from engine.spiff.throws import throw_findings


def check_bpmn(
    source: bytes,
    forms: Mapping[str, Collection[str]] | None = None,
    services: Collection[str] | None = None,
    called: Called = NOTHING,
    *,
    roles: Collection[str] = ROLES,
    parties: Collection[str] = PARTIES,
    units: Collection[str] | None = None,
) -> list[Finding]:
    """The findings of a drawing, errors first; never raises, whatever the bytes.

    `forms` are the bundle's forms by id, each with the names of its process variables, where it is known with the
    values that may be chosen in each (none of a field that is typed); `called` the compiled
    versions of the processes that it may call; `units` the codes of the tenant's units.
    """
    try:
        drawing = read_drawing(source)
        calls = Calls(drawing, called)
        findings = structural_findings(drawing)
        if not _errors(findings):
            findings += flow_findings(drawing, calls.passing())
            findings += throw_findings(drawing, calls.told())
        if not _errors(findings):
            compile_drawing(drawing, "", calls)
        findings += calls.findings()
        findings += step_findings(drawing, forms, services, roles, parties, units)
        findings += expression_findings(drawing, forms)
        findings += name_findings(drawing)
        if not _errors(findings):
            findings += soundness_findings(drawing)
    except InvalidDefinition as invalid:
        findings = list(invalid.findings)
    return most_important(findings)


def _errors(findings: Collection[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)
