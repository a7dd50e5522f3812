"""One bad bank per mistake in sequences, short answers, cards, code, variables and their labels.

The sign ⟵ marks the line where the complaint belongs.
"""

import pytest

from quizzer.banks.bank import parse_bank

FRONT = """---
bank: demo
title: Demo
format: 1
misconceptions: {swapped: It is the other way round}
---
"""
STEPS = """- [x] first
- [x] second
- [ ] never
  > That belongs elsewhere.
- [x] third
"""
LINES = """zero_grad()
loss.backward()
loss.step()  #! distractor: A loss has no step.
optimizer.step()
"""
VERIFY = "\n### Check\n\n```python verify\ndef ok(code):\n    return len(code) > 1\n```\n"
CODE = """
### Check

```python starter
def double(x): ...
```

```python solution
def double(x):
    return 2 * x
```

```python tests
assert callable(check)
```
"""
VARIANTS = """
### Check

```python variants
n = rng.randint(1, 9)
doubled = 2 * n
```

```python verify
answer = n + n
```
"""
VALUES = "- [x] `{{doubled}}`\n- [ ] `{{n}}`\n  > That is {{n}} itself.\n"


def item(kind: str, body: str, stem: str = "Text.", labels: str = "") -> str:
    return f"\n## one: One\n\n`kind: {kind}`{labels}\n\n{stem}\n\n{body}"


def order(steps: str = STEPS, **more: str) -> str:
    return item("order", steps + VERIFY, **more)


def parsons(lines: str = LINES, **more: str) -> str:
    return item("parsons", f"### Answer\n\n```python parsons\n{lines}```\n{VERIFY}", **more)


def short(values: str, **more: str) -> str:
    return item(
        "short", values + "\n### Check\n\n```python verify\nanswer = 'S' + 'GD'\n```\n", **more
    )


def card(body: str = "### Answer\n\nThe back.\n", **more: str) -> str:
    return item("recall", body, **more)


def code(body: str = CODE, **more: str) -> str:
    return item("code", body, **more)


def drawn(values: str = VALUES, check: str = VARIANTS, **more: str) -> str:
    return item("numeric", values + check, **more)


SOUND = [
    order(),
    order(labels=" `partial: yes` `time: 90 s`"),
    parsons(),
    parsons(
        "for x in y:\n\n    f(x)\n    g(x)\nf(x)  #! distractor: `misconception: swapped` Indent it.\n"
    ),
    parsons("if x:\n  f(x)\n  f(x\n  )\n  f(  #! distractor: Not closed.\n"),
    short("- [x] `SGD`\n- [ ] `Adam`\n  > `score: 0.5` Nearly.\n"),
    short("- [x] `SGD`\n- [ ] `sgd`\n  > Capitals.\n", labels=" `case: yes`"),
    card(),
    card(labels=" `modes: review`"),
    code(),
    code(
        CODE.replace("```python starter\ndef double(x): ...\n```\n", ""),
        stem="Text.\n\n```python starter\ndef double(x): ...\n```",
    ),
    code("- [ ] Wrong:\n\n  ```python\n  def double(x):\n      return x\n  ```\n" + CODE),
    code("", labels=" `exercise: lesson/double`"),
    drawn(),
    drawn(
        stem="With $n = {{ n }}$ and `n = {{n}}`:\n\n```python\nx = [0] * {{n}}\nstep_{{n}} = 1\n```"
    ),
    drawn("- [x] `{{n}} ± 1%`\n- [ ] `[{{n}}, {{doubled}}]`\n  > No.\n"),
    drawn(check=VARIANTS.replace("doubled = 2 * n", "for doubled in (2, 3):\n    a, *b = 1, 2")),
    item(
        "single",
        "- [x] `{{x}}`\n- [ ] $\\frac{{x}}{{y}}$\n  > No.\n" + VERIFY,
        stem='```python\nprint(f"{{x}}")\n```',
    ),
]

