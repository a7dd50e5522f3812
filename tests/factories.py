"""Builders of values for tests: everything has a default, name only what the test is about."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from quizzer.domain.attempts import Chosen, Presentation, Response
from quizzer.domain.items import (
    Bank,
    Blank,
    CodeBlocks,
    Fence,
    Item,
    Kind,
    Lesson,
    LessonPart,
    Option,
    PartKind,
    Text,
)
from quizzer.domain.traces import Knob, Look, Run, Traces

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODES = ("practice", "test")


def make_text(source: str = "Some text.", line: int = 1) -> Text:
    return Text(source=source, line=line)


def make_option(key: str = "a", **changes: Any) -> Option:
    """An option whose text, value and feedback name its key; ticked unless told otherwise."""
    value = changes.pop("value", f"value_{key}")
    feedback = changes.pop("feedback", f"FEEDBACK-{key}")
    defaults: dict[str, Any] = {
        "key": key,
        "text": make_text(f"`{value}`"),
        "value": value,
        "correct": True,
        "feedback": make_text(feedback) if feedback else None,
    }
    return Option(**(defaults | changes))


def make_options(right: str = "a", wrong: str = "bcd") -> tuple[Option, ...]:
    """One option per letter, in order of the letters."""
    return tuple(make_option(key, correct=key in right) for key in sorted(right + wrong))


def make_blank(name: str = "x", **values: bool) -> Blank:
    """A blank whose anticipated values are the names given, ticked where True."""
    options = tuple(
        make_option(key, value=value, correct=correct)
        for key, (value, correct) in zip(
            "abcdefgh", (values or {"eval": True}).items(), strict=False
        )
    )
    return Blank(name=name, options=options)


def make_item(key: str = "bank/item", **changes: Any) -> Item:
    """A single-choice item with right option `a`; its revision follows from its contents."""
    bank, _, name = key.partition("/")
    kind = changes.get("kind", Kind.SINGLE)
    defaults: dict[str, Any] = {
        "key": key,
        "bank": bank,
        "id": name,
        "kind": kind,
        "title": f"Title of {name}",
        "stem": make_text(f"STEM-{name}"),
        "line": 1,
        "options": make_options() if kind.is_choice else (),
        "modes": MODES,
        "tags": ("skill",),
        "hints": (make_text("HINT-1"), make_text("HINT-2")),
        "solution": make_text("SOLUTION"),
        "mistakes": make_text("MISTAKES"),
    }
    values = defaults | changes
    values.setdefault("revision", hashlib.sha256(repr(values).encode()).hexdigest())
    return Item(**values)


def make_bank(*items: Item, **changes: Any) -> Bank:
    """A bank of the items' own name, in the lesson `lesson`."""
    name = items[0].bank if items else "bank"
    defaults: dict[str, Any] = {
        "id": name,
        "path": f"questions/lesson/{name}.md",
        "title": f"Bank {name}",
        "lesson": "lesson",
        "items": items,
        "misconceptions": {"swapped": "MISCONCEPTION swapped"},
    }
    return Bank(**(defaults | changes))


def make_lesson(name: str = "lesson", *, predict: tuple[str, ...] = (), **changes: Any) -> Lesson:
    """A lesson with one step per prediction and a part of myths if `myths` names items."""
    myths = changes.pop("myths", ())
    steps = tuple(
        LessonPart(kind=PartKind.STEP, title=key, text=make_text(), line=1, predict=key)
        for key in predict
    )
    part = LessonPart(kind=PartKind.MYTHS, title="Myths", text=make_text(), line=1, items=myths)
    defaults: dict[str, Any] = {
        "id": name,
        "path": f"questions/{name}/lesson.md",
        "title": f"Lesson {name}",
        "order": 1,
        "minutes": 10,
        "requires": (),
        "tags": (),
        "parts": (*steps, part) if myths else steps,
    }
    return Lesson(**(defaults | changes))


@dataclass(frozen=True)
class FakeLibrary:
    """A library that was never on a disk; its HTML is the Markdown between angle brackets."""

    banks: Mapping[str, Bank] = field(default_factory=dict)
    lessons: Mapping[str, Lesson] = field(default_factory=dict)

    @property
    def items(self) -> Mapping[str, Item]:
        return {item.key: item for bank in self.banks.values() for item in bank.items}

    def html(self, text: Text) -> str:
        return f"<p>{text.source}</p>"

    def list_items(self, lesson_id: str, mode_name: str) -> tuple[Item, ...]:
        return tuple(
            item
            for bank in self.banks.values()
            if bank.lesson == lesson_id
            for item in bank.items
            if mode_name in item.modes
        )

    def list_keys(self, lesson_id: str, mode_name: str) -> frozenset[str]:
        return frozenset(item.key for item in self.list_items(lesson_id, mode_name))


