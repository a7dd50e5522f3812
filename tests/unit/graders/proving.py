"""An exercise of plain Python, and a grader that really runs what it is given: in this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from graders.exercise import CheckSpec, Exercise, Sample
from graders.model import CheckResult, Limits, Report, Verdict, worst
from graders.runner import Expectation


def make_exercise(*samples, reference, starter, checks, **settings):
    """Return an exercise whose entry is `f`; `checks` are names or specs."""
    specs = [
        spec if isinstance(spec, CheckSpec) else CheckSpec(name=spec, sentence=spec)
        for spec in checks
    ]
    made = Exercise(
        key="a/b",
        id="b",
        title="B",
        lesson="a",
        difficulty=1,
        tags=(),
        entry=("f",),
        limits=Limits(),
        devices=("cpu",),
        forbid=(),
        misconceptions={},
        statement="",
        hints=(),
        solution="",
        mistakes="",
        starter=starter,
        reference=reference,
        checks=tuple(specs),
        checks_source="",
        submissions=samples,
        hash="",
        folder=Path("/ex"),
    )
    return replace(made, **settings)


def make_sample(name, source, verdict=Verdict.WRONG, caught_by=None, misconception=""):
    """Return a known submission."""
    return Sample(
        path=Path(f"/ex/submissions/{verdict}/{name}.py"),
        verdict=verdict,
        caught_by=None if caught_by is None else frozenset(caught_by),
        misconception=misconception,
        source=source.encode(),
    )


class PlainGrader:
    """Runs a source with `exec` and compares what each scenario sees, as the real one does in jails.

    Args:
        scenarios: check to `(f, seed) -> observation`.
    """

    def __init__(self, scenarios):
        self.scenarios = scenarios
        self.asked = []
        self.judges_faults = {}

    def grade(self, exercise, source, *, seed=None, device="cpu"):
        self.asked.append((source.decode(), seed, exercise.limits.wall_s))
        made = [spec for spec in exercise.checks if spec.runs_on(device)]
        results = tuple(self._check(exercise, spec, source, seed) for spec in made)
        earned = sum(entry.points for entry in results if entry.verdict is Verdict.ACCEPTED)
        return Report(
            exercise=exercise.key,
            exercise_hash="",
            verdict=worst([entry.verdict for entry in results]),
            score=earned / sum(entry.points for entry in results),
            checks=results,
            device=device,
        )

    def find_judges_fault(self, _exercise, check, expected, *, device="cpu"):
        return self.judges_faults.get((check.name, device, expected), "")

    def observe_reference(self, exercise, check, *, seed, device="cpu"):
        assert check.runs_on(device)
        try:
            return Expectation(self._observe(exercise.reference.encode(), check.name, seed))
        except Exception as error:  # noqa: BLE001 - whatever the reference raises is told
            return Expectation(fault=f"reference.py:1: {error}")

    def _check(self, exercise, spec, source, seed):
        message = ""
        try:
            got = self._observe(source, spec.name, seed)
        except Exception as error:  # noqa: BLE001 - a submission may raise anything
            verdict, message = Verdict.RUNTIME_ERROR, f"{type(error).__name__}: {error}"
        else:
            same = got == self._observe(exercise.reference.encode(), spec.name, seed)
            verdict = Verdict.ACCEPTED if same else Verdict.WRONG
        return CheckResult(
            name=spec.name,
            sentence=spec.sentence,
            points=spec.points,
            verdict=verdict,
            message=message,
        )

    def _observe(self, source, name, seed):
        if b"torch" in source:
            raise ImportError("there is no torch in this process")
        namespace = {}
        exec(source, namespace)  # noqa: S102 - the sources are those of the tests
        return self.scenarios[name](namespace["f"], seed)
