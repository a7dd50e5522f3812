"""One bad file per code. The sign ⟵ marks the line where the complaint belongs."""

import random
import re
from pathlib import Path

import pytest

from quizzer.banks.bank import parse_bank
from quizzer.banks.lessons import parse_lesson
from quizzer.services.checking import load_content

FRONT = """---
bank: demo
title: Demo
format: 1
misconceptions: {swapped: It is the other way round}
---
"""
LESSON_FRONT = """---
lesson: demo
title: Demo
format: 1
---
## Why

Because.
"""
OPTIONS = """
- [x] right
- [ ] wrong
  > No.
"""
CHECK = """
### Check

```python verify
x = 1
truth = {"a": x < 2, "b": x > 2}
```
"""
WORKED_OUT = '```python verify\nx = 1\ntruth = {"a": x < 2, "b": x > 2}\n'
RECITED = (
    'def ok(code):\n    return code in ("right", "true")',
    'ok = lambda code: code.strip() == "right"',
)
ITEM = "\n## one: One\n\n`kind: single`\n\nText.\n"


def single(stem: str = "Text.", options: str = OPTIONS, labels: str = "`kind: single`") -> str:
    return f"\n## one: One\n\n{labels}\n\n{stem}\n{options}{CHECK}"


def other(kind: str, stem: str, rest: str) -> str:
    return f"\n## one: One\n\n`kind: {kind}`\n\n{stem}\n\n{rest}"


def many(options: str, labels: str = "`kind: single`") -> str:
    items = [f"\n## i{n}: I\n\n{labels}\n\nText {n}.\n\n{options}{CHECK}" for n in range(5)]
    return "".join(items)


LEFT_OPEN = "\n- [x] right\n\n  ```python⟵\n  x = 1\n- [ ] wrong\n  > No.\n"
NAMED = "\n- [x] right\n- [ ] wrong\n  > `misconception: swapped` No.\n"
RUN = "```python run\nprint(1)\n```"
OUTPUT = "### Answer\n\n```output\n1\n```\n"
VERIFY = "\n### Check\n\n```python verify\nanswer = 1 + 1\n```\n"

FILE = [
    ("E101", single("Text \u202e.⟵")),
    ("E101", single("Text \x07.⟵")),
    ("E102", single("Text:\n\n\tindented⟵")),
    (
        "E103",
        single("```python⟵\nx = 1\n") + "\n## two: Two\n\n`kind: single`\n\nText.\n" + OPTIONS,
    ),
    ("E103", single() + "\n### Notes\n\n```python⟵\nx = 1\n"),
    ("E103", single("```python⟵\nx = 1\n\n```python\ny = 2\n```")),
    (
        "E104",
        single(options="\n- [x] right\n\n  ```python⟵\nx = 1\n  ```\n\n- [ ] wrong\n  > No.\n"),
    ),
    ("E104", single(options="\n- [x] right\n\n```python⟵\nx = 1\n```\n\n- [ ] wrong\n  > No.\n")),
    ("E104", single(options=LEFT_OPEN)),
    ("E104", single(options="\n- [x] right\n- [ ] wrong\n  > ```python⟵\n  > x\n")),
    ("E105", single("1. First\n\n   ```python⟵\nx = 1\n   ```")),
    ("E105", single("1. First\n\n  ```python⟵\n  x = 1\n  ```")),
    ("E106", single("Text.\n\n<!-- forgotten⟵\n\nMore.")),
    ("E107", single("<!-- a\n--> b⟵")),
    ("E107", single("Text <!-- inside -->.⟵")),
    ("E107", single("Text.\n\n  <!-- indented -->⟵")),
    ("E108", single("<pre>⟵\nx\n</pre>")),
    ("E108", single("<?php x ?>⟵")),
    ("E109", single("<div>⟵", options="- [x] right\n- [ ] wrong\n  > No.\n")),
    ("E193", single("Text.⟵\n" + "some words\n" * 2_000)),
    ("E193", single("Text ⟵" + "[" * 600)),
    ("E193", single("Text.\n\n" + "> " * 12 + "deep⟵")),
    ("E193", single("Text.\n\n" + "- " * 12 + "deep⟵")),
    ("E194", single("Text.\n\nAll $\\nosuchcommand{x}$ of it.⟵")),
    ("E194", single("Text $" + "{" * 60 + "x" + "}" * 60 + "$.⟵")),
    ("E194", single("Text $" + "(" * 40 + "x$.⟵")),
    ("E195", single("![a plot](https://example.org/x.svg)⟵")),
]

