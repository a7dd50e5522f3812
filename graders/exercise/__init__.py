"""An exercise: its folder, read and checked, without running anything in it."""

from graders.exercise.check_specs import CheckSpec
from graders.exercise.judge_specs import JudgeSpec
from graders.exercise.loading import Exercise, list_exercises, load_exercise
from graders.exercise.samples import Sample

__all__ = ["CheckSpec", "Exercise", "JudgeSpec", "Sample", "list_exercises", "load_exercise"]
