"""What the jail runs to prove an item. The site never imports this module: it sends its text.

It executes the author's code under several random states, and tells what came of it. What is ticked
stays outside; but proofs may name what is right, so no learner's code ever runs beside them.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import random
import re
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np
import torch

_MOST_TEXT = 250_000  # characters of all texts that are sent back together
_LONGEST_TEXT = 20_000
_MOST_TOLD = 2_000  # codes of which more is told than whether they pass
_LONGEST_VALUE = 201  # one more than an item may show
_NAMES = ("answer", "truth", "ok")
_ABSENT = object()
_VARIABLE = re.compile(r"\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}")

Namespace = dict[str, Any]
Step = tuple[str, str, str]
Order = tuple[int, ...]


@dataclass(frozen=True)
class Job:
    """What is to be run.

    Attributes:
        runs: seed of the variables or None, seed of everything else, and extent of each run:
            `whole`; `if random`, left out where nothing was drawn by luck before; `draw`, only as
            far as the variables.
        steps: name, code and use (`run`, `print`, `draw`, `verify`) of each piece of code.
        variables: the names whose values the item shows.
        asked: the codes that `ok` is asked about.
    """

    runs: list[tuple[int | None, int, str]]
    steps: list[Step]
    variables: list[str]
    asked: list[str]

    @property
    def longest_text(self) -> int:
        """How many characters of one text are told, so that all of them together can be sent."""
        texts = 3 + 2 * len(self.asked) + len(self.steps)
        return min(_LONGEST_TEXT, max(_MOST_TEXT // (len(self.runs) * texts), 40))


def main(arguments: dict[str, Any]) -> dict[str, Any]:
    """Prove under every seed.

    Args:
        arguments: `runs`, `steps`, `variables` and `asked` as in `Job`; `pieces`, the lines whose
            other orders are looked for, in the author's order; `near_orders`, those to try, or None
            for all; `most_orders`, after how many that pass the search ends.

    Returns:
        `runs`, one result per run, None for those left out; `orders`, those that pass in every run;
        `order_count`, how many were looked at.
    """
    torch.manual_seed = torch.random.manual_seed = RANDOMNESS.set_torch
    job = Job(**{name: arguments[name] for name in ("runs", "steps", "variables", "asked")})
    pieces: list[str] = arguments["pieces"]
    every = itertools.islice(itertools.permutations(range(len(pieces))), 1, None)
    near = arguments["near_orders"]
    search = Search(pieces, every if near is None else map(tuple, near), arguments["most_orders"])
    results: list[dict[str, Any] | None] = []
    for draw, seed, extent in job.runs:
        if extent == "if random" and not RANDOMNESS.is_used:
            results.append(None)
            continue
        run = Run(job, draw, seed)
        run.go(as_far_as_draw=extent == "draw")
        if "ok" in run.result["names"]:
            search.go_on(run)
        run.result["wall_ms"] = (time.perf_counter() - run.start_s) * 1000
        results.append(run.result)
    orders = [list(order) for order in search.passing or ()]
    return {"runs": results, "orders": orders, "order_count": search.count}


@dataclass
class Run:
    """One run of all steps, in a namespace of its own.

    Attributes:
        texts: what the variables read as.
    """

    job: Job
    draw: int | None
    seed: int
    start_s: float = field(default_factory=time.perf_counter)
    namespace: Namespace = field(default_factory=lambda: {"__name__": "proof"})
    texts: dict[str, str] = field(default_factory=dict)
    result: dict[str, Any] = field(
        default_factory=lambda: {
            "error": None,
            "printed": [],
            "values": {},
            "names": [],
            "passes": "",
            "told": [],
        }
    )

    def go(self, *, as_far_as_draw: bool = False) -> None:
        """Execute the steps, and ask `ok`; the result says what came of it."""
        RANDOMNESS.begin(self.seed)
        for step in self.job.steps:
            before = {name: self.namespace.get(name, _ABSENT) for name in _NAMES}
            printed, error = self.execute(step)
            if step[2] == "print":
                self.result["printed"].append([printed, error])
            elif error is not None:
                self.result["error"] = error
                return
            if step[2] == "draw":
                self.take_values()
                if as_far_as_draw:
                    return
            if step[2] == "verify":
                self.take_outcome(before)
        RANDOMNESS.look()
        if "ok" in self.result["names"]:
            self.ask_all()

    def execute(self, step: Step) -> tuple[str, dict[str, Any] | None]:
        """Execute one step; return what it printed and how it failed, if it did."""
        name, code, use = step
        if use == "draw":
            self.namespace["rng"] = random.Random(self.draw)  # noqa: S311 - no secret is drawn
        elif use != "verify":
            code = self.fill_in(code)
        printed = io.StringIO()
        error = None
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile(code, name, "exec"), self.namespace)  # noqa: S102 - what the jail is for
        except MemoryError:
            raise
        except BaseException as raised:  # noqa: BLE001 - whatever it is, the author is told
            error = self.describe(raised)
        return printed.getvalue()[: self.job.longest_text], error

    def fill_in(self, code: str) -> str:
        """Return the code with the values of the variables in their places."""
        if not self.texts:
            return code
        return _VARIABLE.sub(lambda found: self.texts.get(found[1], found[0]), code)

    def take_values(self) -> None:
        """Keep what the variables were given, as type and text."""
        self.namespace.pop("rng", None)
        for name in self.job.variables:
            if name in self.namespace:
                value = self.namespace[name]
                self.texts[name] = str(value)
                shown = self.texts[name][:_LONGEST_VALUE]
                self.result["values"][name] = [type(value).__name__, shown]

    def take_outcome(self, before: Namespace) -> None:
        """Keep what the proof set, as plain data."""
        names = [name for name in _NAMES if self.namespace.get(name, _ABSENT) is not before[name]]
        self.result["names"] = names
        if "answer" in names:
            self.result["answer"] = plain_answer(self.namespace["answer"], self.job.longest_text)
        if "truth" in names:
            self.result["truth"] = plain_truth(self.namespace["truth"], self.job.longest_text)

    def ask_all(self) -> None:
        """Ask `ok` about every code."""
        passes: list[str] = []
        for code in self.job.asked:
            start = time.perf_counter()
            ok, printed, error = self.ask(self.fill_in(code))
            RANDOMNESS.look()
            passes.append("1" if ok else "0")
            if len(self.result["told"]) < _MOST_TOLD // len(self.job.runs):
                why = self.describe(error)["message"] if error else ""
                wall_ms = (time.perf_counter() - start) * 1000
                self.result["told"].append([why, printed[: self.job.longest_text], wall_ms])
        self.result["passes"] = "".join(passes)

    def ask(self, code: str) -> tuple[bool, str, BaseException | None]:
        """Return whether a code passes, what was printed, and what was raised: then it does not."""
        RANDOMNESS.begin(self.seed)  # so that no code's outcome hangs on those before it
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                return bool(self.namespace["ok"](code)), printed.getvalue(), None
        except MemoryError:
            raise
        except BaseException as error:  # noqa: BLE001 - wrong code may do anything
            return False, printed.getvalue(), error

    def describe(self, error: BaseException) -> dict[str, Any]:
        """Tell where the author's code failed: the frames that have a line of it."""
        places = [
            [frame.f_code.co_filename, line]
            for frame, line in traceback.walk_tb(error.__traceback__)
            if frame.f_code.co_filename.startswith("step ")
        ]
        if isinstance(error, SyntaxError) and (error.filename or "").startswith("step "):
            places.append([error.filename, error.lineno])
        last_line = traceback.format_exception_only(error)[-1].strip()
        return {"places": places[-100:], "message": last_line[: self.job.longest_text]}