FRONT_MATTER = [
    ("E110", "# Title⟵\n" + ITEM),
    ("E111", "---⟵\nbank: demo\ntitle: Demo\nformat: 1\n"),
    ("E112", "---\nbank: demo\ntitle: [\nformat: 1⟵\n---\n" + single()),
    ("E112", "---\nbank: demo\ntitle: Demo\ntitle: Again⟵\nformat: 1\n---\n" + single()),
    (
        "E112",
        "---\nbank: demo\ntitle: Demo\nformat: 1\nauthors: ⟵"
        + "[" * 50
        + "]" * 50
        + "\n---\n"
        + single(),
    ),
    ("E113", "---\nbank: demo\ntitle: &a Demo⟵\nformat: 1\n---\n" + single()),
    ("E113", "---\nbank: demo\ntitle: !!python/name:os Demo⟵\nformat: 1\n---\n" + single()),
    ("E112", "---\nbank: demo\ntitle: One: two⟵\nformat: 1\n---\n" + single(options=NAMED)),
    ("E114", "---⟵\nbank: demo\nformat: 1\n---\n" + single()),
    ("E115", "---\nbank: demo\ntitel: Demo⟵\nformat: 1\n---\n" + single()),
    (
        "E115",
        "---\nbank: demo\ntitle: Demo\nformat: 1\nmisconception: {swapped: No}⟵\n---\n"
        + single(options=NAMED),
    ),
    ("E115", "---\nbank: demo\ntitle: Demo\nformat: 1\nmisconception: {}⟵\n---\n" + single()),
    (
        "E115",
        "---\nbank: demo\ntitle: Demo\nformat: 1\ndefaults: {kind: single}⟵\n---\n" + single(),
    ),
    ("E116", "---\nbank: Demo_1⟵\ntitle: Demo\nformat: 1\n---\n" + single()),
    ("E117", "---\nbank: demo\ntitle: Demo\nformat: 2⟵\n---\n" + single()),
    ("E118", "---\nbank: demo\ntitle: Demo\nformat: 1\ntags: {a: b}⟵\n---\n" + single()),
    ("E153", "---\nbank: demo\ntitle: Demo\nformat: 1\nprelude: import⟵\n---\n" + single()),
    (
        "E166",
        "---\nbank: demo\ntitle: Demo\nformat: 1\nmisconceptions:\n  Bad Tag: x⟵\n---\n" + single(),
    ),
]

HEADINGS = [
    ("E120", "\n##one: One⟵\n" + single()),
    ("E121", single("Text.\n\n ### Hint⟵\n\nLook.")),
    ("E122", "\n# Title\n\n# Another⟵\n" + single()),
    ("E122", single() + "\n# Late⟵\n"),
    ("E123", "\n## One_two: Title⟵\n\n`kind: single`\n\nText.\n" + OPTIONS + CHECK),
    ("E124", "\n## one-two⟵\n\n`kind: single`\n\nText.\n" + OPTIONS + CHECK),
    ("E124", "\n## one:⟵\n\n`kind: single`\n\nText.\n" + OPTIONS + CHECK),
    ("E125", "\n## What is it?⟵\n\n`kind: single`\n\nText.\n" + OPTIONS + CHECK),
    ("E126", "\n### Hint⟵\n\nLook.\n" + single()),
    ("E127", single() + "\n### Common mistakes⟵\n\nMany.\n"),
    ("E128", single() + "\n### Hint 2⟵\n\nLook.\n"),
    ("E129", other("blank", "`___a___`", "### Blank⟵\n\n- [x] `x`\n")),
    ("E130", single("Text\n---⟵")),
]

