"""Other processes that carry an instance on: all they get, and give back, are bytes."""

import itertools
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from engine.spiff import WalkFailed
from tests.engine.spiff.cases import Case

Sent = list[tuple[str, Any]]


def _do(compiled: bytes, state: bytes, element: str, values: dict[str, Any]) -> tuple[bytes, Sent, str]:
    case = Case.kept(compiled, state, {})
    try:
        case.do(element, **values)
    except WalkFailed as failed:
        return state, [], failed.message
    return case.state, case.sent, ""


class Elsewhere:
    """Two processes, each with its own order of sets, that take turns."""

    def __enter__(self) -> "Elsewhere":
        self._pools = [ProcessPoolExecutor(1, mp_context=get_context("spawn")) for _ in range(2)]
        self._turns = itertools.cycle(self._pools)
        return self

    def __exit__(self, *_: object) -> None:
        for pool in self._pools:
            pool.shutdown()

    def do(self, case: Case, element: str, values: dict[str, Any]) -> None:
        """What the case would do itself. Raises WalkFailed."""
        done = next(self._turns).submit(_do, case.compiled, case.state, element, values)
        case.state, sent, fault = done.result()
        case.sent += sent
        if fault:
            raise WalkFailed(None, fault)
