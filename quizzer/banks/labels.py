"""The values of an item's labels: numbers, tags, modes, yes and no."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quizzer.banks.chips import Chip
from quizzer.banks.fragments import check_text
from quizzer.banks.front_matter import FrontMatter, is_id, split_words
from quizzer.banks.problems import Complaints, suggest
from quizzer.domain.items import Kind, Text

MODE_NAMES = (
    *("why", "learn", "visualize", "practice", "try"),
    *("challenge", "project", "review", "metrics", "test"),
)
DEFAULT_MODES = ("practice", "test")
DEFAULT_LABELS = ("difficulty", "points", "tags", "modes", "shuffle", "partial", "time")
# Labels that mean something for some kinds only.
LABEL_KINDS: Mapping[str, tuple[Kind, ...]] = {
    "case": (Kind.SHORT,),
    "exercise": (Kind.CODE,),
    "partial": (Kind.MULTI, Kind.BLANK, Kind.ORDER, Kind.PARSONS),
    "shuffle": (Kind.SINGLE, Kind.MULTI, Kind.TRUEFALSE),
}
MAX_POINTS = 100.0
MAX_TIME_S = 24 * 60 * 60
_SECONDS = re.compile(r"([1-9]\d{0,5}) ?s?\Z")
_YES_NO = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """An item's labels, read. `kind` is None if it is missing or unknown."""

    kind: Kind | None
    difficulty: int
    points: float
    tags: tuple[str, ...]
    modes: tuple[str, ...]
    shuffle: bool
    partial: bool
    time_s: int | None
    is_case_sensitive: bool
    objective: str
    source: Text | None
    exercise: str


def read_defaults(front: FrontMatter) -> Mapping[str, Chip]:
    """Return the front matter's `defaults`, `tags` and `modes` as if each item had them."""
    defaults: dict[str, Chip] = {}
    for key, entry in front.get_map("defaults").items():
        if key not in DEFAULT_LABELS:
            front.complaints.add(
                entry.line, "E115", f"no default for `{key[:40]}`.{suggest(key, DEFAULT_LABELS)}"
            )
        else:
            defaults[key] = Chip(str(entry.value), entry.line)
    for key in ("tags", "modes"):
        if words := front.get_words(key):
            defaults[key] = Chip(", ".join(words), front.get_line(key))
    return defaults


def read_labels(
    chips: Mapping[str, Chip], defaults: Mapping[str, Chip], line: int, complaints: Complaints
) -> Labels:
    """Read the labels of the item whose heading is on `line`."""
    reader = _Reader({**defaults, **chips}, complaints)
    kind = reader.read_kind(line)
    return Labels(
        kind=kind,
        difficulty=reader.read_difficulty(),
        points=reader.read_points(),
        tags=reader.read_tags(),
        modes=reader.read_modes(),
        shuffle=reader.read_flag("shuffle", kind, default=True),
        partial=reader.read_flag("partial", kind, default=False),
        time_s=reader.read_time(),
        is_case_sensitive=reader.read_flag("case", kind, default=False),
        objective=reader.get("objective"),
        source=reader.find_source(),
        exercise=reader.get("exercise"),
    )


def check_label_kinds(chips: Mapping[str, Chip], kind: Kind, complaints: Complaints) -> None:
    """Complain about labels of an item that mean nothing for its kind."""
    for name, kinds in LABEL_KINDS.items():
        chip = chips.get(name)
        if chip and kind not in kinds and not complaints.has_errors_between(chip.line, chip.line):
            complaints.add(
                chip.line, "E192", f"label `{name}` goes with {', '.join(kinds)}; remove it."
            )


class _Reader:
    def __init__(self, chips: Mapping[str, Chip], complaints: Complaints) -> None:
        self._chips = chips
        self._complaints = complaints

    def get(self, name: str) -> str:
        chip = self._chips.get(name)
        return chip.value if chip else ""

    def _complain(self, name: str, code: str, message: str) -> None:
        self._complaints.add(self._chips[name].line, code, message)

    def read_time(self) -> int | None:
        found = _SECONDS.match(self.get("time"))
        seconds = int(found[1]) if found else 0
        if "time" in self._chips and not 0 < seconds <= MAX_TIME_S:
            self._complain("time", "E143", "`time` is a whole number of seconds, such as `90`.")
        return seconds or None

    def find_source(self) -> Text | None:
        chip = self._chips.get("source")
        if chip is None or not chip.value:
            return None
        text = Text(source=chip.value, line=chip.line)
        check_text(text, self._complaints)
        return text

    def read_kind(self, line: int) -> Kind | None:
        name = self.get("kind")
        known = [kind.value for kind in Kind]
        if "kind" not in self._chips:
            self._complaints.add(
                line, "E162", "say what kind of item this is, under its heading: `kind: single`."
            )
        elif name not in known:
            self._complain(
                "kind",
                "E163",
                f"unknown kind `{name}`; use {', '.join(known)}.{suggest(name, known)}",
            )
        return Kind(name) if name in known else None

    def read_difficulty(self) -> int:
        text = self.get("difficulty") or "2"
        if text not in ("1", "2", "3", "4", "5"):
            self._complain("difficulty", "E164", "difficulty is 1 (easy) to 5.")
            return 2
        return int(text)

    def read_points(self) -> float:
        text = self.get("points") or "1"
        try:
            points = float(text)
        except ValueError:
            points = math.nan
        if not 0 < points <= MAX_POINTS:
            self._complain("points", "E165", f"points are above 0 and at most {MAX_POINTS:g}.")
            return 1.0
        return points

    def read_tags(self) -> tuple[str, ...]:
        return self._read_words("tags", is_id, "E166", "a tag has small letters, digits, hyphens")

    def read_modes(self) -> tuple[str, ...]:
        known = ", ".join(MODE_NAMES)
        words = self._read_words("modes", MODE_NAMES.__contains__, "E143", f"the modes are {known}")
        return words or DEFAULT_MODES

    def _read_words(
        self, name: str, accepts: Callable[[str], bool], code: str, rule: str
    ) -> tuple[str, ...]:
        words = split_words(self.get(name))
        for word in words:
            if not accepts(word):
                self._complain(name, code, f"`{word[:60]}`: {rule}.")
        return tuple(dict.fromkeys(words))

    def read_flag(self, name: str, kind: Kind | None, *, default: bool) -> bool:
        """Read yes or no; a bank's default does not reach kinds for which it means nothing."""
        text = self.get(name)
        if name in self._chips and text not in _YES_NO:
            self._complain(name, "E143", f"`{name}` is yes or no.")
        return _YES_NO.get(text, default) if kind in LABEL_KINDS[name] else default
