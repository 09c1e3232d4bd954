"""Checks a page that is open in a browser with axe-core, by the rules of WCAG 2.2 AA."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, within: str | None = None) -> list[str]:
    """Return what axe-core finds wrong, one line for each element: rule, place and reason; empty when all is well.

    `within` is a CSS selector of the part to look at. The script enters through the debugger, so that a strict
    Content-Security-Policy stays in force.
    """
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "([within, rules]) => axe.run(within ?? document, {runOnly: rules, resultTypes: ['violations']})",
        [within, RULES],
    )
    return [_line(violation, node) for violation in found["violations"] for node in violation["nodes"]]


def be_ready(page: Page) -> None:
    """Have the script in each page that is opened from now on: compiled once for them all, not for each again."""
    page.add_init_script(f"if (window === window.top) {{ {AXE.read_text(encoding='utf-8')} }}")


def _line(violation: dict[str, Any], node: dict[str, Any]) -> str:
    place = " ".join(str(part) for part in node["target"])
    reason = " ".join(str(node.get("failureSummary", "")).split())
    return f"{violation['id']}: {place}: {reason}"
