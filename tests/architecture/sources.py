"""The product's own files, read once."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("engine", "forms", "webapp")


@dataclass(frozen=True)
class Source:
    """A Python file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Everything in it, walked once for all who ask."""
        return tuple(ast.walk(ast.parse(self.text)))

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    @property
    def imported(self) -> Iterator[tuple[int, str]]:
        """Line and name of each module imported."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.lineno, node.module or ""

    @property
    def called(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of each call, as written; `….name` when it is called on an expression."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield node.lineno, dotted(node.func)


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "…"


@lru_cache
def sources(*rooms: str) -> tuple[Source, ...]:
    """The Python files of some rooms; of the product when none is named."""
    return tuple(Source(path) for room in rooms or ROOMS for path in written(room, ".py"))


def written(folder: str, *suffixes: str) -> list[Path]:
    """What people wrote in a folder, tracked or not yet, by its endings; nothing that a build makes, maybe just now."""
    found = _listed("--cached", "--others", "--exclude-standard")
    return [path for path in found if path.is_relative_to(ROOT / folder) and path.suffix in suffixes]


def tracked() -> tuple[Path, ...]:
    """The files under version control."""
    return _listed("--cached")


@lru_cache
def _listed(*which: str) -> tuple[Path, ...]:
    command = ["git", "ls-files", "-z", *which]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(path for name in sorted(set(listed.split("\0"))) if (path := ROOT / name).is_file())
