"""Proving an exercise's checks before learners meet them.

Known submissions against the checks that must catch them (`matrix`), what the reference shows
(`observations`), submissions that solve nothing (`lazy`), and small mistakes made in the reference
(`mutants`, `survivors`), of which an author may explain some (`explained`).
"""

from graders.verify.grades import Grades
from graders.verify.matrix import Row
from graders.verify.mutants import Mutant, make_mutants
from graders.verify.proving import OnStep, Verification, count_steps, verify
from graders.verify.rendering import as_json, render_fingerprints, render_matrix, render_mutants
from graders.verify.survivors import Fate, Survey, Trial

__all__ = [
    "Fate",
    "Grades",
    "Mutant",
    "OnStep",
    "Row",
    "Survey",
    "Trial",
    "Verification",
    "as_json",
    "count_steps",
    "make_mutants",
    "render_fingerprints",
    "render_matrix",
    "render_mutants",
    "verify",
]
