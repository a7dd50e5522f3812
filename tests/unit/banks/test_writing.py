"""A bank that is written and read again is the same bank: real ones, and thousands by chance."""

import random
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from quizzer.banks.bank import parse_bank
from quizzer.banks.fences import list_fences
from quizzer.banks.writing import write_bank
from quizzer.domain.items import Bank, Blank, CodeBlocks, Fence, Item, Kind, Option, Text

BANKS = sorted(
    path
    for folder in ("questions", "tests/golden/banks")
    for path in Path(folder).rglob("*.md")
    if path.name != "lesson.md"
)
OUTSIDE_THE_MEANING = ("line", "prelude_line", "revision")
RANDOM_BANKS = 2_000
MUTATED_BANKS = 500
ACCIDENTS = (
    *(
        "",
        "  > `key: z`",
        "  >",
        "- a",
        "  text",
        "> quote",
        "`a",
        "<!-- c -->",
        "#### h",
        "    code",
    ),
    *(
        "  > `key: q` `b: c`",
        "1. x",
        "  > ```text",
        "\\",
        "- [x] new",
        "  > > deep",
        "  > - li",
        "$$",
        "### Notes",
    ),
)

WORDS = (
    *("weights", "the *loss*", "`x`", "``a ` b``", "$w_1$", "5 or 6", "C#", "**bold**", "<kbd>Esc</kbd>"),
    *("“quoted”", "a · b", "[link](https://example.org)", "1) one", "x_y_z", "é", "\\*", "`key: value`"),
    *("{braces}", "![plot](/figures/demo/plot.svg)", "`![no](/figures/demo/a.svg)`", "a | b", "- dash", "~tilde~"),
)  # fmt: skip
BLOCKS = (
    "- one\n- two",
    "1. one\n2. two\n\n   more",
    "- outer\n\n  ```python\n  x = 1\n  ```",
    "> quoted\n> twice",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "$$\nx^2\n$$",
    "```text\n![plot](/figures/demo/plot.svg)\n```",
    "~~~\n```\n~~~",
    "````\n```python run\n```\n````",
    "```python\nx = {1}\n\n\ny = 2\n```",
    "```output\n1\n```",
    "#### A heading",
    "two\nlines",
    "***",
)
LINES = ("f()", "    g(x)", "x = '#!'", "if x:", "y = `", 'print("```")', "z = 1  # why")
CODE = ("x = 1\n", 'text = """\n```\n"""\n', "def f():\n    return 1\n\n\nf()\n", "y = 2   \n")
MODES = ("practice", "test", "learn", "review")
TITLES = (
    "Demo",
    "yes",
    "1.0",
    "it's: a # title",
    '"quoted"',
    "- dash",
    "[list]",
    "{{x}}",
    "a\nb",
    "é ☃",
    "'",
)