OPTION_CODES = [
    ("E131", single() + "\n### Hint\n\n- [ ] x⟵\n"),
    *(
        ("E132", single(f"Text.\n\n{near}⟵"))
        for near in (
            "- []",
            "- []text",
            "-[x] text",
            "* [x] text",
            "1. [x] text",
            "- [v] text",
            "- [x]text",
            " - [x] text",
        )
    ),
    ("E133", single(options="\n- [x] right\n- [ ] wrong\n  > No.\n  more⟵\n")),
    ("E134", single(options="\n- [x] right\n- [ ] wrong\n  > `misconceptoin: swapped` No.⟵\n")),
    ("E135", single(options="\n- [x] right\n- [ ] ```python⟵\n")),
    ("E135", single("1. ```python⟵")),
    (
        "E136",
        single(
            options="\n- [x] right\n\n    ```python⟵\n    x = 1\n    ```\n\n- [ ] wrong\n  > No.\n"
        ),
    ),
    ("E136", single("Text.\n\n  ```python⟵\n  x = 1\n  ```")),
    ("E137", single(options="\n- [x] right\n  - [ ] wrong⟵\n- [ ] other\n  > No.\n")),
    ("E138", single(options="\n- [x] right\n- [ ] wrong\n\nChoose well.⟵\n")),
    ("E138", single(options="\n- [x] right\n- [ ] wrong\nlazy⟵\n")),
    ("E139", "\n- [ ] early⟵\n" + single()),
    ("E140", single(labels="`kind: single` `dificulty: 1`⟵")),
    ("E141", single(labels="`kind: single` `kind: multi`⟵")),
    ("E142", single(labels="kind: single⟵")),
    ("E142", single(labels="`kind: single` difficulty: 1⟵")),
    ("E142", single(labels="`kind:single`⟵")),
    ("E142", single(labels="`kind: single` `difficulty:1`⟵")),
    ("E142", single(labels="`kind: single`, `difficulty: 1`⟵")),
    ("E143", single(labels="`kind: single` `modes: practise`⟵")),
    ("E143", single(labels="`kind: single` `shuffle: maybe`⟵")),
    ("E143", single(labels="`kind: single` `case: ignore`⟵")),
]

FENCES = [
    ("E150", single("```python verfy⟵\nx = 1\n```")),
    ("E150", single("```python parsons⟵\nx = 1\n```")),
    ("E150", single("```python verify⟵\nx = 1\n```")),
    ("E151", single("```python run show⟵\nx = 1\n```")),
    ("E152", single("```text run⟵\nx = 1\n```")),
    ("E153", single("```python\nx = 1\ny = = 2⟵\n```")),
    (
        "E153",
        single(options="\n- [x] right\n\n  ```python\n  y = = 2⟵\n  ```\n\n- [ ] wrong\n  > No.\n"),
    ),
    ("E154", single("What is {{ n }}?⟵")),
]

MEANING = [
    ("E160", "\nNothing here.\n", 6),
    ("E161", single() + single().replace("## one: One", "## one: One⟵")),
    ("E162", "\n## one: One⟵\n\nText.\n" + OPTIONS + CHECK),
    ("E163", single(labels="`kind: singel`⟵")),
    ("E164", single(labels="`kind: single` `difficulty: 6`⟵")),
    ("E165", single(labels="`kind: single` `points: 0`⟵")),
    ("E166", single(labels="`kind: single` `tags: Big Tag`⟵")),
    ("E167", "\n## one: One⟵\n\n`kind: single`\n" + OPTIONS + CHECK),
    ("E168", single() + "\n### Solution\n\na\n\n### Solution⟵\n\nb\n"),
    ("E168", single() + "\n```python verify⟵\ntruth = {}\n```\n"),
    ("E169", single() + "\n### Hint⟵\n"),
    ("E170", single(options="\n- [x] same\n- [ ] same⟵\n  > No.\n")),
    ("E171", single(options="\n- [x] right\n- [ ] wrong\n  > `misconception: swaped` No.⟵\n")),
    ("E172", single(options="\n- [x] right\n  > `key: k` Yes.\n- [ ] wrong⟵\n  > `key: k` No.\n")),
    ("E173", "\n## one: One⟵\n\n`kind: single`\n\nText.\n\n- [x] right\n" + CHECK),
    ("E174", "\n## one: One⟵\n\n`kind: single`\n\nText.\n\n- [ ] a\n- [ ] b\n" + CHECK),
    ("E174", single(options="\n- [x] right\n- [x] also⟵\n")),
    ("E175", "\n## one: One⟵\n\n`kind: multi`\n\nText.\n\n- [ ] a\n- [ ] b\n" + CHECK),
    (
        "E176",
        single(options="\n- [x] True⟵\n- [ ] True\n  > No.\n", labels="`kind: truefalse`"),
    ),
    ("E176", single(options="\n- [x] Yes⟵\n- [ ] No\n  > No.\n", labels="`kind: truefalse`")),
    ("E177", "\n## one: One⟵\n\n`kind: numeric`\n\nText.\n\n- [ ] `1`\n" + VERIFY),
    ("E178", other("numeric", "Text.", "- [x] 2⟵\n" + VERIFY)),
    ("E179", other("numeric", "Text.", "- [x] `0,5`⟵\n" + VERIFY)),
    ("E179", other("numeric", "Text.", "- [x] `nan`⟵\n" + VERIFY)),
    ("E180", other("numeric", "Text.", "- [x] `[3, 1]`⟵\n" + VERIFY)),
    ("E180", other("numeric", "Text.", "- [x] `3 ± -1`⟵\n" + VERIFY)),
    ("E181", other("numeric", "Text.", "- [x] `2 ± 0.5`\n- [ ] `2.4`⟵\n  > No.\n" + VERIFY)),
    ("E182", "\n## one: One⟵\n\n`kind: blank`\n\nText.\n" + VERIFY),
    ("E183", other("blank", "`___a___`⟵", VERIFY)),
    (
        "E184",
        other("blank", "`___a___`", "### Blank a\n\n- [x] `x`\n\n### Blank b⟵\n\n- [x] `x`\n"),
    ),
    ("E185", other("blank", "`___a___` and `___a___`⟵", "### Blank a\n\n- [x] `x`\n")),
    ("E186", "\n## one: One⟵\n\n`kind: output`\n\nText.\n\n" + OUTPUT),
    ("E186", other("output", RUN, "### Answer⟵\n\nOne.\n")),
    ("E187", other("output", RUN, "- [x] `2`⟵\n\n" + OUTPUT)),
    ("E187", other("output", RUN, "- [ ] `1`⟵\n  > No.\n\n" + OUTPUT)),
    ("E192", single() + "\n### Blank a⟵\n\n- [x] `x`\n"),
    ("E192", other("blank", "`___a___`", "- [x] `x`⟵\n\n### Blank a\n\n- [x] `x`\n")),
]