SEQUENCES = [
    (
        "E189",
        "\n## one: One⟵\n\n`kind: order`\n\nText.\n\n1. first\n2. second\n3. third\n" + VERIFY,
    ),
    (
        "E189",
        "\n## one: One⟵\n\n`kind: order`\n\nText.\n\n"
        + STEPS.replace("[x] third", "[ ] third\n  > No.")
        + VERIFY,
    ),
    (
        "E189",
        "\n## one: One⟵\n\n`kind: order`\n\nText.\n\n"
        + "".join(f"- [x] step {n}\n" for n in range(13))
        + VERIFY,
    ),
    ("E170", order(STEPS.replace("third", "second⟵"))),
    ("E150", item("order", f"### Answer\n\n```python parsons⟵\n{LINES}```\n{VERIFY}")),
    ("E192", order(labels=" `shuffle: no`⟵")),
    (
        "E192",
        order(STEPS.replace("> That", "> `score: 0.5` That").replace("elsewhere.", "elsewhere.⟵")),
    ),
    ("E192", item("order", "### Answer\n\nLike this:⟵\n\n" + STEPS + VERIFY)),
    ("E192", order() + "\n### Blank a⟵\n\n- [x] `x`\n"),
    ("E188", "\n## one: One⟵\n\n`kind: parsons`\n\nText.\n" + VERIFY),
    ("E188", item("parsons", STEPS.replace("first", "first⟵") + VERIFY)),
    ("E188", item("parsons", "### Answer\n\n" + STEPS.replace("first", "first⟵") + VERIFY)),
    ("E188", item("parsons", f"### Answer\n\n```python⟵\n{LINES}```\n{VERIFY}")),
    (
        "E188",
        item(
            "parsons",
            f"### Answer\n\n```python parsons\n{LINES}```\n\n```python parsons⟵\n{LINES}```\n{VERIFY}",
        ),
    ),
    (
        "E192",
        item("parsons", f"### Answer\n\nLike this:⟵\n\n```python parsons\n{LINES}```\n{VERIFY}"),
    ),
    ("E150", item("parsons", VERIFY, stem=f"Text.\n\n```python parsons⟵\n{LINES}```")),
    ("E188", parsons("f()\nf()⟵\ng()\nh()\n")),
    ("E188", parsons("f()\ng()\nh()\ni()  #! distractor⟵\n")),
    ("E188", parsons("f()\ng()\nh()\ni()  # distractor: No.⟵\n")),
    ("E188", parsons("f()\ng()\nh()\ni()  #! No.⟵\n")),
    ("E188", parsons("f()\ng()\nh()\n#! distractor: No.⟵\n")),
    ("E188", parsons("f()\ng()\nh()\n# And that is all.⟵\n")),
    ("E188", item("parsons", f"### Answer\n\n```python parsons⟵\nf()\ng()\n```\n{VERIFY}")),
    (
        "E188",
        item(
            "parsons",
            "### Answer\n\n```python parsons⟵\n"
            + "".join(f"f({n})\n" for n in range(13))
            + f"```\n{VERIFY}",
        ),
    ),
    (
        "E193",
        item(
            "parsons",
            "### Answer\n\n```python parsons⟵\nf()\ng()\nh()\n"
            + "".join(f"f({n})  #! distractor: No.\n" for n in range(24))
            + f"```\n{VERIFY}",
        ),
    ),
    ("E153", parsons("f()\ng(⟵\nh()  #! distractor: No.\ni()\n")),
    ("E134", parsons("f()\ng()\nh()\ni()  #! distractor: `misconcption: swapped` No.⟵\n")),
    ("E171", parsons("f()\ng()\nh()\ni()  #! distractor: `misconception: swaped` No.⟵\n")),
    ("E172", parsons("f()\ng()\nh()\ni()  #! distractor: `key: a` No.⟵\n")),
]

SHORT = [
    ("E177", "\n## one: One⟵\n\n`kind: short`\n\nText.\n\n- [ ] `x`\n  > No.\n"),
    ("E178", short("- [x] SGD⟵\n")),
    ("E178", short("- [x] `SGD`\n- [x] ` `⟵\n")),
    ("E181", short("- [x] `SGD`\n- [ ] `sgd`⟵\n  > No.\n")),
    ("E181", short("- [x] `a b`\n- [ ] `a  b`⟵\n  > No.\n", labels=" `case: yes`")),
    ("E192", item("numeric", "- [x] `1`\n", labels=" `case: yes`⟵")),
    ("E143", short("- [x] `a`\n", labels=" `case: maybe`⟵")),
    ("E143", short("- [x] `a`\n- [ ] `b`\n  > `score: 1` No.⟵\n")),
    ("E143", short("- [x] `a`\n- [ ] `b`\n  > `score: half` No.⟵\n")),
    ("E143", short("- [x] `a`\n  > `score: 0.5` Yes.⟵\n- [ ] `b`\n  > No.\n")),
    ("E192", item("multi", "- [x] a\n- [ ] b\n  > `score: 0.5` No.⟵\n")),
    ("E192", item("single", "- [x] a\n- [ ] b\n  > No.\n", labels=" `partial: yes`⟵")),
    ("E192", item("single", "### Answer\n\nBecause.⟵\n\n- [x] a\n- [ ] b\n  > No.\n")),
    ("E192", item("blank", "### Blank a\n\nOne of:⟵\n\n- [x] `x`\n", stem="`___a___`")),
]