class Chance:
    """Draws banks; the same seed draws the same one."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - nothing here is secret

    def draw_bank(self) -> Bank:
        rng = self._rng
        tags = self._draw_tags()
        return Bank(
            id="demo",
            path="demo.md",
            title=rng.choice(TITLES),
            lesson="demo",
            items=tuple(self._draw_item(n) for n in range(rng.randint(1, 2))),
            misconceptions={"swapped": rng.choice(TITLES), "no": "never"},
            prelude=rng.choice(
                ("", "import torch", "import torch\n", "x = 1\n\nif x:\n    y = 2\n")
            ),
            intro=rng.choice((None, self._draw_text())),
            tags=tags,
            modes=self._draw_modes() if self._is_likely(0.5) else (),
            defaults=self._draw_defaults(),
            lang=rng.choice(("", "en", "no")),
            license=rng.choice(("", "CC-BY-4.0")),
            source=rng.choice(("", "A book: chapter 1")),
            authors=rng.choice(((), ("A", "B"), ("Doe, Jane", "null"))),
            description=rng.choice(("", "Two\nlines", "text " * 60 + "end")),
        )

    def _is_likely(self, share: float) -> bool:
        return self._rng.random() < share

    def _draw_tags(self) -> tuple[str, ...]:
        return tuple(self._rng.sample(("one", "two", "yes", "a-1"), self._rng.randint(0, 2)))

    def _draw_modes(self) -> tuple[str, ...]:
        return tuple(self._rng.sample(MODES, self._rng.randint(1, 3)))

    def _draw_served(self, kind: Kind) -> tuple[str, ...]:
        if kind is Kind.RECALL:
            return ("review",)
        return ("practice", "learn") if kind is Kind.CODE else self._draw_modes()

    def _draw_defaults(self) -> dict[str, str]:
        known = {"difficulty": "4", "points": "2.5", "shuffle": "no", "partial": "yes"}
        return {name: value for name, value in known.items() if self._is_likely(0.3)}

    # Texts

    def _draw_words(self) -> str:
        return "It is " + " ".join(self._rng.choices(WORDS, k=self._rng.randint(1, 4)))

    def _draw_text(self) -> Text:
        parts = [self._draw_words()]
        parts += self._rng.choices(BLOCKS, k=self._rng.choice((0, 0, 1, 3)))
        if self._is_likely(0.2):
            parts.reverse()
        return Text(source=self._rng.choice(("\n\n", "\n\n\n")).join(parts), line=1)

    def _draw_optional(self) -> Text | None:
        return self._draw_text() if self._is_likely(0.3) else None

    def _draw_feedback(self) -> Text:
        labelled = ("`key: k` is no label here", "`misconception: swapped` neither")
        if self._is_likely(0.05):
            return Text(source=self._rng.choice(labelled), line=1)
        return self._draw_text()

    # Options

    def _draw_option(self, number: int, *, correct: bool, text: str, value: str = "") -> Option:
        has_feedback = self._is_likely(0.7)
        return Option(
            key=f"k{number}" if self._is_likely(0.2) else chr(ord("a") + number),
            text=Text(source=text, line=1),
            value=value,
            correct=correct,
            feedback=self._draw_feedback() if has_feedback else None,
            misconception="swapped" if self._is_likely(0.2) else None,
        )

    def _draw_options(self, ticks: str) -> tuple[Option, ...]:
        """Return options of prose, one per letter: x is ticked, o is not."""
        return tuple(
            self._draw_option(n, correct=tick == "x", text=self._draw_option_text(n))
            for n, tick in enumerate(ticks)
        )

    def _draw_option_text(self, number: int) -> str:
        text = f"{self._draw_words()} {number}"
        if self._is_likely(0.2):
            text += f"\n\n```python\nx = {number}\n\ny = 1\n```"
        return text

    def _draw_values(self, *, numbers: bool = False) -> tuple[Option, ...]:
        values = ("1", "3 ± 0.5", "[5, 6]", "7 ± 1%") if numbers else ("eval", "a b", "'x'", "-1")
        options = tuple(
            self._draw_option(
                n, correct=n == 0 or self._is_likely(0.2), text=f"`{value}`", value=value
            )
            for n, value in enumerate(values)
        )
        return tuple(
            one if one.correct or self._is_likely(0.7) else replace(one, score=0.25)
            for one in options
        )

    # Items

    def _draw_item(self, number: int) -> Item:
        kind = self._rng.choice(list(Kind))
        stem = self._draw_stem(kind)
        item = Item(
            key=f"demo/i{number}",
            bank="demo",
            id=f"i{number}",
            kind=kind,
            title=" ".join(self._rng.choice(TITLES).replace("{{x}}", "C#").split()),
            stem=stem,
            line=1,
            revision="",
            fences=tuple(self._draw_role(fence, kind) for fence in list_fences(stem)),
            difficulty=self._rng.randint(1, 5),
            points=self._rng.choice((1.0, 2.5, 0.1, 100.0)),
            tags=self._draw_tags(),
            modes=self._draw_served(kind),
            time_s=self._rng.choice((None, 90)),
            objective=self._rng.choice(("", "To see: it")),
            hints=tuple(self._draw_text() for _ in range(self._rng.choice((0, 0, 2)))),
            solution=self._draw_optional(),
            mistakes=self._draw_optional(),
            source=self._draw_optional(),
            notes=self._draw_optional(),
        )
        return replace(item, **self._draw_key(item))

    def _draw_stem(self, kind: Kind) -> Text:
        text = self._draw_text()
        if kind is Kind.OUTPUT:
            text = replace(text, source=f"{text.source}\n\n```python\nprint(1)\n```")
        if kind is Kind.BLANK:
            text = replace(text, source=f"{text.source}\n\n```python\n___one___ = ___two___\n```")
        return text

    def _draw_role(self, fence: Fence, kind: Kind) -> Fence:
        if fence.language != "python":
            return fence
        if kind is Kind.OUTPUT:
            return replace(fence, role="run" if fence.code == "print(1)\n" else "show")
        return replace(fence, role=self._rng.choice(("", "show", "run")))

    def _draw_key(self, item: Item) -> dict[str, Any]:
        kind = item.kind
        key = {
            Kind.SINGLE: self._draw_single,
            Kind.MULTI: self._draw_multi,
            Kind.TRUEFALSE: self._draw_truefalse,
            Kind.NUMERIC: lambda: {"options": self._draw_values(numbers=True)},
            Kind.OUTPUT: self._draw_output,
            Kind.BLANK: self._draw_blanks,
            Kind.ORDER: self._draw_order,
            Kind.PARSONS: self._draw_parsons,
            Kind.SHORT: self._draw_short,
            Kind.CODE: self._draw_code,
            Kind.RECALL: lambda: {"answer": self._draw_text()},
        }[kind]()
        if kind.is_choice:
            key["shuffle"] = self._is_likely(0.5)
        if kind in (Kind.MULTI, Kind.BLANK, Kind.ORDER, Kind.PARSONS):
            key["partial"] = self._is_likely(0.5)
        if kind not in (Kind.CODE, Kind.RECALL) and self._is_likely(0.5):
            key["verify"] = self._draw_block("verify")
        return key

    def _draw_block(self, role: str) -> Fence:
        return Fence(language="python", role=role, code=self._rng.choice(CODE), line=1)

    def _draw_single(self) -> dict[str, Any]:
        return {"options": self._draw_options(self._rng.choice(("xo", "oxo", "ooox")))}

    def _draw_multi(self) -> dict[str, Any]:
        return {"options": self._draw_options(self._rng.choice(("xo", "xxo", "oxox")))}

    def _draw_truefalse(self) -> dict[str, Any]:
        order = self._rng.sample(("True", "False"), 2)
        return {
            "options": tuple(
                self._draw_option(n, correct=n == 0, text=text) for n, text in enumerate(order)
            )
        }

    def _draw_output(self) -> dict[str, Any]:
        wrong = [replace(one, correct=False) for one in self._draw_values()]
        printed = self._rng.choice(("1", "", "a\n\n  b", "```\n1", "## i0"))
        return {"output": printed, "options": tuple(self._rng.choice((wrong, [])))}

    def _draw_blanks(self) -> dict[str, Any]:
        return {"blanks": tuple(Blank(name=n, options=self._draw_values()) for n in ("one", "two"))}

    def _draw_order(self) -> dict[str, Any]:
        options = self._draw_options(self._rng.choice(("xxx", "oxxxo", "xxxxxxx")))
        return {"options": options, "orders": (tuple(one.key for one in options if one.correct),)}

    def _draw_parsons(self) -> dict[str, Any]:
        options = [self._draw_line(n, correct=True) for n in range(self._rng.randint(3, 6))]
        options += [
            self._draw_line(n, correct=False) for n in range(len(options), len(options) + 2)
        ]
        order = tuple(one.key for one in options if one.correct)
        return {"options": tuple(options), "orders": (order,)}

    def _draw_line(self, number: int, *, correct: bool) -> Option:
        code = f"f({number})  # why" if correct else f"{self._rng.choice(LINES)}{number}"
        why = (
            Text(source=self._draw_words(), line=1)
            if self._is_likely(0.7) and not correct
            else None
        )
        option = self._draw_option(
            number, correct=correct, text=f"```python\n{code}\n```", value=code
        )
        if correct:
            option = replace(option, key=chr(ord("a") + number), misconception=None)
        return replace(option, feedback=why)

    def _draw_short(self) -> dict[str, Any]:
        return {"options": self._draw_values(), "is_case_sensitive": self._is_likely(0.5)}

    def _draw_code(self) -> dict[str, Any]:
        if self._is_likely(0.3):
            return {"exercise": "demo/double"}
        blocks = (self._draw_block(role) for role in ("starter", "solution", "tests"))
        code = CodeBlocks(**dict(zip(("starter", "solution", "tests"), blocks, strict=True)))
        texts = (f"Wrong {n}:\n\n```python\nx = {n}\n```" for n in range(2))
        options = tuple(
            self._draw_option(n, correct=n == 1, text=text) for n, text in enumerate(texts)
        )
        return {"code": code, "options": self._rng.choice((options, ()))}


def strip_places(value: Any) -> Any:
    """Return a value that is equal to another one's if the two differ in places only."""
    if is_dataclass(value):
        kept = [field.name for field in fields(value) if field.name not in OUTSIDE_THE_MEANING]
        return {name: strip_places(getattr(value, name)) for name in kept}
    if isinstance(value, tuple):
        return [strip_places(one) for one in value]
    return value