class Search:
    """Looks for orders of pieces that pass though nobody wrote them.

    Where the author's order is Python, others that are none do not pass. A statement that fails
    where it stands fails whatever follows it, so orders that begin alike are not tried.
    """

    def __init__(self, pieces: list[str], orders: Iterable[Order], most: int) -> None:
        self.pieces = pieces
        self.orders = orders
        self.most = most
        self.passing: list[Order] | None = None
        self.count = 0
        self.lines = [piece.count("\n") + 1 for piece in pieces]
        self.dead: set[Order] = set()
        self.is_python = find_fault("\n".join(pieces)) is None

    def go_on(self, run: Run) -> None:
        """Search in the first run; in later ones, keep what passes there as well."""
        if self.passing is None:
            self.passing = list(itertools.islice(self.find(run), self.most))
        else:
            self.passing = [order for order in self.passing if run.ask(self.join(run, order))[0]]

    def join(self, run: Run, order: Order) -> str:
        """Return the code that an order makes."""
        return run.fill_in("\n".join(self.pieces[index] for index in order))

    def find(self, run: Run) -> Iterator[Order]:
        """Yield the orders that pass, without the author's."""
        watch = Watch()
        for order in self.orders:
            self.count += 1
            if self.dead and any(order[:end] in self.dead for end in range(1, len(order))):
                continue
            code = self.join(run, order)
            fault = find_fault(code) if self.is_python else None
            if isinstance(fault, IndentationError):  # no line that follows can mend that
                line = fault.lineno or 0
            else:
                with watch:
                    ok, _, error = run.ask(code)
                if ok:
                    yield order
                line = find_line(error, code) if error and watch.count == 1 else 0
            if line:
                self.dead.add(order[: self.count_begun(order, line)])

    def count_begun(self, order: Order, line: int) -> int:
        """Return how many pieces of an order had begun by the line that failed, all if unknown."""
        for count, index in enumerate(order, start=1):
            line -= self.lines[index]
            if line <= 0:
                return count
        return len(order)