def make_library(*items: Item, lesson: Lesson | None = None) -> FakeLibrary:
    """A library of one lesson with the items, in banks of the items' names."""
    lesson = lesson or make_lesson()
    names = dict.fromkeys(item.bank for item in items)
    banks = {
        name: make_bank(*(item for item in items if item.bank == name), lesson=lesson.id)
        for name in names
    }
    return FakeLibrary(banks=banks, lessons={lesson.id: lesson})


def make_sequence(
    kind: Kind = Kind.PARSONS, lines: str = "abc", foreign: str = "", **changes: Any
) -> Item:
    """An item whose lines belong in the order of their letters; foreign ones do not belong."""
    options = tuple(
        make_option(key, value=f"line_{key}()", correct=key in lines)
        for key in sorted(lines + foreign)
    )
    return make_item(kind=kind, options=options, orders=(tuple(lines),), **changes)


def make_card(key: str = "bank/card", **changes: Any) -> Item:
    """A recall card with the back `BACK`."""
    return make_item(
        key, **{"kind": Kind.RECALL, "answer": make_text("BACK"), "modes": ("review",)} | changes
    )


def make_fence(code: str = "", role: str = "") -> Fence:
    return Fence(language="python", role=role, code=code, line=1)


def make_code(key: str = "bank/code", **changes: Any) -> Item:
    """An item of kind code with an exercise of its own, whose solution is `SOLUTION_CODE`."""
    code = CodeBlocks(
        starter=make_fence("def f(): ...", "starter"),
        solution=make_fence("SOLUTION_CODE = 1", "solution"),
        tests=make_fence("CHECKS = 1", "tests"),
    )
    return make_item(key, **{"kind": Kind.CODE, "code": code} | changes)


def make_variants(key: str = "bank/drawn", **changes: Any) -> Item:
    """A numeric item with a variable `n`, drawn as 3 and as 5; the right value is twice that."""
    defaults: dict[str, Any] = {
        "kind": Kind.NUMERIC,
        "title": "Twice {{n}}",
        "stem": make_text("What is twice {{ n }}?"),
        "options": (
            make_option("a", value="{{twice}}"),
            make_option("b", value="{{n}}", correct=False, feedback="FEEDBACK {{n}}"),
        ),
        "variants": make_fence("n = rng.choice([3, 5])\ntwice = 2 * n", "variants"),
        "draws": ({"n": "3", "twice": "6"}, {"n": "5", "twice": "10"}),
    }
    return make_item(key, **defaults | changes)


def _list_shown_keys(item: Item) -> tuple[str, ...]:
    shown = item.kind.is_choice or item.kind.is_sequence
    return tuple(option.key for option in item.options) if shown else ()


def make_presentation(item: Item | None = None, **changes: Any) -> Presentation:
    item = item or make_item()
    defaults: dict[str, Any] = {
        "position": 1,
        "item_key": item.key,
        "item_revision": item.revision,
        "option_order": _list_shown_keys(item),
    }
    return Presentation(**(defaults | changes))


def make_response(*keys: str, **changes: Any) -> Response:
    """A stored try that picked the option keys."""
    defaults: dict[str, Any] = {
        "position": 1,
        "try_no": 1,
        "chosen": Chosen(keys=keys),
        "score": 0.0,
        "earned": 0.0,
        "hint_count": 0,
        "at": NOON,
    }
    return Response(**(defaults | changes))


def make_run(**changes: Any) -> Run:
    """A run of three steps and four weights, one of them exactly zero."""
    defaults: dict[str, Any] = {
        "training": (3.0, 1.0, 0.5),
        "new": (3.0, 1.5, 2.0),
        "zeros": (4.0, 0.0, 1.0),
        "small": (4.0, 2.0, 2.0),
        "norm": (0.0, 1.0, 1.5),
        "weights": (1.0, -0.5, 0.0, 0.005),
    }
    return Run(**{**defaults, **changes})


def make_traces(**changes: Any) -> Traces:
    """Traces of two knobs, a name and a number, and six runs that differ in their training loss."""
    kinds = Knob(name="kind", label="Kind", values=("one", "other"))
    strengths = Knob(name="strength", label="Strength", values=(0.0, 0.1, 1.0))
    defaults: dict[str, Any] = {
        "about": ("What was run.",),
        "loss": "error",
        "inputs": "input",
        "truth": (1.0, -1.0, 0.0, 0.0),
        "columns": None,
        "without": "strength",
        "without_label": "new, strength 0",
        "high_loss": 4.0,
        "high_norm": 2.0,
        "high_weight": 1.0,
        "steps": (0, 10, 20),
        "looks": (Look(text="Look here.", at=(1, 2)),),
        "start": (0, 1),
        "knobs": (kinds, strengths),
        "runs": tuple(make_run(training=(3.0, 1.0, 0.1 * index)) for index in range(6)),
    }
    return Traces(**{**defaults, **changes})
