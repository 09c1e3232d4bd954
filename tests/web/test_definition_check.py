"""`quytrinh definition check --json` answers for any file, in the same shape, soon."""

import json
import os
import subprocess
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from click.testing import CliRunner

from tests.engine.spiff.drawings import both, bpmn, call, end, script, start, user, xor
from tests.engine.spiff.test_hostile_drawings import HOSTILE
from tests.support.processes import SETPRIV
from tests.support.servers import QUYTRINH
from tests.web import vendors
from webapp.cli import main

GOOD = bpmn(start(), user("a", form="accept"), end(), flows="s>a\na>e")
SECONDS = 10  # A file of 5 MB takes less than one; the machine may be busy.


def checked(*files: Path) -> list[dict[str, Any]]:
    outcome = CliRunner().invoke(main, ["definition", "check", *map(os.fspath, files), "--json"])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    answers = json.loads(outcome.stdout_bytes)
    assert [set(answer) for answer in answers] == [{"file", "deployable", "findings"}] * len(files)
    for answer in answers:
        for finding in answer["findings"]:
            assert set(finding) == {"code", "severity", "element", "message"}
            assert finding["severity"] in ("error", "warning")
        errors = [finding for finding in answer["findings"] if finding["severity"] == "error"]
        assert answer["deployable"] is not bool(errors)
    assert outcome.exit_code == (0 if all(answer["deployable"] for answer in answers) else 1)
    return answers


def codes(folder: Path, source: bytes, name: str = "a.bpmn") -> list[str]:
    (folder / name).write_bytes(source)
    (answer,) = checked(folder / name)
    return [finding["code"] for finding in answer["findings"]]


def test_each_file_has_an_answer_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "good.bpmn").write_bytes(GOOD)
    (tmp_path / "bad.bpmn").write_bytes(b"no xml")
    answers = checked(tmp_path / "bad.bpmn", tmp_path / "good.bpmn", tmp_path / "gone.bpmn", tmp_path)
    assert [answer["deployable"] for answer in answers] == [False, True, False, False]
    assert [answer["file"] for answer in answers][:2] == [str(tmp_path / "bad.bpmn"), str(tmp_path / "good.bpmn")]
    assert answers[1]["findings"] == []
    assert answers[2]["findings"][0]["code"] == answers[3]["findings"][0]["code"] == "unreadable"
    assert [answer["findings"][0]["message"] for answer in answers[2:]] == [
        f"Không mở được tệp {tmp_path / 'gone.bpmn'}: không có tệp hoặc thư mục này.",
        f"Không mở được tệp {tmp_path}: đây là một thư mục.",
    ]


@pytest.mark.parametrize("name", ["a.bpmn", "b.form"])
def test_a_file_that_may_not_be_read_is_named_in_the_answer(tmp_path: Path, name: str) -> None:
    for file in (tmp_path / "a.bpmn", tmp_path / "b.form"):
        file.write_bytes(GOOD)
    (tmp_path / name).chmod(0)
    not_even_root = [SETPRIV, "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    command = [*not_even_root, QUYTRINH, "definition", "check", tmp_path / "a.bpmn", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (1, "")
    said = f"Không mở được tệp {tmp_path / name}: không có quyền đọc hoặc ghi ở đây."
    assert json.loads(ended.stdout)[0]["findings"][0]["message"] == said


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(tmp_path: Path, name: str) -> None:
    source, code = HOSTILE[name]
    begin = process_time()
    found = codes(tmp_path, source)
    assert process_time() - begin < SECONDS
    assert code is None or code in found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (vendors.CAMUNDA, {"unsupported", "no-form", "loop-source", "no-service", "bad-expression", "unknown-process"}),
        (vendors.SIGNAVIO, {"not-executable"}),
        (vendors.SIGNAVIO.replace(b'isExecutable="false"', b'isExecutable="true"'), {"unsupported", "no-message"}),
        (vendors.BIZAGI, {"several-processes"}),
        (vendors.BIZAGI.replace(b'"Third" isExecutable="true"', b'"Third"'), {"no-end", "dead-end"}),
        (vendors.XPDL, {"not-bpmn"}),
    ],
    ids=["camunda", "signavio", "signavio-executable", "bizagi-several", "bizagi", "xpdl"],
)
def test_diagrams_of_other_tools(tmp_path: Path, source: bytes, expected: set[str]) -> None:
    assert expected <= set(codes(tmp_path, source))


