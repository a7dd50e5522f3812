"""The outcome of proving an exercise, as text for its author."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict

from graders.verify.explained import FILE, write_entry
from graders.verify.proving import Verification
from graders.verify.survivors import Fate, Survey, Trial


def render_matrix(verification: Verification) -> str:
    """Return the table of files and checks: X caught, · passed, - not made, / not made here."""
    rows = verification.rows
    if not rows:
        return "(the rest was not tried)"
    width = max(len(row.name) for row in rows)
    missing = dict.fromkeys(verification.elsewhere, f" (not on {verification.device})")
    lines = [
        f"{'':{width}}  {'│' * index} {index + 1}. {name}{missing.get(name, '')}"
        for index, name in enumerate(verification.checks)
    ]
    for row in rows:
        sign = "!" if row.problems else " "
        lines.append(f"{row.name:{width}} {sign}{row.marks}  {row.verdict}")
    return "\n".join(lines)


def render_fingerprints(verification: Verification) -> str:
    """Return the misconceptions, each with the sets of failing checks that name it."""
    in_order = sorted(verification.fingerprints, key=lambda found: found.misconceptions)
    return "\n".join(
        f"{found.misconceptions[0]}: {', '.join(found.checks)} ({found.verdict})"
        for found in in_order
        if len(found.misconceptions) == 1 and found.misconceptions[0]
    )


def render_mutants(survey: Survey) -> str:
    """Return how many mutants were made and caught, and each that neither was nor is explained."""
    fates = [
        f"{survey.count(fate)} {fate}" for fate in Fate if survey.count(fate) or fate is Fate.CAUGHT
    ]
    counts = ", ".join([*fates, f"{survey.explained} explained"])
    lines = [f"mutants: {len(survey.trials)} made, {counts}"]
    for trial in survey.unexplained:
        lines += ["", f"{trial.mutant.name}: {_say_fate(trial)}", textwrap.indent(trial.diff, "  ")]
    return "\n".join([*lines, *_say_remedy(survey.unexplained)])


def as_json(verification: Verification) -> dict[str, object]:
    """Return the outcome as JSON-ready values: of mutants what differs, not their whole files."""
    data = asdict(verification)
    survey = verification.survey
    if survey is not None:
        for trial in data["survey"]["trials"]:
            del trial["mutant"]["source"]
        data["survey"]["counts"] = {
            **{fate.value: survey.count(fate) for fate in Fate},
            "explained": survey.explained,
        }
    return data


def _say_fate(trial: Trial) -> str:
    return f"{trial.fate} ({trial.detail})" if trial.detail else trial.fate.value


def _say_remedy(survivors: Sequence[Trial]) -> list[str]:
    entries = [
        write_entry(entry.mutant) for entry in survivors if entry.fate is not Fate.NOT_GRADED
    ]
    if not entries:
        return []
    return [
        "",
        "Add a check that tells them from the reference; or, where none can, say why",
        f"in {FILE}:",
        "",
        textwrap.indent("\n".join(dict.fromkeys(entries)), "  "),
    ]