def find_differences(first: Bank, text: str) -> Iterator[str]:
    parsed = parse_bank(text, first.path)
    yield from (str(problem) for problem in parsed.problems if problem.is_error)
    if parsed.value is None:
        return
    before, after = strip_places(first), strip_places(parsed.value)
    yield from (f"{name}: {after[name]}" for name in before if before[name] != after[name])


@pytest.mark.parametrize("path", BANKS, ids=str)
def test_a_real_bank_is_the_same_once_written_and_read(path):
    bank = parse_bank(path.read_text(encoding="utf-8"), str(path)).value
    assert bank is not None
    assert list(find_differences(bank, write_bank(bank))) == []


def test_thousands_of_random_banks_are_the_same_once_written_and_read():
    kinds = set()
    for seed in range(RANDOM_BANKS):
        bank = Chance(seed).draw_bank()
        text = write_bank(bank)
        assert list(find_differences(bank, text)) == [], f"seed {seed}:\n{text}"
        kinds.update(item.kind for item in bank.items)
    assert kinds == set(Kind)


def mutate(text: str, rng: random.Random) -> str:
    """Return the text with some of its lines gone, doubled, moved or indented, as by accident."""
    lines = text.split("\n")
    first = lines.index("---", 1) + 1
    for _ in range(rng.randint(1, 3)):
        at, other = rng.randrange(first, len(lines)), rng.randrange(first, len(lines))
        change = rng.choice(("remove", "double", "swap", "indent", "insert"))
        if change == "remove":
            lines[at] = ""
        elif change == "double":
            lines.insert(at, lines[other])
        elif change == "swap":
            lines[at], lines[other] = lines[other], lines[at]
        elif change == "indent":
            lines[at] = f"  {lines[at]}"
        else:
            lines.insert(at, rng.choice(ACCIDENTS))
    return "\n".join(lines)


def test_what_is_accepted_of_mutated_banks_is_the_same_once_written_and_read():
    accepted = 0
    for seed in range(MUTATED_BANKS):
        rng = random.Random(seed)  # noqa: S311 - nothing here is secret
        text = mutate(write_bank(Chance(seed).draw_bank()), rng)
        bank = parse_bank(text, "demo.md").value
        if bank is not None:
            accepted += 1
            assert list(find_differences(bank, write_bank(bank))) == [], f"seed {seed}:\n{text}"
    assert accepted > MUTATED_BANKS // 10


def test_a_difference_would_be_found():
    bank = Chance(0).draw_bank()
    text = write_bank(bank)
    assert list(find_differences(replace(bank, license="other"), text)) != []
    assert list(find_differences(bank, text.replace("# ", "#", 1))) != []