CARDS = [
    ("E190", "\n## one: One⟵\n\n`kind: recall`\n\nText.\n"),
    ("E190", card("- [x] a⟵\n")),
    ("E190", card("### Answer\n\n- [x] a⟵\n")),
    ("E190", card(labels=" `modes: practice, review`⟵")),
    ("E169", card("### Answer⟵\n")),
    ("E168", card(labels=" `source: A book`") + "\n### Source⟵\n\nAnother book.\n"),
    ("E193", card(labels=f" `source: {'[' * 600}`⟵")),
    ("E195", card(labels=" `source: ![x](https://example.org/x.svg)`⟵")),
    ("E143", card(labels=" `time: soon`⟵")),
    ("E143", card(labels=" `time: 0`⟵")),
    ("E143", card(labels=" `time: 100000`⟵")),
]

SUBMISSIONS = [
    ("E191", "\n## one: One⟵\n\n`kind: code`\n\nText.\n"),
    ("E191", "\n## one: One⟵\n\n`kind: code`\n\nText.\n" + CODE.replace("python tests", "text")),
    ("E191", code(CODE, labels=" `modes: practice, test`⟵")),
    ("E191", code(CODE, labels=" `modes: challenge`⟵")),
    ("E191", code(CODE + "\n```python tests⟵\nassert check\n```\n")),
    ("E191", code(CODE + "\n```python verify⟵\nanswer = 1 + 1\n```\n")),
    (
        "E191",
        code(labels=" `exercise: lesson/double`").replace(
            "```python starter", "```python starter⟵"
        ),
    ),
    ("E191", code("", labels=" `exercise: double`⟵")),
    ("E191", code("", labels=" `exercise: lesson/double.py`⟵")),
    ("E191", code("- [ ] `x`⟵\n", labels=" `exercise: lesson/double`")),
    ("E191", code("- [ ] `return x`⟵\n  > No.\n" + CODE)),
    ("E192", item("single", "- [x] a\n- [ ] b\n  > No.\n", labels=" `exercise: lesson/double`⟵")),
    (
        "E150",
        item(
            "single",
            "- [x] a\n- [ ] b\n  > No.\n\n### Check\n\n```python tests⟵\nassert check\n```\n",
        ),
    ),
    ("E150", code(CODE + "\n### Hint\n\n```python solution⟵\nx = 1\n```\n")),
    (
        "E150",
        item("single", "- [x] a\n\n  ```python solution⟵\n  x = 1\n  ```\n\n- [ ] b\n  > No.\n"),
    ),
    (
        "E150",
        item("single", "- [x] a\n- [ ] b\n  > No.\n\n### Check\n\n```python⟵\ntruth = {}\n```\n"),
    ),
    ("E153", code(CODE.replace("return 2 * x", "return 2 * * x⟵"))),
]

VARIABLES = [
    ("E154", drawn(stem="What is {{m}}?⟵")),
    ("E154", drawn(stem="What is $x = {{m}}$?⟵")),
    ("E154", drawn(stem="```python\nx = {{m}}⟵\n```")),
    ("E154", drawn(stem="What is `{{ n + 1 }}`?⟵")),
    ("E154", drawn("- [x] `{{dubled}}`⟵\n")),
    ("E154", drawn("- [x] `{{n}}`\n- [ ] `2`\n  > Not {{m}}.⟵\n")),
    ("E154", drawn(check="\n### Hint\n\nIt is more than {{m}}.⟵\n" + VARIANTS)),
    ("E154", drawn().replace("one: One", "one: With {{m}}⟵")),
    ("E154", drawn("- [x] `1`\n").replace("python variants", "python variants⟵")),
    (
        "E154",
        drawn(check=VARIANTS.replace("doubled =", "def f():\n    doubled =")).replace(
            "[x] `{{doubled}}`", "[x] `{{doubled}}`⟵"
        ),
    ),
    ("E154", drawn("- [x] `1`\n- [ ] `2`\n  > That is {{n}} itself.⟵\n", check="\n")),
    ("E154", drawn("- [x] `1`\n- [ ] `{{n}}`⟵\n  > No.\n", check="\n")),
    ("E193", item("order", "".join(f"- [ ] step {n}{'⟵' * (n == 26)}\n" for n in range(30)))),
    ("E150", drawn(stem="Text.\n\n```python variants⟵\nn = 1\n```", check="\n")),
    ("E150", drawn(check=VARIANTS.replace("python verify", "python⟵"))),
    ("E168", drawn(check=VARIANTS + "\n```python variants⟵\nm = 1\n```\n")),
    ("E153", drawn(check=VARIANTS.replace("2 * n", "2 * * n⟵"))),
    # What is filled in elsewhere is filled in nowhere here.
    ("E153", drawn(check=VARIANTS.replace("2 * n", "{{n}}.0⟵"))),
    ("E153", drawn(check=VARIANTS.replace("2 * n", "___a___ +⟵"))),
    ("E179", drawn("- [x] `{{n}}`\n- [ ] `1,5`⟵\n  > No.\n")),
    ("E191", code(CODE + "\n```python variants⟵\nn = 1\n```\n", stem="Text {{n}}.")),
    ("E153", drawn(stem="```python\nx = = {{n}}⟵\n```")),
]