def test_a_collaboration_without_processes(tmp_path: Path) -> None:
    head = GOOD.decode().split("<bpmn:process")[0]
    source = f'{head}<bpmn:collaboration id="c"><bpmn:participant id="p"/></bpmn:collaboration></bpmn:definitions>'
    assert codes(tmp_path, source.encode()) == ["no-process"]


@pytest.mark.parametrize("condition", ["9**9**9", "9**9**9 > 1", "'a' * 10**10", "().__class__", "f()", "x" * 100_000])
def test_conditions_that_would_do_harm(tmp_path: Path, condition: str) -> None:
    source = bpmn(start(), user("a", form="accept"), xor("g"), end(), end("e2"),
                  flows=f"s>a\na>g\ng>e if {condition}\ng>e2 default")  # fmt: skip
    assert "bad-expression" in codes(tmp_path, source)


@pytest.mark.parametrize(
    "text", ["__import__('os').system('true')", "import os", "x = __import__('os')", "x = 9**9**9"]
)
def test_scripts_that_would_do_harm(tmp_path: Path, text: str) -> None:
    assert "bad-expression" in codes(tmp_path, bpmn(start(), script("t", text), end(), flows="s>t\nt>e"))


def test_a_diagram_of_which_a_million_tasks_would_be_predicted(tmp_path: Path) -> None:
    """Twenty gateways in a row that split in two: 2²⁰ ways."""
    shapes, flows = [], ["s>p0"]
    for n in range(20):
        shapes += [both(f"p{n}"), xor(f"x{n}")]
        flows += [f"p{n}>x{n}", f"x{n}>p{n + 1}" if n < 19 else f"x{n}>e"]
        shapes.append(user(f"u{n}", form="accept"))
        flows += [f"p{n}>u{n}", f"u{n}>x{n}"]
    assert codes(tmp_path, bpmn(start(), *shapes, end(), flows=flows)) == ["too-many-tokens"]


def test_files_that_are_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.bpmn")
    odd = tmp_path / os.fsdecode(b"\xff.bpmn")
    odd.write_bytes(GOOD)
    looping = tmp_path / "loop.bpmn"
    looping.symlink_to(looping)
    long = tmp_path / ("x" * 300)
    answers = checked(tmp_path / "pipe.bpmn", odd, looping, long, Path("/dev/zero"))
    assert [answer["deployable"] for answer in answers] == [False, True, False, False, False]


def test_an_endless_form_beside_a_diagram_is_read_no_further_than_forms_go(tmp_path: Path) -> None:
    with (tmp_path / "accept.form").open("wb") as form:
        form.truncate(400 * 1024**3)  # a hole: it takes no room
    assert codes(tmp_path, GOOD) == ["form-invalid"]


def test_a_form_beside_a_diagram_may_have_any_name(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.form")).write_bytes(b"no form")
    assert codes(tmp_path, GOOD) == ["form-invalid"]


def test_a_broken_form_keeps_only_those_diagrams_from_being_deployed_that_name_it(tmp_path: Path) -> None:
    (tmp_path / "other.form").write_bytes(b"no form")
    (tmp_path / "good.bpmn").write_bytes(GOOD)
    (tmp_path / "naming.bpmn").write_bytes(GOOD.replace(b'"accept"', b'"other"'))
    good, naming = checked(tmp_path / "good.bpmn", tmp_path / "naming.bpmn")
    assert (good["deployable"], naming["deployable"]) == (True, False)
    assert [(f["code"], f["severity"]) for f in good["findings"]] == [("form-invalid", "warning")]
    assert "chưa bước nào dùng" in good["findings"][0]["message"]


def test_what_a_diagram_calls_is_looked_for_beside_it(tmp_path: Path) -> None:
    calling = bpmn(start(), call("c", "inner"), end(), flows="s>c\nc>e")
    assert codes(tmp_path, calling) == ["unknown-process"]
    inner = bpmn(start(), call("c", "low"), end(), flows="s>c\nc>e", process_id="inner")
    (tmp_path / "inner.bpmn").write_bytes(inner)
    (tmp_path / "low.bpmn").write_bytes(GOOD.replace(b'"process"', b'"low"'))
    assert codes(tmp_path, calling) == []
    (tmp_path / "low.bpmn").write_bytes(inner.replace(b'"inner"', b'"low"'))
    assert codes(tmp_path, calling) == ["unknown-process"]  # `low` calls itself.
