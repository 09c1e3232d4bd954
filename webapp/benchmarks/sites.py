"""Where rows measure: a database of their own kind, with wards in it as they need them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from webapp.benchmarks.clones import Cycles
from webapp.benchmarks.databases import Server
from webapp.benchmarks.wards import BenchedWard, load_ward


@dataclass(slots=True)
class Site:
    """A server of databases, and how large the data are to be."""

    server: Server
    folder: Path
    scale: int
    _stack: ExitStack = field(default_factory=ExitStack)
    _common: BenchedWard | None = None

    @property
    def database(self) -> str:
        """What kind of database it is."""
        return self.server.kind

    @property
    def ward(self) -> BenchedWard:
        """The demo ward with `scale` open steps, which rows share."""
        if self._common is None:
            self._common = self._stack.enter_context(self.another(self.scale))
        return self._common

    @contextmanager
    def another(self, open_tasks: int, cycles: Cycles = Cycles.NONE) -> Iterator[BenchedWard]:
        """A ward in a database of its own."""
        folder = Path(mkdtemp(dir=self.folder))
        with self.server.database(folder) as url, load_ward(url, folder, open_tasks, cycles) as ward:
            yield ward

    def close(self) -> None:
        """Let go of what rows shared."""
        self._stack.close()
