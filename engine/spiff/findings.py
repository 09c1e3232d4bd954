"""What is wrong with a drawing, said so that its author can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

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
    return Finding(code, "error", element, message)


def warning(code: str, element: str | None, message: str) -> Finding:
    """A finding that the author should look at."""
    return Finding(code, "warning", element, message)
