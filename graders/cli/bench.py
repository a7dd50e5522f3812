"""`graders bench`."""

from __future__ import annotations

import os
import platform

import click

from graders.bench import NAMES, Section, measure, render_json, render_text
from graders.cli.opening import NotGradedError, level_option
from graders.facade import GraderError


@click.command("bench")
@click.argument("sections", nargs=-1, type=click.Choice(NAMES), metavar="[SECTION…]")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--rounds", type=click.IntRange(min=2), help="How often; by default enough.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@level_option
def bench_command(
    sections: tuple[str, ...],
    device: str,
    rounds: int | None,
    form: str,
    level: str | None,
) -> None:
    """Measure what grading costs here, beside peers that do the same work without walls.

    A SECTION is latency, burst, memory or growth; by default all are measured. Nothing else
    should be running: the load of the machine is printed with the figures.
    """
    facts = _describe_machine(device)
    measured: list[Section] = []
    if form == "text":
        click.echo(", ".join(f"{name} {value}" for name, value in facts.items()) + "\n")
    for name in sections or NAMES:
        try:
            measured.append(measure(name, device=device, level=level, rounds=rounds))
        except GraderError as error:
            raise NotGradedError(str(error)) from error
        if form == "text":
            click.echo(render_text(measured[-1:]))
    if form == "json":
        click.echo(render_json(facts, measured))


def _describe_machine(device: str) -> dict[str, object]:
    return {
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "device": device,
    }
