"""The little markdown that a form's texts may use: paragraphs, headings, lists, bold; read into parts, not HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

_HEADING = re.compile(r"#{1,4}\s+(.*)")
_BULLET = re.compile(r"[-*+]\s+(.*)")
_NUMBER = re.compile(r"\d{1,3}[.)]\s+(.*)")
_KINDS = (("h", _HEADING), ("ul", _BULLET), ("ol", _NUMBER))


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    bold: bool


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph ("p"), heading ("h"), bulleted ("ul") or numbered ("ol") list, with its lines or items."""

    kind: str
    lines: tuple[Line, ...]


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of the text, in order."""
    lines = (_kind_and_content(line.strip()) for line in text.splitlines())
    return tuple(block for kind, group in groupby(lines, key=lambda line: line[0]) for block in _blocks(kind, group))


def _kind_and_content(line: str) -> tuple[str, str]:
    for kind, shape in _KINDS:
        if match := shape.fullmatch(line):
            return kind, match[1]
    return ("p", line) if line else ("", "")


def _blocks(kind: str, group: Iterator[tuple[str, str]]) -> Iterator[Block]:
    lines = tuple(_spans(content) for _, content in group)
    if kind == "h":
        yield from (Block(kind, (line,)) for line in lines)
    elif kind:
        yield Block(kind, lines)


def _spans(content: str) -> Line:
    """Every second part between ** is bold; a lone ** stands as it is."""
    parts = content.split("**")
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]}**{parts[-1]}"]
    return tuple(Span(part, bold=n % 2 == 1) for n, part in enumerate(parts) if part)