WARNINGS = [
    ("W201", single(options="\n- [x] right\n- [ ] wrong⟵\n")),
    ("W202", "\n## one: One⟵\n\n`kind: multi`\n\nText.\n\n- [x] a\n- [x] b\n" + CHECK),
    ("W203", single(options="\n- [x] right\n- [ ] none of the above⟵\n  > No.\n")),
    ("W210", "\n## one: One⟵\n\n`kind: single`\n\nText.\n" + OPTIONS),
    *(("W211", single().replace(WORKED_OUT, f"```python verify⟵\n{ok}\n")) for ok in RECITED),
    (
        "W211",
        "\n## one: One\n\n`kind: single`\n\nText.\n"
        + OPTIONS
        + '\n### Check\n\n```python verify⟵\ntruth = {"a": True, "b": False}\n```\n',
    ),
    ("W213", many("- [x] the long right one\n- [ ] short\n  > No.\n"), 3),
    ("W214", many("- [x] right\n- [ ] wrong\n  > No.\n", "`kind: single` `shuffle: no`"), 3),
    ("W215", single("See [that].\n\n[that]: https://example.org⟵")),
]

LESSON = [
    ("E122", "\n# Late⟵\n"),
    ("E124", "\n## Step:⟵\n\nText.\n"),
    ("E127", "\n## Mental models⟵\n\nText.\n"),
    ("E127", "\n## Overview\n\nText.\n\n### Detail⟵\n\nText.\n"),
    ("E128", "\n## Overview: of it⟵\n\nText.\n"),
    ("E131", "\n## Overview\n\n- [ ] x⟵\n"),
    ("E138", "\n## Myths\n\n- demo/one\n\nText.⟵\n"),
    ("E140", "\n## Step: One\n\n`levle: expert`⟵\n\nText.\n"),
    ("E143", "\n## Step: One\n\n`level: easy`⟵\n\nText.\n"),
    ("E143", "\n## Step: One\n\n`predict: one`⟵\n\nText.\n"),
    ("E143", "\n## Myths\n\n- one⟵\n"),
    ("E153", "\n## Overview\n\n```python\nx = = 1⟵\n```\n"),
    ("E168", "\n## Myths\n\n- demo/one\n- demo/one⟵\n"),
    ("E169", "\n## Step: One⟵\n\n`level: expert`\n"),
    ("E197", "\n## Takeaways\n\nText.\n\n## Overview⟵\n\nText.\n"),
    ("E197", "\n## Overview\n\nText.\n\n## Overview⟵\n\nText.\n"),
    (
        "E198",
        "\n## Pitfall: One⟵\n\nText.\n\n### Wrong\n\n```python\nx\n```\n\n```output\n1\n```\n\n### Cause\n\nText.\n",
    ),
    (
        "E198",
        "\n## Pitfall: One\n\n### Wrong\n\n```python⟵\nx\n```\n\n### Right\n\n```python\nx\n```\n\n```output\n1\n```\n\n### Cause\n\nText.\n",
    ),
]