class Watch:
    """Counts how often text that `exec` is given is begun.

    Only what fails the first time that it runs is sure to fail again after the same beginning.
    """

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> None:
        self.count = 0
        sys.settrace(self.see)

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def see(self, frame: FrameType, _event: str, _argument: object) -> None:
        """Hear that a function is called or a text begins."""
        if is_unnamed(frame):
            self.count += 1


def is_unnamed(frame: FrameType) -> bool:
    """Whether a frame runs text that was given to `exec`."""
    return frame.f_code.co_filename == "<string>" and frame.f_code.co_name == "<module>"


def find_line(error: BaseException, code: str) -> int:
    """Return the line of a code at which it failed, or 0 where what follows might be to blame.

    In a loop, later lines may have run before; a line that is not indented ends all loops.
    """
    trace = traceback.walk_tb(error.__traceback__)
    line = next((line for frame, line in trace if is_unnamed(frame)), 0)
    lines = code.split("\n")
    return line if 0 < line <= len(lines) and not lines[line - 1][:1].isspace() else 0


def find_fault(code: str) -> Exception | None:
    """Return why a code is no Python, or None."""
    try:
        compile(code, "order", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return error
    return None


class Randomness:
    """The random states that an author's code may draw from.

    Attributes:
        is_used: whether anything was drawn from a state that the author's code had not set.
    """

    def __init__(self) -> None:
        self.is_used = False
        self._is_set = False
        self._start: tuple[object, ...] = ()
        self._starts: dict[int, tuple[object, ...]] = {}

    def begin(self, seed: int) -> None:
        """Set every state."""
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002 - that is the state meant
        torch.default_generator.manual_seed(seed)
        self._is_set = False
        if seed not in self._starts:
            self._starts[seed] = _take_states()
        self._start = self._starts[seed]

    def set_torch(self, seed: int) -> torch.Generator:
        """Set the state that torch draws from, as the author's code wants it.

        torch's own function notes it for devices as well, with the text of its stack: slow.
        """
        self.is_used |= not self._is_set and self._start[0] != _take_torch()
        self._is_set = True
        return torch.default_generator.manual_seed(int(seed))

    def look(self) -> None:
        """See whether anything was drawn."""
        now = _take_states()
        since = 1 if self._is_set else 0  # what the author set is nobody's luck
        self.is_used |= now[since:] != self._start[since:]


def _take_torch() -> bytes:
    return torch.get_rng_state().numpy().tobytes()


def _take_states() -> tuple[object, ...]:
    numpys: Any = np.random.get_state()  # noqa: NPY002 - that is the state meant
    return _take_torch(), random.getstate(), numpys[1].tobytes(), numpys[2:]


RANDOMNESS = Randomness()


def plain_answer(value: object, longest: int) -> dict[str, Any]:
    """Return an answer as text, as Python writes it, and as a number where it is one."""
    number = None
    single = unwrap(value)
    if isinstance(single, int | float) and not isinstance(single, bool):
        number = float(single)
    return {"text": str(value)[:longest], "code": repr(value)[:longest], "number": number}


def plain_truth(truth: object, longest: int) -> dict[str, Any] | str:
    """Return one entry per option: a bool, or what stands there instead."""
    if not isinstance(truth, dict):
        return repr(truth)[:longest]
    plain = {str(key): unwrap(value) for key, value in truth.items()}
    return {k: v if isinstance(v, bool) else repr(v)[:longest] for k, v in plain.items()}


def unwrap(value: object) -> object:
    """Return the Python scalar of a tensor or array with one element; anything else as it is."""
    if isinstance(value, torch.Tensor | np.ndarray | np.generic):
        return value.item() if value.shape == () else value
    return value
