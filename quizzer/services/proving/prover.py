"""Running the proofs in the jail, several at once, and only those that are not known to hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from importlib.metadata import version
from importlib.resources import files
from typing import Protocol

from graders.facade import Limits, RunError, RunResult, Verdict
from quizzer.banks.problems import Problem
from quizzer.domain.items import Bank, Lesson
from quizzer.services.proving.cache import ProofCache
from quizzer.services.proving.compare import Finding
from quizzer.services.proving.jobs import Job, list_item_jobs, list_lesson_jobs
from quizzer.services.proving.observed import Raised, UnreadableError, read_observed

SEEDS = (0, 1, 2)
LONGEST_MESSAGE = 500
LIMITS = Limits(wall_s=30.0, cpu_s=60, memory_mb=2048, output_kb=256)
PROGRAM = files("quizzer.services.proving").joinpath("program.py").read_text(encoding="utf-8")

_RAN_OUT = (Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT, Verdict.OUTPUT_LIMIT)

Progress = Callable[[int, int, str], None]
"""Hears how many proofs are done, of how many, and which was the last."""


class Running(Protocol):
    """What runs code in the jail; `graders.facade.Grader` in service."""

    def run(
        self, source: str, *, arguments: object = ..., limits: Limits | None = ...
    ) -> RunResult:
        """Run `main(arguments)` of the source in a fresh worker."""


OpenGrader = Callable[[], AbstractContextManager[Running]]


def prove(
    banks: Iterable[Bank],
    lessons: Iterable[Lesson],
    open_grader: OpenGrader,
    *,
    cache: ProofCache,
    on_progress: Progress | None = None,
    workers: int = 2,
) -> tuple[Problem, ...]:
    """Run all proofs and return what they contradict, sorted.

    A proof that held is remembered by what it depends on, torch included, and not run again. The
    grader is opened only if there is something to run.

    Raises:
        GraderError: if the jail fails.
    """
    jobs = [job for bank in banks for job in list_item_jobs(bank)]
    jobs += [job for lesson in lessons for job in list_lesson_jobs(lesson)]
    hashed = [(job, job.make_hash(PROGRAM, version("torch"), str(SEEDS))) for job in jobs]
    to_run = [(job, proof_hash) for job, proof_hash in hashed if proof_hash not in cache]
    if not to_run:
        return ()
    with open_grader() as grader:
        problems = _prove_all(to_run, grader, cache, on_progress or _ignore, workers)
    cache.save()
    return tuple(sorted(problems))


def _prove_all(
    to_run: Sequence[tuple[Job, str]],
    grader: Running,
    cache: ProofCache,
    on_progress: Progress,
    workers: int,
) -> list[Problem]:
    problems: list[Problem] = []
    with ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(_prove, job, grader): (job, of_it) for job, of_it in to_run}
        for done, future in enumerate(as_completed(running), start=1):
            found = future.result()
            problems += found
            job, proof_hash = running[future]
            if not found:
                cache.add(proof_hash)
            on_progress(done, len(to_run), job.label)
    return problems


def _ignore(_done: int, _total: int, _label: str) -> None:
    """Nobody asked to be told."""


def _prove(job: Job, grader: Running) -> list[Problem]:
    arguments = {
        "seeds": list(SEEDS),
        "steps": [[f"step {index}", step.code, step.use] for index, step in enumerate(job.steps)],
        "fillings": [filling.code for filling in job.fillings],
    }
    result = grader.run(PROGRAM, arguments=arguments, limits=LIMITS)
    if result.error is not None:
        return [_place(job, _explain(result.error))]
    try:
        observed = read_observed(result.value)
    except UnreadableError as error:
        return [_place(job, Finding(code="P301", message=str(error)))]
    return [_place(job, finding) for finding in job.judge(observed)]


def _explain(error: RunError) -> Finding:
    if error.verdict in _RAN_OUT:
        return Finding(code="P305", message=f"the proof was stopped. {error.message}")
    return Finding(code="P301", message=f"the proof failed. {error.message}")


def _place(job: Job, finding: Finding) -> Problem:
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
    for step_name, line in reversed(raised.places):
        step = job.find_step(step_name)
        if step is not None and step.line is not None:
            return step.line + line - 1, message
        if step is not None:
            message = f"{message} (in line {line} of the prelude)"
    return job.line, message
