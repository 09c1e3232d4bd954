"""Every reading is of the published form."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plans.makers import MAKERS
from tests.plans.samples import HEAD, SEVEN, read, row, text
from tests.plans.test_bodies import BODY
from webapp.plans.reading import read_plan

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "plan-reading.schema.json").read_text())
KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "integer": (int,),
    "number": (int, float), "null": (type(None),),
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], at: str = "$") -> list[str]:
    """What of a value is not as the schema says: the keywords that ours uses."""
    if "$ref" in schema:
        return faults(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], at)
    if "anyOf" in schema:
        found = [faults(value, each, at) for each in schema["anyOf"]]
        return [] if [] in found else found[0]
    named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(type(value) in KINDS[kind] for kind in named):
        return [f"{at} is {type(value).__name__}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at} is {value!r}"]
    if isinstance(value, list):
        return [fault for n, each in enumerate(value) for fault in faults(each, schema["items"], f"{at}[{n}]")]
    if not isinstance(value, dict):
        return []
    missing = [f"{at}.{name} is missing" for name in schema["required"] if name not in value]
    unknown = [f"{at}.{name} is unknown" for name in value if name not in schema["properties"]]
    known = {name: each for name, each in value.items() if name in schema["properties"]}
    inner = [fault for name in known for fault in faults(known[name], schema["properties"][name], f"{at}.{name}")]
    return missing + unknown + inner


RICH = text(
    row("I", "Về cây", "", "", "", "", ""),
    row(
        "1",
        "Phân đầu trồng",
        "Tăng từ 10% năm 2025 lên 60%",
        "Sở A; Sở B",
        "nt",
        "Trước 15/12/2026; hằng năm",
        "Nếu có",
    ),
    row("2", "Tưới", "Báo cáo (nêu rõ số cây)/Biên bản", "Các đơn vị", "", "Sau khi có vốn", "", "ô thừa"),
    "Lời lạc",
    header=SEVEN,
    head=BODY.replace("Trên đây", "Kế hoạch này thay thế Kế hoạch số 9/KH-UBND ngày 01/02/2024.\n\nTrên đây"),
).decode()


@pytest.mark.parametrize("kind", ["txt", *MAKERS])
def test_a_reading_is_of_the_published_form(kind: str) -> None:
    data = RICH.encode() if kind == "txt" else MAKERS[kind](RICH)
    assert faults(read_plan(f"a.{kind}", data).to_json(), SCHEMA) == []


@pytest.mark.parametrize("plain", [BODY, HEAD])
def test_so_is_one_without_an_appendix(plain: str) -> None:
    assert faults(read_plan("a.txt", plain.encode()).to_json(), SCHEMA) == []


def test_the_first_fields_stay_as_they_are() -> None:
    told = read(row("1", "Trồng", "Phòng A")).to_json()
    assert list(told)[:4] == ["plan", "tasks", "unread", "passed_over"]
    assert [*told["tasks"][0]][:8] == [
        "group", "group_index", "section", "ordinal", "content", "leads", "coordinators", "vague_leads",
    ]  # fmt: skip


def test_the_check_finds_faults() -> None:
    told = read(row("1", "Trồng", "Phòng A")).to_json()
    told["tasks"][0] |= {"ordinal": 1, "more": 2}
    del told["tasks"][0]["note"]
    assert faults(told, SCHEMA) == [
        "$.tasks[0].note is missing", "$.tasks[0].more is unknown", "$.tasks[0].ordinal is int",
    ]  # fmt: skip