def split_mark(text: str) -> tuple[str, int]:
    """Take the sign away; return the text and the line it stood on, 0 for none."""
    lines = text.split("\n")
    marked = [number for number, line in enumerate(lines, start=1) if "⟵" in line]
    return text.replace("⟵", ""), (marked[0] if marked else 0)


def list_errors(problems) -> set[tuple[str, int]]:
    return {(problem.code, problem.line) for problem in problems if problem.is_error}


@pytest.mark.parametrize(
    ("code", "body", "line"),
    [
        (*case, 0)[:3]
        for case in (*FILE, *FRONT_MATTER, *HEADINGS, *OPTION_CODES, *FENCES, *MEANING)
    ],
)
def test_an_error_is_reported_once_and_on_its_line(code, body, line):
    text, marked = split_mark(body if body.startswith(("---", "# ")) else FRONT + body)
    parsed = parse_bank(text, "demo.md")
    assert list_errors(parsed.problems) == {(code, marked or line)}
    assert parsed.value is None


@pytest.mark.parametrize(("code", "body", "line"), [(*case, 0)[:3] for case in WARNINGS])
def test_a_warning_is_reported_on_its_line_and_the_bank_serves(code, body, line):
    text, marked = split_mark(FRONT + body)
    parsed = parse_bank(text, "demo.md")
    assert [(p.code, p.line) for p in parsed.problems] == [(code, marked or line)]
    assert parsed.value is not None


@pytest.mark.parametrize(("code", "body"), LESSON)
def test_an_error_in_a_lesson_is_reported_on_its_line(code, body):
    text, marked = split_mark(LESSON_FRONT + body)
    parsed = parse_lesson(text, "lesson.md")
    assert list_errors(parsed.problems) == {(code, marked)}
    assert parsed.value is None


def test_a_lesson_without_why_is_refused():
    text = LESSON_FRONT.replace("## Why", "## Overview")
    assert list_errors(parse_lesson(text, "lesson.md").problems) == {("E199", 5)}


def test_a_file_of_more_than_a_megabyte_is_refused_unread():
    assert list_errors(parse_bank("x" * 1_000_001, "demo.md").problems) == {("E100", 1)}


def test_the_plain_items_of_this_table_are_sound():
    assert parse_bank(FRONT + single(), "demo.md").problems == ()
    assert parse_lesson(LESSON_FRONT, "lesson.md").problems == ()


def test_complaints_are_sorted_by_line_and_say_where():
    body = single(labels="`kind: singel`") + single("```python\nx = = 1\n```").replace(
        "one: One", "two: Two"
    )
    problems = parse_bank(FRONT + body, "demo.md").problems
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)
    assert str(problems[0]).startswith("demo.md:10: E163 unknown kind `singel`;")
    assert "Did you mean `single`?" in problems[0].message


# What stands in one item and says nothing about the rest of its file.
IN_AN_ITEM = [
    case[:2]
    for case in (*FILE, *HEADINGS, *OPTION_CODES, *FENCES, *MEANING)
    if case[1].startswith("\n## one: ") and case[0] not in ("E122", "E161")
]


@pytest.mark.parametrize("place", ["before", "behind"])
def test_a_sound_item_beside_a_mistake_draws_no_complaint(place):
    sound = single().replace("## one: ", "## sound: ")
    for code, body in IN_AN_ITEM:
        text, line = split_mark(FRONT + (sound + body if place == "before" else body + sound))
        assert list_errors(parse_bank(text, "demo.md").problems) == {(code, line)}, text


def test_two_mistakes_draw_their_own_complaints_and_no_other():
    chooser = random.Random(12)  # noqa: S311 - the same pairs every time
    for _ in range(600):
        (code, body), (other_code, other_body) = chooser.sample(IN_AN_ITEM, 2)
        first, line = split_mark(FRONT + body)
        second, other_line = split_mark(other_body.replace("## one: ", "## other: "))
        expected = {(code, line), (other_code, other_line + first.count("\n"))}
        problems = parse_bank(first + second, "demo.md").problems
        assert list_errors(problems) == expected, first + second


