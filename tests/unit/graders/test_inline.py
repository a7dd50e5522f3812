"""An exercise from texts: the same values as from a folder, and faults at lines of the texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.errors import ExerciseError
from graders.exercise import CHECKS, REFERENCE, ExerciseTexts, KnownSubmission, make_exercise
from graders.model import Verdict

TESTS = """\
from graders import check, observe


@check(points=2)
def value(solution, draw):
    \"\"\"Twice the number.\"\"\"
    return observe.number(solution.double(draw.number(1.0, 2.0)))


@check(hidden=True)
def half(solution, draw):
    \"\"\"Half the number.\"\"\"
    return solution.halve(solution.double(draw.number(1.0, 2.0)))
"""
SOLUTION = """\
def halve(x):
    return x / 2


def double(x):
    return 2 * x
"""


def make_texts(**changes):
    defaults = {
        "key": "arithmetic/numbers--double",
        "title": "Double it",
        "statement": "Write `double`.",
        "starter": "def double(x):\n    return x\n",
        "reference": SOLUTION,
        "checks": TESTS,
        "folder": Path("questions/arithmetic"),
        "misconceptions": {"squared": "You squared it."},
    }
    return ExerciseTexts(**(defaults | changes))


def make(**changes):
    return make_exercise(make_texts(**changes))


def known(source, name="b", **changes):
    return KnownSubmission(name=name, source=source, is_right=False, **changes)


def test_it_has_what_an_exercise_has():
    exercise = make()
    assert (exercise.key, exercise.lesson, exercise.id) == (
        "arithmetic/numbers--double",
        "arithmetic",
        "numbers--double",
    )
    assert [(spec.name, spec.points, spec.hidden) for spec in exercise.checks] == [
        ("value", 2.0, False),
        ("half", 1.0, True),
    ]
    assert exercise.devices == ("cpu",)
    assert "def half" not in exercise.checks_source


def test_what_must_be_defined_is_what_the_checks_use_in_their_order():
    assert make().entry == ("double", "halve")


def test_every_text_makes_another_version_and_nothing_else_does():
    before = make().hash
    assert make().hash == before
    for field in ("title", "statement", "starter"):
        assert make(**{field: "other"}).hash != before
    assert make(reference=SOLUTION + "# why\n").hash != before
    assert make(checks=TESTS + "# why\n").hash != before
    assert make(key="arithmetic/other--double").hash != before
    assert make(known=(known("x = 1\n"),), tags=("a",)).hash == before


def test_a_known_submission_may_say_what_catches_it():
    said, silent, right = make(
        known=(
            known("# caught by: value; misconception: squared\nx = 1\n"),
            known("x = 1\n", name="c", misconception="squared"),
            KnownSubmission(name="d", source=SOLUTION, is_right=True),
        )
    ).submissions
    assert (said.caught_by, said.misconception) == (frozenset({"value"}), "squared")
    assert (silent.caught_by, silent.misconception) == (None, "squared")
    assert [one.verdict for one in (said, silent, right)] == [
        Verdict.WRONG,
        Verdict.WRONG,
        Verdict.ACCEPTED,
    ]


@pytest.mark.parametrize(
    ("changes", "path", "line", "words"),
    [
        ({"checks": "def broken(:\n"}, CHECKS, 1, "syntax error"),
        ({"checks": "x = 1\n"}, CHECKS, 1, "no check is worth any points"),
        ({"reference": "x = \n"}, REFERENCE, 1, "syntax error"),
        ({"reference": "halve = None\n"}, CHECKS, 7, "no function or class double"),
        ({"checks": TESTS.replace("solution.", "draw.")}, CHECKS, 1, "use nothing"),
        ({"checks": TESTS.replace("hidden=True", "devices='cuda'")}, CHECKS, 11, "CPU only"),
        ({"known": (known("# caught by: nobody\n"),)}, Path("b"), 1, "no check nobody"),
        (
            {"known": (known("# caught by: value; misconception: x\n"),)},
            Path("b"),
            1,
            "no misconception x",
        ),
    ],
)
def test_a_fault_is_told_at_its_line_of_the_text(changes, path, line, words):
    with pytest.raises(ExerciseError, match=words) as caught:
        make(**changes)
    assert (caught.value.path, caught.value.line) == (path, line)


def test_what_is_printed_of_it_shows_no_secret():
    texts = make_texts(known=(known("SECRET = 1\n"),))
    for text in (repr(make_exercise(texts)), repr(texts)):
        assert "x / 2" not in text
        assert "SECRET" not in text
        assert "observe.number" not in text
