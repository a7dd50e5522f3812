"""Misconceptions: which failing checks name them to a learner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graders.exercise import Exercise, Sample
from graders.model import Verdict
from graders.verify.places import place_in_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """One way in which a submission fails, and the mistakes that fail this way.

    Attributes:
        verdict: of the submission.
        checks: those that it fails, sorted.
        misconceptions: tags, sorted; a learner is told only where there is exactly one. An empty
            tag stands for known submissions that name none.
    """

    verdict: Verdict
    checks: tuple[str, ...]
    misconceptions: tuple[str, ...]


def list_fingerprints(exercise: Exercise) -> tuple[Fingerprint, ...]:
    """Return the fingerprints of the known wrong submissions, in the order of their files."""
    tags: dict[tuple[Verdict, frozenset[str]], set[str]] = {}
    for sample in exercise.submissions:
        if sample.caught_by and not _is_silent(exercise, sample):
            tags.setdefault((sample.verdict, sample.caught_by), set()).add(sample.misconception)
    return tuple(
        Fingerprint(
            verdict=verdict,
            checks=tuple(spec.name for spec in exercise.checks if spec.name in checks),
            misconceptions=tuple(sorted(found)),
        )
        for (verdict, checks), found in tags.items()
    )


def _is_silent(exercise: Exercise, sample: Sample) -> bool:
    """Whether only hidden checks fail, by an error: of these no misconception is named."""
    hidden = {spec.name for spec in exercise.checks if spec.hidden}
    return sample.verdict is Verdict.RUNTIME_ERROR and (sample.caught_by or set()) <= hidden


def find_unused(exercise: Exercise) -> list[str]:
    """Return a problem for each misconception that no submission stands for."""
    used = {sample.misconception for sample in exercise.submissions}
    return [
        f"{place_in_text(exercise, tag)}: no submission stands for the misconception {tag}; "
        f"add one whose first line ends in `; misconception: {tag}`, or remove it"
        for tag in exercise.misconceptions
        if tag not in used
    ]


def tell_ambiguous(fingerprints: Iterable[Fingerprint]) -> list[str]:
    """Return a remark for each way to fail that several mistakes share: none of them is named."""
    return [
        f"{' and '.join(tag or 'submissions without one' for tag in found.misconceptions)} fail "
        f"alike ({found.verdict}: {', '.join(found.checks)}), so that no misconception is named"
        for found in fingerprints
        if len(found.misconceptions) > 1
    ]
