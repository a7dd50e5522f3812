"""Items, banks and lessons as values, and an item as it may be shown.

An `Item` holds the key. A `ShownItem` is what a page gets: it holds the key only once it may be
seen, so a template cannot leak what it was never given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of item."""

    SINGLE = "single"
    MULTI = "multi"
    TRUEFALSE = "truefalse"
    NUMERIC = "numeric"
    OUTPUT = "output"
    BLANK = "blank"
    ORDER = "order"
    PARSONS = "parsons"
    SHORT = "short"
    CODE = "code"
    RECALL = "recall"

    @property
    def is_choice(self) -> bool:
        """Whether the learner picks options."""
        return self in (Kind.SINGLE, Kind.MULTI, Kind.TRUEFALSE)

    @property
    def is_sequence(self) -> bool:
        """Whether the learner puts options in order."""
        return self in (Kind.ORDER, Kind.PARSONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A Markdown fragment, dedented, and the line of its first character in its file."""

    source: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of an item, one anticipated value of a typed answer, or one line of a sequence.

    Attributes:
        key: name of the option in responses: a, b, c ... or what the author gave.
        text: the option; for typed kinds the value, as a single code span.
        value: the code span's content where the text is one code span, else empty; for parsons the
            line with its indentation.
        correct: whether its box is ticked; in a sequence, whether the line belongs to it.
        score: share of the points that picking it earns though it is wrong, in [0, 1).
        feedback: what the learner is told, or None.
        misconception: tag of the bank's `misconceptions`, or None.
    """

    key: str
    text: Text
    value: str
    correct: bool
    feedback: Text | None = None
    misconception: str | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """One `___name___` of a fill-in item and its anticipated values."""

    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A fenced code block: its language, its role (empty for a plain one) and its code."""

    language: str
    role: str
    code: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBlocks:
    """A small exercise inside a bank: a starting point, a right solution and the checks."""

    starter: Fence
    solution: Fence
    tests: Fence


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question with its key.

    Attributes:
        key: global id, `bank/item`.
        revision: hash of everything that bears on the meaning of a response.
        difficulty: 1 (easy) to 5.
        points: what a full score is worth.
        modes: names of the practice modes it serves.
        shuffle: whether options may be reordered.
        partial: whether a multi item gives part marks.
        output: the text that the `run` fence prints, for kind output, else None.
        orders: for sequences, every right order of option keys, the author's first; a proof may
            have found more than the author wrote.
        answer: the back of a recall card, else None.
        exercise: for kind code, key of the exercise (`lesson/slug`) that grades it, else empty.
        code: for kind code, its own small exercise where it names none, else None.
        is_case_sensitive: whether capitals count in a short answer.
        time_s: seconds for one try where a mode counts them, or None.
        variants: the code that draws the values of its variables (`{{name}}`), or None.
        draws: what that code gave, name to text, one per seed; empty until it has been run.
        fences: the stem's fences in order, for the proof.
        verify: the proof's code, or None.
        notes: for instructors, never shown to learners.
    """

    key: str
    bank: str
    id: str
    kind: Kind
    title: str
    stem: Text
    line: int
    revision: str
    options: tuple[Option, ...] = ()
    blanks: tuple[Blank, ...] = ()
    output: str | None = None
    difficulty: int = 2
    points: float = 1.0
    tags: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    shuffle: bool = True
    partial: bool = False
    objective: str = ""
    hints: tuple[Text, ...] = ()
    solution: Text | None = None
    mistakes: Text | None = None
    source: Text | None = None
    orders: tuple[tuple[str, ...], ...] = ()
    answer: Text | None = None
    exercise: str = ""
    code: CodeBlocks | None = None
    is_case_sensitive: bool = False
    time_s: int | None = None
    variants: Fence | None = None
    draws: tuple[Mapping[str, str], ...] = ()
    fences: tuple[Fence, ...] = ()
    verify: Fence | None = None
    notes: Text | None = None

    @property
    def waits_for_draws(self) -> bool:
        """Whether it has variables and nobody has drawn values for them yet."""
        return self.variants is not None and not self.draws


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """One Markdown file of items.

    Attributes:
        id: the bank's id, unique in the library.
        lesson: id of the lesson that it belongs to, or empty.
        misconceptions: tag to sentence.
        prelude: code that every proof starts with.
        prelude_line: where it stands in the file.
        tags, modes, defaults: what its items had been given already, as it was written.
        lang, license, source, authors, description: for people.
    """

    id: str
    path: str
    title: str
    lesson: str
    items: tuple[Item, ...]
    misconceptions: Mapping[str, str]
    prelude: str = ""
    prelude_line: int = 1
    intro: Text | None = None
    tags: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    lang: str = ""
    license: str = ""
    source: str = ""
    authors: tuple[str, ...] = ()
    description: str = ""


class PartKind(StrEnum):
    """The parts of a lesson, in the order in which they must stand."""

    WHY = "why"
    OVERVIEW = "overview"
    MENTAL_MODEL = "mental-model"
    STEP = "step"
    UNDER_THE_HOOD = "under-the-hood"
    MYTHS = "myths"
    PITFALL = "pitfall"
    EXPERT_NOTES = "expert-notes"
    WHEN_NOT_TO = "when-not-to"
    IN_PRODUCTION = "in-production"
    CONNECTIONS = "connections"
    TAKEAWAYS = "takeaways"


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPart:
    """One `## ` section of a lesson.

    Attributes:
        title: the heading; for steps and pitfalls what follows the colon.
        text: the body before any `### `.
        level: foundation, intermediate, advanced or expert, for steps; else empty.
        predict: key (`bank/item`) of the item to commit to before the step opens, or None.
        items: keys of the items that the part lists (myths).
        sections: `### ` sections by name, for pitfalls: Wrong, Right, Cause.
    """

    kind: PartKind
    title: str
    text: Text
    line: int
    level: str = ""
    predict: str | None = None
    items: tuple[str, ...] = ()
    sections: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """The reading side of a lesson: `lesson.md`."""

    id: str
    path: str
    title: str
    order: int
    minutes: int
    requires: tuple[str, ...]
    tags: tuple[str, ...]
    parts: tuple[LessonPart, ...]
    prelude: str = ""
    prelude_line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOption:
    """An option on a page. `correct` is None until the key may be seen."""

    key: str
    html: str
    correct: bool | None
    feedback_html: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownItem:
    """An item as a page may show it now.

    Attributes:
        options: in the attempt's order; for typed kinds empty until the key may be seen. Those to
            choose from and lines to put in order are named as in `naming`, for their keys tell.
        blanks: names of the blanks in order of appearance.
        offered: values to fill the blanks from, right and wrong ones mixed, where the mode offers
            them; else empty.
        hints_html: the hints that were asked for.
        hint_total: how many hints there are.
        solution_html, mistakes_html, expected: empty until the key may be seen. `expected` is the
            typed kinds' right value as HTML.
        answer_html: the back of a recall card, once it has been turned.
        exercise: key of the exercise that grades it, for kind code.
    """

    key: str
    kind: Kind
    title: str
    stem_html: str
    difficulty: int
    points: float
    tags: tuple[str, ...]
    options: tuple[ShownOption, ...]
    blanks: tuple[str, ...]
    hints_html: tuple[str, ...]
    hint_total: int
    solution_html: str
    mistakes_html: str
    expected_html: str
    answer_html: str = ""
    exercise: str = ""
    offered: tuple[str, ...] = ()


Renderer = Callable[[Text], str]
"""Turns a Markdown fragment into sanitised HTML; the library's cache in service."""
