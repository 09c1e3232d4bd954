"""Of Tabler's style sheet the pages get what they can use."""

import json
import re

import pytest

from tests.architecture.sources import ROOT

DIST = ROOT / "webapp" / "static" / "dist"
SHEET = (DIST / json.loads((DIST / "manifest.json").read_text())["app.css"]).read_text()
SELECTORS = {selector for prelude in re.findall(r"[^{};]+(?=\{)", SHEET) for selector in prelude.split(",")}


@pytest.mark.parametrize("selector", [".card", ".col-md-11", "h6"])
def test_what_a_page_names_or_puts_together_has_its_rules(selector: str) -> None:
    assert selector in SELECTORS


def test_what_needs_no_name_has_its_rules() -> None:
    assert "@media(forced-colors:active){:focus-visible{" in SHEET


@pytest.mark.parametrize("name", [".carousel", ".signal", ".steps"])
def test_rules_about_what_no_page_has_are_left_out(name: str) -> None:
    assert not [selector for selector in SELECTORS if name in selector]
