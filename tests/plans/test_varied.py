"""Plans made at random, as wards may write them: every row found, none invented, in every kind of file."""

import pytest

from tests.plans.makers import MAKERS, to_unruled_pdf
from tests.plans.varied import Varied, as_text, make
from webapp.plans.reading import PlanReading, read_plan

Row = tuple[str, str, str, str, str]


def told(reading: PlanReading) -> list[Row]:
    return [
        (task.group, task.ordinal, " ".join(task.content.split()), task.source.lead_text, task.timing_text)
        for task in reading.tasks
    ]


def check(plan: Varied, reading: PlanReading, seed: int) -> None:
    assert told(reading) == plan.tasks, f"seed {seed}"
    assert reading.unread == (), f"seed {seed}"
    assert reading.head.title == "Thực hiện Đề án phát triển phường Hoa Sen"
    assert not any(task.timing.kind in ("unknown", "none") for task in reading.tasks)


def seeds(seed: int, times: int) -> range:
    return range(seed * times, (seed + 1) * times)


@pytest.mark.parametrize("block", range(6))
@pytest.mark.parametrize("paged", [False, True], ids=["whole", "cut"])
def test_every_row_of_a_text_is_found_and_none_invented(block: int, paged: bool) -> None:
    for seed in seeds(block, 10):
        plan = make(seed)
        check(plan, read_plan("a.txt", as_text(plan, seed, paged=paged).encode()), seed)


@pytest.mark.parametrize("kind", MAKERS)
def test_every_row_of_other_files_is_found_and_none_invented(kind: str) -> None:
    for seed in seeds(100, 2 if kind == "pdf" else 6):
        plan = make(seed)
        check(plan, read_plan(f"a.{kind}", MAKERS[kind](as_text(plan, seed, paged=False))), seed)


def test_every_row_of_a_pdf_without_rules_is_found_and_none_invented() -> None:
    for seed in (5, 18, 20):
        plan = make(seed)
        reading = read_plan("a.pdf", to_unruled_pdf(as_text(plan, seed, paged=False)))
        check(plan, reading, seed)
        assert any("không kẻ khung" in warning for warning in reading.warnings)


@pytest.mark.prove
@pytest.mark.parametrize("kind", ["txt", *MAKERS])
def test_a_year_of_plans_is_read_row_for_row(kind: str) -> None:
    for seed in seeds(7, 30 if kind == "pdf" else 300):
        plan = make(seed)
        text = as_text(plan, seed, paged=kind == "txt")
        check(plan, read_plan(f"a.{kind}", text.encode() if kind == "txt" else MAKERS[kind](text)), seed)
