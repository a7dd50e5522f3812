"""Running the proofs in the jail, several at once, and only those that are not known to hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.resources import files
from typing import Protocol

from graders.facade import Limits, RunError, RunResult, Verdict
from quizzer.banks.problems import Problem
from quizzer.domain.items import Bank, Item, Lesson
from quizzer.domain.proofs import Found
from quizzer.services.proving.cache import ProofCache
from quizzer.services.proving.code_items import CodeGrader, hash_code_item, prove_code_item
from quizzer.services.proving.findings import Finding, Judged
from quizzer.services.proving.jobs import Job, list_item_jobs, list_lesson_jobs
from quizzer.services.proving.observed import (
    Observation,
    Raised,
    UnreadableError,
    read_observation,
)

LONGEST_MESSAGE = 500
LIMITS = Limits(wall_s=30.0, cpu_s=60, memory_mb=2048, output_kb=256)
DECIDING = (
    "quizzer.banks.fragments",
    "quizzer.banks.lines",
    "quizzer.domain.ranges",
    "quizzer.domain.scoring",
    "quizzer.domain.variants",
    "quizzer.services.inline",
    *(f"quizzer.services.proving.{name}" for name in ("asking", "code_items", "compare", "draws")),
    *(f"quizzer.services.proving.{name}" for name in ("findings", "jobs", "judging", "observed")),
    *(f"quizzer.services.proving.{name}" for name in ("printed", "program", "prover")),
)
"""The modules that decide whether a proof holds, and what it finds."""


def _read_module(name: str) -> str:
    package, _, module = name.rpartition(".")
    return files(package).joinpath(f"{module}.py").read_text(encoding="utf-8")


PROGRAM = _read_module("quizzer.services.proving.program")
PROVER = hashlib.sha256(json.dumps([_read_module(name) for name in DECIDING]).encode()).hexdigest()
"""A hash of all that decides: what an older version held to be right may not be."""

_RAN_OUT = (Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT, Verdict.OUTPUT_LIMIT)

Progress = Callable[[int, int, str], None]
"""Hears how many proofs are done, of how many, and which was the last."""


class Running(CodeGrader, Protocol):
    """What runs and grades code in the jail; `graders.facade.Grader` in service."""

    def run(
        self, source: str, *, arguments: object = ..., limits: Limits | None = ...
    ) -> RunResult:
        """Run `main(arguments)` of the source in a fresh worker."""


OpenGrader = Callable[[], AbstractContextManager[Running]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What came of the proofs.

    Attributes:
        problems: what they contradict, sorted.
        found: what they found that no author wrote, by item key; only where something was found.
    """

    problems: tuple[Problem, ...] = ()
    found: Mapping[str, Found] = field(default_factory=dict)


def prove(
    banks: Iterable[Bank],
    lessons: Iterable[Lesson],
    open_grader: OpenGrader,
    *,
    cache: ProofCache,
    on_progress: Progress | None = None,
    workers: int = 2,
) -> tuple[Problem, ...]:
    """Run all proofs and return what they contradict; see `prove_and_find`.

    Raises:
        GraderError: if the jail fails.
    """
    proved = prove_and_find(
        banks, lessons, open_grader, cache=cache, on_progress=on_progress, workers=workers
    )
    return proved.problems


def prove_and_find(
    banks: Iterable[Bank],
    lessons: Iterable[Lesson],
    open_grader: OpenGrader,
    *,
    cache: ProofCache,
    on_progress: Progress | None = None,
    workers: int = 2,
) -> Proved:
    """Run all proofs.

    A proof that held is remembered by what it depends on, torch included, and not run again. The
    grader is opened only if there is something to run.

    Raises:
        GraderError: if the jail fails.
    """
    proofs = list_proofs(banks, lessons)
    to_run = [proof for proof in proofs if proof.hash not in cache]
    problems: list[Problem] = []
    if to_run:
        with open_grader() as grader:
            problems = _prove_all(to_run, grader, cache, on_progress or _ignore, workers)
        cache.save()
    held = ((proof.key, cache.get_found(proof.hash)) for proof in proofs if proof.hash in cache)
    found = {key: found for key, found in held if found != Found()}
    # What the prelude raises is raised in every proof, and told once.
    return Proved(problems=tuple(sorted(set(problems))), found=found)


