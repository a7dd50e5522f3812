"""An exercise: its folder or its texts, read and checked, without running anything in them."""

from graders.exercise.check_specs import CheckSpec
from graders.exercise.inline import (
    CHECKS,
    REFERENCE,
    ExerciseTexts,
    KnownSubmission,
    make_exercise,
)
from graders.exercise.judge_specs import JudgeSpec
from graders.exercise.loading import Exercise, list_exercises, load_exercise
from graders.exercise.samples import Sample

__all__ = [
    "CHECKS",
    "REFERENCE",
    "CheckSpec",
    "Exercise",
    "ExerciseTexts",
    "JudgeSpec",
    "KnownSubmission",
    "Sample",
    "list_exercises",
    "load_exercise",
    "make_exercise",
]
