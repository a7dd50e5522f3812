"""The submissions that an exercise keeps to prove its own checks.

`submissions/<verdict>/*.py`: the folder names the verdict that the file must get. The first line
of a file that must be caught says by which checks, and may name the misconception behind it:

    # caught by: gradient, tied; misconception: detached-penalty
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from graders.errors import ExerciseError
from graders.exercise.faults import Faults
from graders.model import Verdict

_CAUGHT = re.compile(
    r"#\s*caught by:\s*(?P<checks>[^;]*?)\s*(;\s*misconception:\s*(?P<tag>\S+)\s*)?"
)
_MUST_SAY = (Verdict.WRONG, Verdict.RUNTIME_ERROR)
_CAUSED_BY_OTHERS = (Verdict.PLATFORM_ERROR, Verdict.AUTHOR_ERROR, Verdict.SKIPPED)
VERDICTS = tuple(verdict for verdict in Verdict if verdict not in _CAUSED_BY_OTHERS)
"""Those that a submission itself can bring about, and so the folders that there may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A submission whose verdict is known.

    Attributes:
        verdict: what it must get.
        caught_by: names of exactly the checks that it must not pass; None where the file does
            not say.
        misconception: tag of the mistake that it stands for, or empty.
    """

    path: Path
    verdict: Verdict
    caught_by: frozenset[str] | None
    misconception: str
    source: bytes = field(repr=False)


def load_samples(
    folder: Path,
    *,
    checks: Collection[str],
    misconceptions: Collection[str],
) -> tuple[Sample, ...]:
    """Read `submissions/` of an exercise; an absent folder holds none.

    Raises:
        ExerciseError: for a folder that is no verdict, a check or misconception that does not
            exist, or a first line that is missing where it is needed.
    """
    paths = sorted(path for path in folder.glob("*/*") if path.suffix == ".py")
    faults = Faults()
    loaded = []
    for path in paths:
        try:
            loaded.append(_load(path, checks, misconceptions))
        except ExerciseError as error:
            faults.add(error)
    if faults:
        raise faults.as_error()
    return tuple(loaded)


def _load(path: Path, checks: Collection[str], misconceptions: Collection[str]) -> Sample:
    verdict = _verdict(path)
    sample = make_sample(
        path, path.read_bytes(), verdict=verdict, checks=checks, misconceptions=misconceptions
    )
    if sample.caught_by is None and verdict in _MUST_SAY:
        message = "the first line must say `# caught by: check, check; misconception: tag`"
        raise ExerciseError(path, 1, message)
    return sample


def make_sample(
    path: Path,
    source: bytes,
    *,
    verdict: Verdict,
    checks: Collection[str],
    misconceptions: Collection[str],
) -> Sample:
    """Return a known submission, having read what its first line says, if it says anything.

    Raises:
        ExerciseError: if that line names a check or a misconception that does not exist.
    """
    first = source.split(b"\n", 1)[0].decode("utf-8", errors="replace").strip()
    match = _CAUGHT.fullmatch(first)
    caught_by = _checks(path, match["checks"], checks) if match else None
    tag = (match["tag"] or "") if match else ""
    if tag and tag not in misconceptions:
        raise ExerciseError(path, 1, f"the front matter knows no misconception {tag}")
    return Sample(
        path=path,
        verdict=verdict,
        caught_by=caught_by,
        misconception=tag,
        source=source,
    )


def _verdict(path: Path) -> Verdict:
    name = path.parent.name
    if name not in VERDICTS:
        known = ", ".join(VERDICTS)
        message = f"the folder {name} is no verdict that a submission can get; there are {known}"
        raise ExerciseError(path, None, message)
    return Verdict(name)


def _checks(path: Path, text: str, known: Collection[str]) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    unknown = sorted(names - set(known))
    if unknown:
        raise ExerciseError(path, 1, f"there is no check {', '.join(unknown)}")
    return names
