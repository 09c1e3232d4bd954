"""Processes that live as long as the tests and do what they are told: one start, many orders."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.support.processes import SETPRIV

ROOT = Path(__file__).parents[2]


class Obedient:
    """A process that hands each order to one function, named `module:function`; orders and answers are pickled."""

    def __init__(self, function: str) -> None:
        command = [SETPRIV, "--pdeathsig=KILL", sys.executable, "-m", __name__, function]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._orders, self._answers = self._process.stdin, self._process.stdout

    def tell(self, order: object) -> None:
        """Send an order; the answer is heard later."""
        pickle.dump(order, self._orders)
        self._orders.flush()

    def hear(self) -> Any:
        """The answer to the oldest order not heard yet; a fault is the answer too."""
        return pickle.load(self._answers)

    def ask(self, order: object) -> Any:
        """The answer to an order. Raises the fault that it met."""
        self.tell(order)
        answer = self.hear()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self) -> None:
        """End the process."""
        with self._process:
            self._orders.close()


def obey(carry_out: Callable[[Any], Any]) -> None:
    """The other side: carry out orders until there are no more. What is printed meanwhile goes to the errors."""
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    while True:
        try:
            order = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = carry_out(order)
        except Exception as fault:
            answer = fault
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    module, _, name = sys.argv[1].partition(":")
    obey(getattr(import_module(module), name))