FRONT_MATTER = [
    ("E101", '---\nbank: demo\ntitle: "De\\u202emo"⟵\nformat: 1\n---\n'),
    ("E118", "---\nbank: demo\ntitle: Demo\nformat: 1\nauthors: {a: b}⟵\n---\n"),
    ("E118", "---\nbank: demo\ntitle: Demo\nformat: 1\nlang: [en]⟵\n---\n"),
    ("E118", "---\nbank: demo\ntitle: Demo\nformat: 1\nlang: in English⟵\n---\n"),
]

TABLES = (SEQUENCES, SHORT, CARDS, SUBMISSIONS, VARIABLES)


def split_mark(text: str) -> tuple[str, int]:
    """Take the sign away; return the text and the line it stood on."""
    (line,) = (number for number, text in enumerate(text.split("\n"), start=1) if "⟵" in text)
    return text.replace("⟵", ""), line


@pytest.mark.parametrize("body", SOUND, ids=range(len(SOUND)))
def test_the_items_that_the_mistakes_are_made_in_are_sound(body):
    problems = parse_bank(FRONT + body, "demo.md").problems
    assert [str(one) for one in problems] == []


@pytest.mark.parametrize(
    ("code", "text"),
    [(code, FRONT + body) for table in TABLES for code, body in table]
    + [(code, front + order()) for code, front in FRONT_MATTER],
)
def test_a_mistake_is_told_once_and_on_its_line(code, text):
    text, line = split_mark(text)
    parsed = parse_bank(text, "demo.md")
    assert [(one.code, one.line) for one in parsed.problems if one.is_error] == [(code, line)]
    assert parsed.value is None


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("Did you mean `doubled`?", drawn("- [x] `{{dubled}}`\n")),
        ("`case: yes`", short("- [x] `SGD`\n- [ ] `sgd`\n  > No.\n")),
        ("#! distractor: why", parsons("f()\ng()\nh()\ni()  #! No.\n")),
        ("`kind: parsons`", item("single", f"### Answer\n\n```python parsons\n{LINES}```\n")),
        ("`### Answer`", card("")),
        ("exercise: lesson/exercise", code("")),
        ("python verify", item("single", "- [x] a\n- [ ] b\n  > No.\n\n### Check\n\n```python\nx = 1\n```\n")),
        ("python variants", drawn(check="")),
    ],
)  # fmt: skip
def test_a_complaint_names_the_remedy(word, text):
    messages = [one.message for one in parse_bank(FRONT + text, "demo.md").problems if one.is_error]
    assert any(word in message for message in messages), messages


def test_a_distractor_and_a_wrong_step_without_a_reason_are_warned_about():
    lines = LINES.replace(" A loss has no step.", "")
    (problem,) = parse_bank(FRONT + parsons(lines), "demo.md").problems
    assert (problem.code, problem.line) == ("W201", 19)


def test_nobody_is_asked_to_prove_a_card_or_an_exercise():
    for body in (card(), code()):
        assert parse_bank(FRONT + body, "demo.md").problems == ()
    (problem,) = parse_bank(FRONT + item("order", STEPS), "demo.md").problems
    assert problem.code == "W210"


def test_code_takes_of_its_bank_only_the_modes_that_can_ask_for_it():
    front = FRONT.replace("format: 1", "format: 1\nmodes: try, practice, challenge, test")
    choice = item("single", "- [x] a\n- [ ] b\n  > No.\n").replace("one: One", "two: Two")
    bank = parse_bank(front + code(CODE) + choice, "demo.md").value
    assert [one.modes for one in bank.items] == [
        ("try", "practice"),
        ("try", "practice", "challenge", "test"),
    ]


def test_a_bank_whose_modes_can_all_not_ask_for_code_is_told_so():
    front = FRONT.replace("format: 1", "format: 1\nmodes: challenge, test")
    (problem,) = parse_bank(front + code(CODE), "demo.md").problems
    assert problem.code == "E191"
    assert "code cannot serve `challenge`, `test`" in problem.message
