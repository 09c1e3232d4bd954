"""What is wrong with a drawing, said so that its author can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from engine.spiff.naming import capital

LONGEST = 900
MOST = 200

T = TypeVar("T", str, str | None)
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a drawing; errors keep it from being deployed."""

    code: str  # stable, for tests and links to the guide
    severity: Severity
    element: str | None  # the element's id, None where the whole file is meant
    message: str  # Vietnamese; names the element and says how to mend it


class InvalidDefinition(Exception):  # noqa: N818  a refusal is expected, not an error
    """The drawing has errors; `findings` say which."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(" ".join(finding.message for finding in self.findings))


def error(code: str, element: str | None, message: str) -> Finding:
    """A finding that keeps the drawing from being deployed."""
    return Finding(code, "error", _cut(element), _cut(capital(message)))


def warning(code: str, element: str | None, message: str) -> Finding:
    """A finding that the author should look at."""
    return Finding(code, "warning", _cut(element), _cut(capital(message)))


def _cut(text: T) -> T:
    """Names and expressions of a hostile drawing may fill megabytes."""
    return f"{text[:LONGEST]}…." if text is not None and len(text) > LONGEST else text


def most_important(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, no more than anybody reads."""
    ordered = sorted(findings, key=lambda finding: finding.severity != "error")
    left_out = len(ordered) - MOST
    if left_out <= 0:
        return ordered
    more = Finding("more", ordered[MOST].severity, None, f"Còn {left_out} điểm nữa: sửa các điểm trên trước.")
    return [*ordered[:MOST], more]