WHAT_TO_DO = re.compile(
    r"Did you mean|\b(?:add|align|change|choose|close|delete|fill|give|indent|join|make|mark|move"
    r"|mend|number|put|quote|remove|rename|reword|say|show|split|start|take|tick|use|write)\b"
    # Some rules say it all.
    r"|stands? (?:alone )?(?:in|on)\b|\bneeds\b|\bstarts? \w+ spaces in|is yes or no|is 1 \(easy"
    r"|are above 0|has small letters|the options are|an image is|the modes are|Python cannot read"
)


@pytest.mark.parametrize(("code", "body"), IN_AN_ITEM)
def test_a_message_says_what_to_do(code, body):
    text, _ = split_mark(FRONT + body)
    told = [one.message for one in parse_bank(text, "x.md").problems if one.code == code]
    assert all(WHAT_TO_DO.search(message) for message in told), told
    assert all(message.endswith((".", "?")) for message in told)


REMEDIES = [
    ("E102", "spaces"),
    ("E104", "two spaces"),
    ("E104", "not closed"),
    ("E109", "an empty line between"),
    ("E114", "lacks `title`"),
    ("E115", "Did you mean `misconceptions`?"),
    ("E120", "one space"),
    ("E124", "`## one-two: Title`"),
    ("E127", "Did you mean `Mistakes`?"),
    ("E129", "`### Blank name`"),
    ("E132", "`- [ ] text`"),
    ("E134", "Did you mean `misconception`?"),
    ("E140", "Did you mean `difficulty`?"),
    ("E142", "`kind: single`"),
    ("E150", "Did you mean `verify`?"),
    ("E163", "Did you mean `single`?"),
    ("E171", "Did you mean `swapped`?"),
    ("E178", "one code span"),
    ("E179", "a point"),
    ("E183", "`### Blank a`"),
]


@pytest.mark.parametrize(("code", "remedy"), REMEDIES)
def test_a_message_names_the_remedy(code, remedy):
    cases = (*FILE, *FRONT_MATTER, *HEADINGS, *OPTION_CODES, *FENCES, *MEANING)
    bodies = [case[1] for case in cases if case[0] == code]
    texts = [body if body.startswith("---") else FRONT + body for body in bodies]
    told = [one for text in texts for one in parse_bank(split_mark(text)[0], "x.md").problems]
    assert any(remedy in one.message for one in told if one.code == code)


def test_an_exercise_that_cannot_be_used_is_told_at_its_file(tmp_path):
    folder = tmp_path / "exercises" / "lesson" / "broken"
    folder.mkdir(parents=True)
    (folder / "exercise.md").write_text("no front matter\n", encoding="utf-8")
    content = load_content([folder], questions=tmp_path, exercises=tmp_path / "exercises")
    assert [(one.code, one.line) for one in content.list_problems()] == [("E200", 1)]


# Codes whose complaints need more than the text of one file, and where they are asserted with lines.
ELSEWHERE = {
    **dict.fromkeys(("E196",), "unit/banks/test_library.py"),
    **dict.fromkeys(("W220", "W221"), "unit/banks/test_admission.py"),
    "W212": "unit/banks/test_shown_alike.py",
    **dict.fromkeys(("P301", "P302", "P303", "P304", "P305", "P306"), "sandbox/test_proving.py"),
    **dict.fromkeys(("P307", "P308"), "sandbox/test_proving_kinds.py"),
}


def list_codes_with_lines() -> set[str]:
    """List the codes of the tables here and next door, and those that other files hold to a line."""
    tables = (Path(__file__), Path(__file__).with_name("test_kind_codes.py"))
    marked = {
        code for path in tables for code in re.findall(r'\(\s*"([EW]\d{3})",', path.read_text())
    }
    folder = Path(__file__).parents[2]
    told = {code: (folder / name).read_text(encoding="utf-8") for code, name in ELSEWHERE.items()}
    # As `(place, "P302")`, `("W212", 13)` or `["P306"]` behind the line that a helper looks up.
    return marked | {
        code for code, text in told.items() if re.search(rf'[\w")], "{code}"|"{code}", \d', text)
    }


def test_every_code_of_the_source_and_of_the_page_is_asserted_with_its_line():
    files = (*Path("quizzer/banks").glob("*.py"), *Path("quizzer/services").rglob("*.py"))
    used = {code for path in files for code in re.findall(r'"([EWP]\d{3})"', path.read_text())}
    told = set(re.findall(r"^\| ([EWP]\d{3}) \|", Path("docs/format.md").read_text(), re.MULTILINE))
    assert len(used) > 100
    assert (used | told) - list_codes_with_lines() == set()