def _prove_all(
    to_run: Sequence[Proof],
    grader: Running,
    cache: ProofCache,
    on_progress: Progress,
    workers: int,
) -> list[Problem]:
    problems: list[Problem] = []
    with ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(proof.run, grader): proof for proof in to_run}
        for done, future in enumerate(as_completed(running), start=1):
            judged, proof = future.result(), running[future]
            problems += [proof.place(finding) for finding in judged.findings]
            if not judged.findings:
                cache.add(proof.hash, judged.found)
            on_progress(done, len(to_run), proof.label)
    return problems


def _ignore(_done: int, _total: int, _label: str) -> None:
    """Nobody asked to be told."""


# The two ways to prove


class Proof(Protocol):
    """One proof that can be run."""

    @property
    def key(self) -> str:
        """The key of the item that it proves; empty for lessons."""

    @property
    def label(self) -> str:
        """What it proves, for progress."""

    @property
    def hash(self) -> str:
        """A hash of all that the outcome depends on."""

    def run(self, grader: Running) -> Judged:
        """Run it."""

    def place(self, finding: Finding) -> Problem:
        """Give a finding its file and line."""


def list_proofs(banks: Iterable[Bank], lessons: Iterable[Lesson]) -> list[Proof]:
    """Return all that there is to prove; nothing is run."""
    proofs: list[Proof] = []
    for bank in banks:
        proofs += (_ByProgram(job) for job in list_item_jobs(bank))
        proofs += (_ByGrading(bank, item) for item in bank.items if item.code is not None)
    return proofs + [_ByProgram(job) for lesson in lessons for job in list_lesson_jobs(lesson)]


class _ByProgram:
    """The proving program runs the code, and what it tells is compared."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.key, self.label = job.key, job.label
        self.hash = job.make_hash(PROVER, version("torch"))

    def run(self, grader: Running) -> Judged:
        """Run it."""
        try:
            return self._job.judge(run_job(self._job, grader))
        except ProofStoppedError as stopped:
            return Judged(findings=(stopped.finding,))
        except UnreadableError as error:
            return Judged(findings=(Finding(code="P301", message=str(error)),))

    def place(self, finding: Finding) -> Problem:
        """Give a finding its file and line."""
        return place_finding(self._job, finding)


class _ByGrading:
    """The item's own exercise is graded with submissions that are known to be right or wrong."""

    def __init__(self, bank: Bank, item: Item) -> None:
        self._bank, self._item = bank, item
        self.key = self.label = item.key
        self.hash = hash_code_item(bank, item, PROVER, version("torch"))

    def run(self, grader: Running) -> Judged:
        """Run it."""
        return Judged(findings=prove_code_item(self._bank, self._item, grader).findings)

    def place(self, finding: Finding) -> Problem:
        """Give a finding its file and line."""
        line = finding.line or self._item.line
        return Problem(self._bank.path, line, finding.code, _clean(finding.message))


class ProofStoppedError(Exception):
    """The program did not return."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def run_job(job: Job, grader: Running) -> Observation:
    """Run a proof and return what it showed.

    Raises:
        ProofStoppedError: if it did not end by itself.
        UnreadableError: if it sent nothing that the program sends.
        GraderError: if the jail fails.
    """
    result = grader.run(PROGRAM, arguments=job.list_arguments(), limits=LIMITS)
    if result.error is not None:
        raise ProofStoppedError(_explain(result.error))
    return read_observation(result.value)


def _explain(error: RunError) -> Finding:
    if error.verdict in _RAN_OUT:
        return Finding(code="P305", message=f"the proof did not end by itself: {error.message}")
    return Finding(code="P301", message=f"the proof failed. {error.message}")


def place_finding(job: Job, finding: Finding) -> Problem:
    """Give a finding its file and line."""
    line, message = finding.line or job.line, finding.message
    if finding.raised is not None:
        line, message = _find_place(job, finding.raised, message)
    return Problem(path=job.path, line=line, code=finding.code, message=_clean(message))


def _clean(message: str) -> str:
    """One line that steers no terminal: part of it comes from the code that was run."""
    line = " ".join(message.split())
    kept = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
    return kept if len(kept) <= LONGEST_MESSAGE else f"{kept[: LONGEST_MESSAGE - 1]}…"


def _find_place(job: Job, raised: Raised, message: str) -> tuple[int, str]:
    """The innermost line of the file where it was raised."""
    fallback = job.line
    for step_name, line in reversed(raised.places):
        step = job.find_step(step_name)
        if step is not None and step.line is not None:
            return step.line + line - 1, message
        if step is not None:
            fallback, message = job.prelude_line, f"{message} (in line {line} of the prelude)"
    return fallback, message
