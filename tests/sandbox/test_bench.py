"""The benchmark's jobs are sound, and its peers do the same work."""

import pytest
from click.testing import CliRunner

from graders.bench import measure, sections
from graders.bench.peers import Bare, load_job
from graders.bench.processes import list_workers, read_cpu_s
from graders.cli import main
from graders.facade import Verdict

JOBS = ("small", "middle", "large")


@pytest.mark.parametrize("name", JOBS)
def test_a_job_is_solved_by_its_reference_and_not_by_its_starter(grader, name):
    job = load_job(name)
    assert grader.grade(job, job.reference.encode()).verdict is Verdict.ACCEPTED
    assert grader.grade(job, job.starter.encode()).score == 0.0


def test_the_bare_peer_does_the_jobs_and_tells_their_time():
    with Bare("cpu") as bare:
        assert all(0 < bare.measure(name) < 60 for name in JOBS)


def test_processes_of_the_sandbox_are_found(best_pool):
    before = read_cpu_s()
    with best_pool.take() as worker:
        assert worker._pid in list_workers()
    assert read_cpu_s() >= before > 0


def test_a_section_holds_figures_with_their_goals(monkeypatch):
    monkeypatch.setattr(sections, "_COLD_BURST", 2)  # each loads torch
    section = measure("burst", device="cpu", level=None, rounds=4)
    goals = {figure.name: figure.goal for figure in section.figures if figure.goal}
    assert goals == {"graded": ">= 180", "isolation": "<= 25"}
    assert all(figure.value > 0 for figure in section.figures if figure.name != "isolation")


def test_an_unknown_section_is_wrong_usage():
    done = CliRunner().invoke(main, ["bench", "everything"])
    assert done.exit_code == 2
    assert "latency" in done.output
