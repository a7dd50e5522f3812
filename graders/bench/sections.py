"""What is measured: one after the other, a burst, memory, and whether anything grows."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from graders.bench import processes
from graders.bench.figures import Figure, Section
from graders.bench.peers import Bare, load_job, measure_cold, start_cold
from graders.exercise import Exercise
from graders.facade import Grader
from graders.model import Verdict
from graders.policy import Device, Level
from graders.pool import Pool

_SIZES = {
    "small": ("<= 2.5", ">= 350"),
    "middle": ("<= 1.25", ""),
    "large": ("< 1", ""),
}
"""Per job: how many times bare grading may take, and how many times graded a cold process takes."""

_COLD_ROUNDS = 5
_COLD_BURST = 8
_WARM_UP = 10
# Submissions come one by one: the pool has filled up again, and is warm. A CUDA worker is no fork.
_PAUSES_S = {"cpu": 0.1, "cuda": 10.0}
_SETTLE_S = 1.0
_MB = 1e6


def measure_latency(device: str, level: str | None, rounds: int) -> Section:
    """Grade one after the other, in turns with the same job in a bare interpreter."""
    figures: list[Figure] = []
    with Grader(level=level) as grader, Bare(device) as bare:
        for name, (goal, cold_goal) in _SIZES.items():
            job = load_job(name)
            pair: dict[str, Callable[[], float]] = {
                "bare": partial(bare.measure, name),
                "graded": partial(_measure_grading, grader, job, device),
            }
            _take_turns(pair, _WARM_UP if device == "cpu" else 1, _PAUSES_S[device])
            taken = _take_turns(pair, rounds, _PAUSES_S[device])
            cold_s = statistics.median(measure_cold(device, name) for _ in range(_COLD_ROUNDS))
            ratio = taken["graded"] / taken["bare"]
            figures += [
                Figure(name=f"{name}: bare", value=taken["bare"] * 1e3, unit="ms"),
                Figure(name=f"{name}: graded", value=ratio, unit="x bare", goal=goal),
                Figure(
                    name=f"{name}: cold process",
                    value=cold_s / taken["graded"],
                    unit="x graded",
                    goal=cold_goal,
                ),
            ]
    title = f"One submission after the other, source to verdict (medians of {rounds}, in turns)"
    note = "Bare and graded both include the reference, which a grading asks beside the submission."
    return Section(title=title, figures=tuple(figures), note=note)


def measure_burst(device: str, level: str | None, count: int) -> Section:
    """Grade many at once, walled and with no wall at all, and in cold processes."""
    walled, walled_cpu_s = _burst(device, level, count)
    naked, naked_cpu_s = _burst(device, "none", count)
    cold = _burst_cold(device)
    isolation = (walled_cpu_s / naked_cpu_s - 1) * 100
    figures = [
        Figure(name="graded", value=walled, unit="/s", goal=">= 180"),
        Figure(name="naked forks", value=naked, unit="/s"),
        Figure(name="cold processes", value=cold, unit="/s"),
        Figure(name="graded, processor time", value=walled_cpu_s * 1e3, unit="ms a job"),
        Figure(name="naked forks, processor time", value=naked_cpu_s * 1e3, unit="ms a job"),
        Figure(name="isolation", value=isolation, unit="% over naked", goal="<= 25"),
    ]
    title = f"A burst of {count} small submissions from {_threads()} threads"
    note = f"Of cold processes {_COLD_BURST}, as many at once as there are processors."
    return Section(title=title, figures=tuple(figures), note=note)


def measure_memory(device: str, level: str | None, _count: int) -> Section:
    """Look at what waiting workers keep for themselves."""
    title = "Memory of what waits"
    with Pool(level=None if level is None else Level(level), device=Device(device)) as pool:
        pool.take().close()
        time.sleep(_SETTLE_S + _PAUSES_S[device])
        workers = processes.list_workers()
        try:
            private = [processes.read_private_bytes(pid) for pid in workers]
        except PermissionError:
            return Section(title=title, note="Only root may look into the jail: not measured.")
        parents = [processes.read_resident_bytes(pid) for pid in processes.list_parents(workers)]
    figures = [
        Figure(name="a waiting worker", value=max(private) / _MB, unit="MB private", goal="<= 15"),
        Figure(name="what starts them", value=max(parents) / _MB, unit="MB resident"),
    ]
    return Section(title=title, figures=tuple(figures))


def measure_growth(device: str, level: str | None, count: int) -> Section:
    """Grade many, and see whether anything is left of them."""
    title = f"What is left after {count} submissions"
    job = load_job("small")
    with Grader(level=level) as grader:
        for _ in range(min(_WARM_UP * 5, count)):
            _grade(grader, job, device)
        try:
            before = _read_footprint()
            for _ in range(count):
                _grade(grader, job, device)
            after = _read_footprint()
        except PermissionError:
            return Section(title=title, note="Only root may look into the jail: not measured.")
    grown = {name: after[name] - before[name] for name in before}
    figures = [
        Figure(name=name, value=value, unit="more", goal=f"<= {_SLACK.get(name, 0)}")
        for name, value in grown.items()
    ]
    return Section(title=title, figures=tuple(figures))


_SLACK = {"MB of the sandbox": 2, "MB of the grader": 2}
"""Allocators keep what was freed; a leak of a page a submission would be 4 MB."""


def _read_footprint() -> dict[str, float]:
    time.sleep(_SETTLE_S)
    workers, here = processes.list_workers(), os.getpid()
    parents = processes.list_parents(workers)
    return {
        "processes": len(workers),
        "MB of the sandbox": sum(map(processes.read_resident_bytes, parents)) / _MB,
        "MB of the grader": processes.read_resident_bytes(here) / _MB,
        "files open in the sandbox": sum(map(processes.count_descriptors, parents)),
        "files open in the grader": processes.count_descriptors(here),
        "mounts in the sandbox": sum(map(processes.count_mounts, parents)),
    }


def _measure_grading(grader: Grader, job: Exercise, device: str) -> float:
    start = time.perf_counter()
    _grade(grader, job, device)
    return time.perf_counter() - start


def _grade(grader: Grader, job: Exercise, device: str) -> None:
    report = grader.grade(job, job.reference.encode(), device=device)
    if report.verdict is not Verdict.ACCEPTED:
        raise RuntimeError(f"{job.key}: {report.verdict}: {report.message}")


def _take_turns(
    functions: dict[str, Callable[[], float]], rounds: int, pause_s: float
) -> dict[str, float]:
    """Return the median seconds of each function; in turns, so that all meet the same load."""
    taken: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            time.sleep(pause_s)
            taken[name].append(function())
    return {name: statistics.median(times) for name, times in taken.items()}


def _burst(device: str, level: str | None, count: int) -> tuple[float, float]:
    """Return the submissions graded in a second and the processor seconds of each."""
    job = load_job("small")
    with Grader(level=level) as grader, ThreadPoolExecutor(_threads()) as threads:
        for _ in range(_WARM_UP if device == "cpu" else 1):
            _grade(grader, job, device)
        time.sleep(_SETTLE_S + _PAUSES_S[device])
        cpu_s, start = processes.read_cpu_s(), time.perf_counter()
        for done in [threads.submit(_grade, grader, job, device) for _ in range(count)]:
            done.result()
        wall_s = time.perf_counter() - start
        return count / wall_s, (processes.read_cpu_s() - cpu_s) / count


def _burst_cold(device: str) -> float:
    """Return the jobs a second of cold processes, as many at a time as there are cores."""
    start = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        running = [
            threads.submit(lambda: start_cold(device, "small").wait()) for _ in range(_COLD_BURST)
        ]
        if any(done.result() for done in running):
            raise RuntimeError("a cold process failed")
    return _COLD_BURST / (time.perf_counter() - start)


def _threads() -> int:
    return 2 * (os.cpu_count() or 1)


_SECTIONS: dict[str, tuple[Callable[[str, str | None, int], Section], dict[str, int]]] = {
    "latency": (measure_latency, {"cpu": 40, "cuda": 5}),
    "burst": (measure_burst, {"cpu": 200, "cuda": 10}),
    "memory": (measure_memory, {"cpu": 1, "cuda": 1}),
    "growth": (measure_growth, {"cpu": 1000, "cuda": 20}),
}
"""Name to what measures it and how often it does its work, by device: CUDA workers are started one
by one and take seconds, so that there is less of everything."""

NAMES = tuple(_SECTIONS)


def measure(name: str, *, device: str, level: str | None, rounds: int | None = None) -> Section:
    """Measure one section.

    Args:
        name: one of NAMES.
        device: cpu or cuda.
        level: of containment; None for the best of this machine.
        rounds: how often the work is done, instead of the usual number.

    Raises:
        GraderError: if this machine cannot contain anything at this level.
    """
    function, usual = _SECTIONS[name]
    section = function(device, level, rounds or usual[device])
    if device == "cpu":
        return section
    return replace(
        section, figures=tuple(replace(figure, goal="") for figure in section.figures)
    )  # the goals are those of forked workers
