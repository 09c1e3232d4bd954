"""The diagram editor's own modules: its words, and the small languages of properties as tables and back."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from engine.reminders import parse_reminders
from webapp.procedures.bundles import SHIPPED, shipped_diagram


def ask(what: str, given: object = None) -> Any:
    """What the modules make of it, as Node loads them."""
    script = Path(__file__).with_name("editor.mjs")
    done = subprocess.run(["node", script, what, json.dumps(given)], capture_output=True, check=True)
    return json.loads(done.stdout)


def shipped(name: str) -> list[str]:
    """Every value of a property in the shipped diagrams."""
    texts = [shipped_diagram(key).decode() for key in SHIPPED]
    values = [value for text in texts for value in re.findall(rf'name="{name}" value="([^"]*)"', text)]
    return sorted({value.replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", '"') for value in values})


def test_every_word_of_the_drawing_tool_has_its_vietnamese() -> None:
    assert ask("words") > 100
    assert ask("untranslated") == []


def test_a_table_of_reminders_is_written_as_the_engine_reads_it() -> None:
    given = shipped("reminders")
    assert len(given) > 5
    for before, after in zip(given, ask("reminders", given), strict=True):
        assert parse_reminders(after) == parse_reminders(before)
    assert ask("unreadable", ["every day", "-2wd holder", "-2h 08:00 holder"]) == [None, None, None]


def test_a_due_time_comes_back_as_it_was() -> None:
    given = [*shipped("due"), "", "end_of(deadline)", 'working_days(2, "08:00")']
    kinds = []
    for before, (kind, after) in zip(given, ask("dues", given), strict=True):
        assert after == before
        kinds.append(kind)
    assert {"none", "after", "date", "text"} == set(kinds)


CONDITIONS = {
    'accept.decision == "hand_back"': 'accept.decision == "hand_back"',
    "case.carry_over and not case.blocked": "case.carry_over and not case.blocked",
    'a.x == "1" or b.y != "and"': 'a.x == "1" or b.y != "and"',
    "count.n >= 2.5": "count.n >= 2.5",
    "": "",
    'a.b in ["x", "y"]': None,
    "a.b and (c.d or e.f)": None,
    "a.b and c.d or e.f": None,
    "9**9**9": None,
}


def test_a_condition_is_a_table_where_that_loses_nothing() -> None:
    assert dict(zip(CONDITIONS, ask("conditions", list(CONDITIONS)), strict=True)) == CONDITIONS
