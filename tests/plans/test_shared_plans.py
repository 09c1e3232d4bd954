"""The real plans that lie beside a checkout, where there are any, come out row for row."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plans.makers import MAKERS
from webapp.plans.reading import read_plan

PLANS = Path(__file__).parents[2].parent / "shared" / "plans"
EXPECTED = [pytest.param(path, id=path.stem) for path in sorted(PLANS.glob("expected/*.json"))]
TEXTS = [pytest.param(path, id=path.stem) for path in sorted(PLANS.glob("*.txt"))]


def plain(text: str) -> str:
    return " ".join(text.split())


def unchanged(lines: list[str]) -> list[str]:
    return lines


def without_empty_cells_at_the_end(lines: list[str]) -> list[str]:
    return [line.rstrip() for line in lines]


def without_blank_lines(lines: list[str]) -> list[str]:
    return [line for line in lines if line.strip()]


def with_columns_in_another_order(lines: list[str]) -> list[str]:
    width = max(line.count("\t") for line in lines) + 1
    order = random.Random(width).sample(range(width), width)
    cells = [(line, [*line.split("\t"), *[""] * width]) for line in lines]
    return ["\t".join(found[at] for at in order) if "\t" in line else line for line, found in cells]


def with_headers_and_page_numbers_between_rows(lines: list[str]) -> list[str]:
    start = next(at for at, line in enumerate(lines) if line.startswith("STT\t"))
    between = ["", "- 9 -", "", lines[start].upper()]
    paged = [piece for at, line in enumerate(lines[start:]) for piece in ([line] if at % 3 else [line, *between])]
    return [*lines[:start], *paged]


@pytest.mark.parametrize(
    "laid_out",
    [
        unchanged,
        without_empty_cells_at_the_end,
        without_blank_lines,
        with_columns_in_another_order,
        with_headers_and_page_numbers_between_rows,
    ],
)
@pytest.mark.parametrize("path", EXPECTED)
def test_every_row_is_read_as_a_careful_person_reads_it(path: Path, laid_out: Callable[[list[str]], list[str]]) -> None:
    expected = json.loads(path.read_text())
    lines = (PLANS / expected["source"]).read_text().split("\n")
    assert rows_of(expected["source"], "\n".join(laid_out(lines)).encode()) == expected_rows(expected)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("path", EXPECTED)
def test_every_row_is_read_of_other_kinds_of_files_too(path: Path, kind: str) -> None:
    expected = json.loads(path.read_text())
    data = MAKERS[kind]((PLANS / expected["source"]).read_text())
    assert rows_of(f"ke-hoach.{kind}", data) == expected_rows(expected)


def expected_rows(expected: dict[str, Any]) -> list[dict[str, str]]:
    return [{name: plain(value) for name, value in row.items()} for row in expected["rows"]]


def rows_of(name: str, data: bytes) -> list[dict[str, str]]:
    return [
        {
            "group": task["group"],
            "ordinal": task["ordinal"],
            "content": plain(task["content"]),
            "lead": plain("; ".join(task["leads"])),
            "coordinators": plain(task["source"]["coordinators_text"]),
            "timing": plain(task["timing_text"]),
            "product": plain(task["product_text"]),
            "note": plain(task["note"]),
        }
        for task in read_plan(name, data).to_json()["tasks"]
    ]


@pytest.mark.parametrize("path", TEXTS)
def test_nothing_of_a_table_is_lost(path: Path) -> None:
    reading = read_plan(path.name, path.read_bytes())
    rows = {
        number for number, line in enumerate(path.read_text().split("\n"), start=1) if line.strip() and "\t" in line
    }
    used = {place.line for task in reading.tasks for place in task.source.places}
    used |= {group.place.line for group in reading.groups}
    used |= {piece.place.line for piece in (*reading.unread, *reading.passed_over) if piece.place}
    assert rows <= used


@pytest.mark.parametrize("path", TEXTS)
def test_the_head_is_read(path: Path) -> None:
    plan = read_plan(path.name, path.read_bytes()).to_json()["plan"]
    assert (plan["number"], plan["code"], plan["date"]) == (None, "KH-UBND", None)
    assert plan["issuer"].startswith("Ủy ban nhân dân ")
    assert plan["title"] and plan["legal_bases"]
