"""`graders verify`."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from graders.cli import opening
from graders.cli.opening import (
    NOT_ACCEPTED,
    NotGradedError,
    find_exercise,
    level_option,
    root_option,
)
from graders.facade import (
    Exercise,
    ExerciseError,
    Grader,
    GraderError,
    SandboxError,
    list_exercises,
    load_exercise,
)
from graders.verify import (
    Verification,
    as_json,
    count_steps,
    render_fingerprints,
    render_matrix,
    render_mutants,
    verify,
)

Outcome = Verification | GraderError
Proof = functools.partial[Verification]


@click.command("verify")
@click.argument("exercises", nargs=-1, metavar="[EXERCISE…]")
@click.option(
    "--mutants/--no-mutants",
    default=True,
    show_default=True,
    help="Whether to try small changes of the reference: takes some seconds per exercise.",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=2),
    default=20,
    show_default=True,
    help="How many seeds the reference must pass under.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="How many gradings at once; by default one per processor.",
)
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
    help="Where to try it; checks that are made elsewhere only are not proven.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@root_option
@level_option
def verify_command(
    exercises: tuple[str, ...],
    mutants: bool,  # noqa: FBT001 - click hands it over by name
    seeds: int,
    jobs: int | None,
    device: str,
    form: str,
    root: Path,
    level: str | None,
) -> None:
    """Prove the checks of each EXERCISE, or of all.

    The reference must pass under every seed and the starter must not; every file below
    submissions/ must get its folder's verdict and fail exactly the checks that its first line
    names; every check must catch one of them; who solves nothing must earn nothing; and every small
    mistake made in the reference must be caught, or explained in mutants.yaml.

    Exit status: 0 all proven, 1 not all, 2 wrong usage, 3 this machine is at fault,
    130 interrupted.
    """
    folders = [find_exercise(name, root) for name in exercises] or list(list_exercises(root))
    if not folders:
        raise click.UsageError(f"there are no exercises below {root}")
    chosen = jobs or os.cpu_count() or 1
    outcomes = []
    with opening.interruptible():
        proof = functools.partial(verify, seeds=seeds, mutants=mutants, jobs=chosen, device=device)
        for folder, outcome in _verify_all(folders, level, proof, jobs=chosen):
            outcomes.append(outcome)
            if form == "text":
                _print_outcome(folder, outcome)
    if form == "json":
        click.echo(json.dumps({"exercises": [_to_json(outcome) for outcome in outcomes]}, indent=2))
    proven = all(isinstance(outcome, Verification) and not outcome.problems for outcome in outcomes)
    sys.exit(0 if proven else NOT_ACCEPTED)


def _verify_all(
    folders: Sequence[Path], level: str | None, proof: Proof, *, jobs: int
) -> Iterator[tuple[Path, Outcome]]:
    started = opening.start_grader(level, idle=jobs, is_proving=True)
    with started as grader, opening.quiet_when_interrupted():
        for folder in folders:
            try:
                yield folder, _verify_one(folder, grader, proof)
            except SandboxError as error:
                raise NotGradedError(str(error)) from error


def _verify_one(folder: Path, grader: Grader, proof: Proof) -> Outcome:
    try:
        exercise = load_exercise(folder)
        _require_device(exercise, proof.keywords["device"])
        steps = count_steps(exercise, mutants=proof.keywords["mutants"])
    except GraderError as error:
        return error
    with click.progressbar(length=steps, label=exercise.key, file=sys.stderr) as bar:
        return proof(exercise, grader, on_step=lambda _name: bar.update(1))


def _require_device(exercise: Exercise, device: str) -> None:
    """Refuse to prove an exercise where nothing of it is graded.

    Raises:
        GraderError: with where it is.
    """
    made = {one for one in exercise.devices for spec in exercise.checks if spec.runs_on(one)}
    if device not in made:
        there = " and ".join(sorted(made))
        message = f"no check is made on {device}; verify it with --device {there}"
        raise ExerciseError(exercise.folder / "exercise.md", None, message)


def _print_outcome(folder: Path, outcome: Outcome) -> None:
    if isinstance(outcome, GraderError):
        click.secho(f"{folder}: cannot be read", bold=True)
        click.secho(f"  {outcome}\n", fg="red")
        return
    click.secho(outcome.exercise, bold=True)
    if outcome.rows:
        click.echo(render_matrix(outcome))
    if outcome.fingerprints:
        click.echo("\nmisconceptions, and the checks that name them:")
        click.echo(render_fingerprints(outcome))
    if outcome.survey:
        click.echo(f"\n{render_mutants(outcome.survey)}")
    click.echo()
    for remark in outcome.information:
        click.secho(f"  {remark}", dim=True)
    for problem in outcome.problems:
        click.secho(f"  {problem}", fg="red")
    if not outcome.problems:
        click.secho(f"  {_say_proven(outcome)}", fg="green")
    click.echo()


def _say_proven(outcome: Verification) -> str:
    proofs = f"proven by {len(outcome.rows)} submissions"
    return f"{proofs} and {len(outcome.survey.trials)} mutants" if outcome.survey else proofs


def _to_json(outcome: Outcome) -> dict[str, object]:
    if isinstance(outcome, GraderError):
        return {"problems": [str(outcome)]}
    return as_json(outcome)
