"""Whatever is uploaded as a drawing, all that comes back is findings, soon."""

import re
from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.spiff import InvalidDefinition, WalkFailed, check_bpmn, compile_bpmn
from tests.engine.spiff.cases import Case
from tests.engine.spiff.diagrams import lay_out
from tests.engine.spiff.drawings import both, bpmn, end, start, user
from tests.engine.spiff.test_sharing import EVERYTHING

GOOD = bpmn(start(), user("a"), end(), flows="s>a\na>e")
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
SECONDS = 5


def with_prolog(prolog: str, encoding: str = "utf-8", text: str = "&x;") -> bytes:
    body = GOOD.decode().split("?>", 1)[1].replace("Quy trình thử", text)
    return f'<?xml version="1.0" encoding="{encoding}"?>{prolog}{body}'.encode(encoding)


def due(expression: str) -> bytes:
    return bpmn(start(), user("a", due=expression), end(), flows="s>a\na>e")


def separate(steps: str) -> bytes:
    return bpmn(start(), user("a", separate_from=steps), end(), flows="s>a\na>e")


MANY_SHAPES = bpmn(start(), *(user(f"u{n}") for n in range(300)), end(), flows="s>u1\nu1>e")
FIRST = b'<bpmn:startEvent id="s"'
NESTED = GOOD.replace(FIRST, b'<bpmn:subProcess id="z">' * 200 + b"</bpmn:subProcess>" * 200 + FIRST)
ROW = [f"g{n}" for n in range(40)]
TWICE = "".join(f'<bpmn:sequenceFlow id="t_{a}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ROW))
MANY_WAYS = bpmn(start(), *map(both, ROW), user("a"), end(),
                 flows=["s>g0", *(f"{a}>{b}" for a, b in pairwise(ROW)), "g39>a", "a>e"])  # fmt: skip
HOSTILE = {
    "nothing": (b"", "empty"),
    "spaces": (b" \n ", "empty"),
    "no xml": (b"Xin ch\xc3\xa0o", "not-xml"),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(100), "not-xml"),
    "zeros": (bytes(1000), "not-xml"),
    "broken": (GOOD[: len(GOOD) // 2], "not-xml"),
    "not text": (b"<a>\xff\xfe</a>", "not-xml"),
    "html": (b"<html><body/></html>", "not-bpmn"),
    "an entity": (with_prolog('<!DOCTYPE d [<!ENTITY x "y">]>'), "doctype"),
    "a file": (with_prolog(f'<!DOCTYPE d [<!ENTITY x SYSTEM "{Path(__file__).as_uri()}">]>'), "doctype"),
    "a network": (with_prolog('<!DOCTYPE d SYSTEM "http://127.0.0.1:9/evil.dtd">'), "doctype"),
    "laughs": (with_prolog(f'<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]>', text="&l9;"), "doctype"),
    "laughs in utf-16": (with_prolog(f'<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]>', "utf-16", "&l9;"), "not-xml"),
    "laughs in utf-7": (with_prolog(f'<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]>', "utf-7", "&l9;"), None),
    "an unknown entity": (with_prolog(""), "not-xml"),
    "5 MB": (GOOD + b" " * (5_000_000 - len(GOOD)), "too-large"),
    "too large": (GOOD + b" " * (5 * 1024 * 1024), "too-large"),
    "too many tags": (b"<a>" + b"<b/>" * 100_000 + b"</a>", "too-many-elements"),
    "too deep": (b"<a>" * 20_000, "not-xml"),
    "too many shapes": (MANY_SHAPES, "too-many-shapes"),
    "too many arrows": (bpmn(start(), user("a"), end(), flows=[f"a{n}>b{n}" for n in range(1000)]), "too-many-shapes"),
    "two arrows to each next shape, none with a name": (
        MANY_WAYS.replace(b"</bpmn:process>", f"{TWICE}</bpmn:process>".encode()), None,
    ),
    "a long name": (GOOD.replace(b'id="a"', b'id="a" name="' + b"x" * 4_000_000 + b'"'), None),
    "a long id": (GOOD.replace(b'"a"', b'"' + b"x" * 1_000_000 + b'"'), "bad-id"),
    "a long expression": (due("1+" * 500_000 + "1"), "too-long"),
    "a deep expression": (due("(" * 400 + "1" + ")" * 400), "bad-expression"),
    "a list without end": (separate("b " * 2_000_000), "too-long"),
    "many faults": (GOOD.replace(FIRST, b'<bpmn:userTask id="a"/>' * 50_000 + FIRST), "more"),
    "sub-processes in each other": (NESTED, None),
    "a process named as a shape": (bpmn(start(), user("a"), end(), flows="s>a\na>e", process_id="a"), "duplicate-id"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_only_give_findings(name):
    source, code = HOSTILE[name]
    begin = process_time()
    findings = check_bpmn(source)
    assert process_time() - begin < SECONDS
    assert all(len(finding.message) < 1_000 for finding in findings)
    if code is not None:
        assert code in [finding.code for finding in findings]
        with pytest.raises(InvalidDefinition):
            compile_bpmn(source) if code != "bad-expression" else _refuse(findings)


def _refuse(findings):
    """Expressions are looked at by the check, which stands before every deployment."""
    raise InvalidDefinition(findings)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "Xem <img src=x onerror=alert(1)>", "</b>"])
def test_a_name_that_would_be_markup_is_found_wherever_it_stands(name):
    escaped = name.replace("<", "&lt;").encode()
    for place, element in ((b'id="a"', "a"), (b'id="process"', "process"), (b'id="s"', "s")):
        source = re.sub(place + rb'( name="[^"]*")?', place + b' name="' + escaped + b'"', GOOD, count=1)
        (finding,) = check_bpmn(source)
        assert (finding.code, finding.severity, finding.element) == ("markup-in-name", "warning", element)
        assert name in finding.message


@pytest.mark.parametrize("name", ["Số hồ sơ < 5", "< 10 người và > 2 nhóm", "a &gt; b"])
def test_a_name_that_compares_is_none(name):
    assert check_bpmn(GOOD.replace(b'id="a"', f'id="a" name="{name.replace("<", "&lt;")}"'.encode())) == []


def test_no_file_is_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    findings = check_bpmn(with_prolog(f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'))
    assert "the secret" not in str(findings)


MORE = lay_out(
    ("sequence", [
        ("erring", "sub", "a", "a", ("again", True, 3), ("tell", "a")),
        ("asking", "sub", "b", False, ("border", "signal", True, ("user",), ("user",)), ("user",)),
        ("parallel", [("many", 3, False, "user", 2), ("signal", "a"), ("turns", "sub", ("service",))]),
        ("watched", "sub", "error", True, ("watched", "sub", "timer", False, ("user",), ("service",)), ("user",)),
    ])
)  # fmt: skip


def _ids(root: etree._Element) -> list[str]:
    return [element.get("id", "") for element in root.iter()] + ["", "nowhere", "process"]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good drawing with some elements dropped, doubled or moved, and some attributes changed."""
    root = etree.fromstring(draw(st.sampled_from([EVERYTHING, MORE.xml()])))
    for _ in range(draw(st.integers(1, 6))):
        elements = list(root.iter())[1:]
        if not elements:
            break
        element = draw(st.sampled_from(elements))
        match draw(st.sampled_from(["drop", "double", "move", "attribute", "attribute", "rename", "text"])):
            case "drop":
                element.getparent().remove(element)
            case "double":
                element.getparent().append(etree.fromstring(etree.tostring(element)))
            case "move":
                target = draw(st.sampled_from(list(root.iter())))
                if element not in target.iterancestors() and element is not target:
                    target.append(element)
            case "attribute" if element.attrib:
                name = draw(st.sampled_from(sorted(element.attrib)))
                values = [*_ids(root), "true", "false", "(", "a.b.c", "x" * 50]
                element.set(name, draw(st.sampled_from(values)))
            case "rename":
                element.tag = draw(st.sampled_from(elements)).tag
            case "text":
                element.text = draw(st.sampled_from(["", "1 +", "P1D", "import os", "x = y", "a.n == 1"]))
    return etree.tostring(root)


@given(damaged())
def test_damaged_drawings_give_findings_or_run(source):
    findings = check_bpmn(source)
    errors = [finding for finding in findings if finding.severity == "error"]
    assert all(re.search(r"[.]$", finding.message) for finding in findings)
    if not errors:
        try_out(source)


def try_out(source: bytes) -> None:
    """What has no errors compiles, starts, and fails only as an instance may."""
    try:
        case = Case(source)
        for _ in range(5):
            waits = case.waits()
            if not waits:
                return
            case.do(waits[0][1])
    except WalkFailed as failed:
        assert failed.message


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_give_findings(source):
    assert check_bpmn(source)
    with pytest.raises(InvalidDefinition):
        compile_bpmn(source)
