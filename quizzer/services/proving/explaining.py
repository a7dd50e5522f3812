"""What each option of one item did when its proof was run: for authors, never for learners."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graders.facade import CheckResult, Verdict
from quizzer.banks.problems import Problem
from quizzer.domain.items import Bank, Item, Option
from quizzer.domain.proofs import Found
from quizzer.domain.variants import draw_item
from quizzer.services.proving.asking import Trial, find_snippet, list_trials
from quizzer.services.proving.code_items import (
    STARTER,
    GradedSubmission,
    prove_code_item,
)
from quizzer.services.proving.compare import judge_options
from quizzer.services.proving.findings import Finding, Judged
from quizzer.services.proving.jobs import Job, has_job, make_item_job
from quizzer.services.proving.judging import AS_FAR_AS_DRAW
from quizzer.services.proving.observed import Observation, Observed, UnreadableError
from quizzer.services.proving.printed import join
from quizzer.services.proving.prover import ProofStoppedError, Running, place_finding, run_job


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedOption:
    """An option against what the proof says of it.

    Attributes:
        shown: its text, or its first line.
        is_right: what the proof says; None where it says nothing of this option.
    """

    key: str
    shown: str
    is_ticked: bool
    is_right: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedTrial:
    """A code that was tried.

    Attributes:
        name: what it is: an option, a filling, an order.
        code: as it was run.
        is_claimed: whether the author holds that it passes.
        passes: whether it did.
        why: what it raised, or why it was not accepted; empty where it just did not pass.
        wall_ms: milliseconds, or None where nobody counted.
    """

    name: str
    code: str
    is_claimed: bool
    passes: bool
    why: str = ""
    printed: str = ""
    wall_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRun:
    """One run of the proof.

    Attributes:
        seed: the random state that it ran under.
        values: of the item's variables.
        error: what stopped it, or empty.
        printed: what the shown code printed, where this is asked for.
        answer: the proof's answer as Python writes it, or None.
    """

    seed: int
    wall_ms: float
    values: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    printed: str | None = None
    answer: str | None = None
    options: tuple[ExplainedOption, ...] = ()
    trials: tuple[ExplainedTrial, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What came of one item's proof.

    Attributes:
        key: of the item, `bank/item`.
        is_proved: whether there is anything to run.
        problems: what the proof contradicts.
        found: what it found that the author did not write.
        order_count: how many other orders of a sequence were looked at.
        submissions: for kind code, the starter and the options as they were graded; nothing
            where the solution itself is wrong.
        wall_ms: milliseconds altogether, with the time of the jail.
    """

    key: str
    is_proved: bool
    problems: tuple[Problem, ...] = ()
    found: Found = field(default_factory=Found)
    runs: tuple[ExplainedRun, ...] = ()
    order_count: int = 0
    submissions: tuple[ExplainedTrial, ...] = ()
    wall_ms: float = 0.0


def explain_item(bank: Bank, item: Item, grader: Running) -> Explanation:
    """Run the proof of one item, known to hold or not, and tell everything that happened.

    Raises:
        GraderError: if the jail fails.
    """
    start = time.perf_counter()
    if item.code is not None:
        explanation = _explain_code(bank, item, grader)
    elif has_job(item):
        explanation = _explain_job(item, make_item_job(bank, item), grader)
    else:
        return Explanation(key=item.key, is_proved=False)
    return replace(explanation, wall_ms=(time.perf_counter() - start) * 1000)


# Proofs by the program


def _explain_job(item: Item, job: Job, grader: Running) -> Explanation:
    observation = Observation(runs=(), orders=(), order_count=0)
    try:
        observation = run_job(job, grader)
        judged = job.judge(observation)
    except ProofStoppedError as stopped:
        judged = Judged(findings=(stopped.finding,))
    except UnreadableError as error:
        judged = Judged(findings=(Finding(code="P301", message=str(error)),))
    return Explanation(
        key=item.key,
        is_proved=True,
        problems=tuple(sorted(place_finding(job, finding) for finding in judged.findings)),
        found=judged.found,
        runs=tuple(_explain_runs(item, job, observation)),
        order_count=observation.order_count,
    )


def _explain_runs(item: Item, job: Job, observation: Observation) -> Iterator[ExplainedRun]:
    for (_, seed, extent), observed in zip(job.runs, observation.runs, strict=False):
        if observed is not None and extent != AS_FAR_AS_DRAW:
            values = {name: value.text for name, value in observed.values.items()}
            yield _explain_run(draw_item(item, values), seed, values, observed)


def _explain_run(
    drawn: Item, seed: int, values: Mapping[str, str], observed: Observed
) -> ExplainedRun:
    trials = list_trials(drawn)
    judged = judge_options(drawn, trials, observed)
    return ExplainedRun(
        seed=seed,
        wall_ms=observed.wall_ms,
        values=values,
        error=observed.error.message if observed.error else "",
        printed=join(observed.printed) if observed.printed else None,
        answer=observed.answer.code if observed.answer else None,
        options=tuple(
            ExplainedOption(
                key=option.key,
                shown=_shorten(option),
                is_ticked=option.correct,
                is_right=judged.get(option.key),
            )
            for option in (drawn.options if judged else ())
        ),
        trials=tuple(_explain_trials(trials, observed)),
    )


def _shorten(option: Option) -> str:
    return (find_snippet(option) or option.text.source.strip()).partition("\n")[0]


def _explain_trials(trials: Sequence[Trial], observed: Observed) -> Iterator[ExplainedTrial]:
    for index, (trial, passes) in enumerate(zip(trials, observed.passes, strict=False)):
        told = observed.told[index] if index < len(observed.told) else None
        yield ExplainedTrial(
            name=trial.name.rstrip(","),
            code=trial.code,
            is_claimed=trial.is_right,
            passes=passes,
            why=told.why if told else "",
            printed=told.printed if told else "",
            wall_ms=told.wall_ms if told else None,
        )


# Exercises


def _explain_code(bank: Bank, item: Item, grader: Running) -> Explanation:
    proof = prove_code_item(bank, item, grader)
    problems = (
        Problem(bank.path, finding.line or item.line, finding.code, finding.message)
        for finding in proof.findings
    )
    return Explanation(
        key=item.key,
        is_proved=True,
        problems=tuple(sorted(problems)),
        submissions=tuple(_explain_submission(item, one) for one in proof.graded),
    )


def _explain_submission(item: Item, graded: GradedSubmission) -> ExplainedTrial:
    codes = {option.key: find_snippet(option) for option in item.options}
    starter = item.code.starter.code if item.code else ""
    failed = [one for one in graded.reports if one.verdict is not Verdict.ACCEPTED]
    checks = sorted({check.name for one in failed for check in one.checks if not _passes(check)})
    return ExplainedTrial(
        name="the starter" if graded.key == STARTER else f"option {graded.key}",
        code=codes.get(graded.key, starter),
        is_claimed=graded.is_right,
        passes=not failed,
        why=f"{failed[0].verdict} ({', '.join(checks) or failed[0].message})" if failed else "",
    )


def _passes(check: CheckResult) -> bool:
    return check.verdict in (Verdict.ACCEPTED, Verdict.SKIPPED)
