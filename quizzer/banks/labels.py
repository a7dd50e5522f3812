"""The values of an item's labels: numbers, tags, modes, yes and no."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quizzer.banks.chips import Chip
from quizzer.banks.front_matter import FrontMatter, is_id, split_words
from quizzer.banks.problems import Complaints, suggest
from quizzer.domain.items import Kind

MODE_NAMES = (
    *("why", "learn", "visualize", "practice", "try"),
    *("challenge", "project", "review", "metrics", "test"),
)
DEFAULT_MODES = ("practice", "test")
DEFAULT_LABELS = ("difficulty", "points", "tags", "modes", "shuffle", "partial", "time")
LATER_KINDS = ("order", "parsons", "short", "code", "recall")
LATER_LABELS = ("case", "exercise")
MAX_POINTS = 100.0
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
    objective: str


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
    reader.refuse_later()
    return Labels(
        kind=reader.read_kind(line),
        difficulty=reader.read_difficulty(),
        points=reader.read_points(),
        tags=reader.read_tags(),
        modes=reader.read_modes(),
        shuffle=reader.read_flag("shuffle", default=True),
        partial=reader.read_flag("partial", default=False),
        objective=reader.get("objective"),
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

    def refuse_later(self) -> None:
        """Complain about labels that would change the scoring and cannot do so yet."""
        for name in LATER_LABELS:
            if name in self._chips:
                self._complain(name, "E143", f"label `{name}` is not supported yet; remove it.")
        seconds = self.get("time").removesuffix("s").strip()
        if "time" in self._chips and not (seconds.isascii() and seconds.isdigit()):
            self._complain("time", "E143", "`time` is a whole number of seconds.")

    def read_kind(self, line: int) -> Kind | None:
        name = self.get("kind")
        known = [kind.value for kind in Kind if kind.value not in LATER_KINDS]
        if "kind" not in self._chips:
            self._complaints.add(
                line, "E162", "say what kind of item this is, under its heading: `kind: single`."
            )
        elif name in LATER_KINDS:
            self._complain(
                "kind", "E163", f"kind `{name}` is not supported yet; use {', '.join(known)}."
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

    def read_flag(self, name: str, *, default: bool) -> bool:
        text = self.get(name)
        if name in self._chips and text not in _YES_NO:
            self._complain(name, "E143", f"`{name}` is yes or no.")
        return _YES_NO.get(text, default)
