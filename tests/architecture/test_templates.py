"""A page asks nothing of the browser that a strict content security policy refuses."""

import re
from pathlib import Path

from tests.architecture.sources import ROOT, written

PRINTED = ROOT / "webapp" / "documents" / "rendering"  # For PDF; no browser ever sees it.
REFUSED = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"""[\s"']style\s*=\s*["'{]""", re.IGNORECASE),
    "event attribute": re.compile(r"""[\s"'](?:on[a-z]+|hx-on[:\w-]*)\s*=\s*["'{]""", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "foreign resource": re.compile(
        r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)=["'](?:https?:)?//""", re.IGNORECASE
    ),
}


def templates() -> list[Path]:
    return [path for path in written("webapp", ".html") if not path.is_relative_to(PRINTED)]


def test_templates_need_no_exception_from_the_policy() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1} {what}"
        for path in templates()
        for text in [path.read_text()]
        for what, pattern in REFUSED.items()
        for found in pattern.finditer(text)
    ]
    assert faults == []


def test_templates_mark_nothing_safe() -> None:
    """What is entered anywhere is escaped; markup is built by macros and `Markup.format`, never by `|safe`."""
    assert [str(path) for path in templates() if re.search(r"\|\s*safe\b", path.read_text())] == []


def test_what_is_missing_is_told_by_the_server_in_our_words() -> None:
    """A browser would say it in its own language; `aria-required` tells those who cannot see the mark."""
    asked = re.compile(r"<(?:input|select|textarea)\b[^>]*(?<!if)\srequired[\s>{]")
    assert [str(path) for path in templates() if asked.search(path.read_text())] == []
