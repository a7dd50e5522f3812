"""How far the proofs are, in one bar."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import click

_FEWEST_WITH_BAR = 2


class ProofBar:
    """Hears how many proofs are done; nothing is drawn where nobody looks.

    The number of proofs is known once the first is done, so the bar begins there.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._bar: Any = None

    def __call__(self, done: int, total: int, label: str) -> None:
        """Move the bar on by one proof.

        Args:
            done: how many have been run.
            total: how many there are to run.
            label: what the last one proved.
        """
        if not sys.stderr.isatty() or total < _FEWEST_WITH_BAR:
            return
        if self._bar is None:
            bar = click.progressbar(
                length=total,
                label="Proofs",
                file=sys.stderr,
                show_pos=True,
                item_show_func=lambda shown: shown or "",
            )
            self._bar = self._stack.enter_context(bar)
        self._bar.update(done - self._bar.pos, label[:50])


@contextlib.contextmanager
def proof_bar() -> Iterator[ProofBar]:
    """Draw a bar on standard error while proofs run."""
    with ExitStack() as stack:
        yield ProofBar(stack)
