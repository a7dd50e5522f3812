"""The same content under another key: before an answer, no page may know the difference.

The words stay where they are; only what is right moves. So whatever tells the key apart shows, be it
an attribute, an order or a header, and no word has to mark it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from quizzer import services
from quizzer.domain.shuffling import draw_option_order
from quizzer.services import answering
from quizzer.services import sitting as sittings
from tests.databases import find_empty
from tests.web.canary import (
    ASKING,
    OFFERED,
    ask_everything,
    enter,
    get_site_of,
    listen,
    open_site,
    right_answer,
    write_all_ways,
)
from tests.web.conftest import Learner
from tests.web.test_kinds import LINES, STEPS, place

MOST = 13  # questions that a round has
TICK = re.compile(r"^- \[([ x])\] ")
# What differs between any two loads of one page: tokens of forms and of the policy's header.
VARIES = re.compile(
    r'(?<=name="csrf_token" value=")[^"]*|(?<=name="form_key" value=")[^"]*|nonce-[^\' ]+'
)
HEADERS = ("Set-Cookie", "Date")
OURS = str(Path(services.__file__).parents[1])


def flip_key(text: str) -> str:
    """Return a bank with each key moved on to the next option; not a word is moved."""
    groups: list[list[int]] = [[]]
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.startswith("#"):
            groups.append([])
        elif TICK.match(line):
            groups[-1].append(number)
    for group in groups:
        ticks = [TICK.match(lines[number])[1] for number in group]
        for number, tick in zip(group, [*ticks[-1:], *ticks[:-1]], strict=True):
            lines[number] = TICK.sub(f"- [{tick}] ", lines[number])
    flipped = "\n".join(lines)
    for before, after in (
        ("```output\nSECRETPRINTED", "```output\nSECRETSHOUTED"),
        ("2 * x", "3 * x"),
    ):
        flipped = flipped.replace(before, after)
    foreign = re.compile(r"^(    return total)(  #! distractor:.*)$", re.MULTILINE)
    if found := foreign.search(flipped):
        flipped = foreign.sub(r"\1", flipped).replace("print(total)", f"print(total){found[2]}")
    return flipped


@pytest.fixture
def visit(settings, empty_database, tmp_path, clock, bell, monkeypatch):
    """Return what opens a site on the content, changed as told, and a learner on it."""
    ask_everything(monkeypatch)
    monkeypatch.setattr(answering, "LARGEST_SEED", 1)  # the same draws for both

    @contextmanager
    def visit(change: Callable[[str], str]):
        home = tmp_path / change.__name__
        home.mkdir()
        write_all_ways(home / "questions")
        for path in (home / "questions" / "canary").glob("*.md"):
            path.write_text(change(path.read_text()))
        url = find_empty(empty_database, home / "quizzer.db")
        own = replace(settings, home=home, database_url=url, questions=home / "questions")
        with open_site(own, clock, bell) as app:
            yield Learner(app)

    return visit


def level(learner: Learner) -> list[str]:
    """Return what was seen since the last call, without what two loads of one page differ in."""
    texts = []
    for response in learner.seen:
        headers = [f"{name}: {value}" for name, value in response.headers if name not in HEADERS]
        texts.append("\n".join((response.status, *headers, response.get_data(as_text=True))))
    learner.seen.clear()
    return [VARIES.sub("", text) for text in texts]


def look_around(learner: Learner, mode: str) -> list[str]:
    """Begin a mode, open all its questions and the pages beside it; return what was seen."""
    if mode == "review":
        enter(learner, "learn")  # so that its cards join
    attempt = enter(learner, mode)
    asked = attempt if attempt.startswith("/attempts") else "/attempts/1"
    for page in (*range(1, MOST), "end"):
        learner.open(f"{asked}?q={page}")
    for path in ("/", "/progress", "/review", "/lessons/canary", "/lessons/canary/learn", attempt):
        learner.open(path)
    return level(learner)


def answer(page: str) -> dict[str, object]:
    """Return fields that are right under the one key and wrong under the other."""
    if "data-lines" in page:
        return place(page, *(STEPS if "Clear the" in page else LINES))
    if "What is missing?" in page:
        return {"blank.a": OFFERED[0]}
    if 'name="blank.clear"' in page:
        return {"blank.clear": "zero_grad", "blank.derive": "backward"}
    if "decouples" in page:
        return {"text": "SecretOptim"}
    return {"text": "81014"} if "Twice" in page else right_answer(page)


@contextmanager
def trace():
    """Collect the functions of ours that are called."""
    called: set[str] = set()

    def note(frame, event, _argument) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS) and "<" not in code.co_name:
            called.add(f"{Path(code.co_filename).name}:{code.co_qualname}")

    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("mode", ASKING)
def test_no_page_before_an_answer_knows_which_option_is_right(visit, mode):
    seen = []
    for change in (str, flip_key):
        with visit(change) as learner:
            seen.append(look_around(learner, mode))
    one, other = seen
    assert len(one) > MOST
    assert one == other


CHOICE = re.compile(r"`kind: (?:single|multi)`")
OPTION = re.compile(r"^- \[.\] .*\n(?:  .*\n)*", re.MULTILINE)


def move_options(text: str) -> str:
    """Return a bank whose author wrote the options of each choice the other way round."""
    items = re.split(r"(?m)^(?=## )", text)
    return "".join(_reverse(item) if CHOICE.search(item) else item for item in items)


def _reverse(item: str) -> str:
    options = OPTION.findall(item)
    listed = "".join(options)
    assert listed in item
    return item.replace(listed, "".join(reversed(options)))


@pytest.mark.parametrize("mode", ["learn", "practice", "challenge", "test"])
def test_no_page_knows_in_which_order_an_author_wrote_the_options(visit, mode, monkeypatch):
    """Authors have habits: shown in one order, the options tell nothing of another one."""

    def sort_options(item, **_drawn):
        own = draw_option_order(item, seed=1)
        texts = {option.key: option.text.source for option in item.options}
        return tuple(sorted(own, key=texts.__getitem__)) if item.kind.is_choice else own

    monkeypatch.setattr(sittings, "draw_option_order", sort_options)
    seen = []
    for change in (str, move_options):
        with visit(change) as learner:
            seen.append(look_around(learner, mode))
    assert seen[0] == seen[1]


def sit_test(learner) -> tuple[list[object], str]:
    """Answer a test to its end; return what each answer did and showed, and the result."""
    attempt = enter(learner, "test")
    site = get_site_of(learner.client.application)
    site.library._looked_at = float("inf")  # it looks for changed files now and then, by the clock
    work: list[object] = []
    for position in range(1, MOST - 1):
        fields = answer(learner.open(f"{attempt}?q={position}"))
        learner.seen.clear()
        with listen(site) as statements, trace() as called:
            learner.send(f"{attempt}/questions/{position}/response", **fields)
        work.append((position, statements, called, level(learner)))
    for path in (f"{attempt}?q=1", "/progress", "/", "/lessons/canary", f"{attempt}?q=end"):
        learner.open(path)
    work.append(level(learner))
    return work, learner.send(f"{attempt}/finish")


def test_an_open_test_does_and_shows_the_same_whether_an_answer_is_right(visit):
    """Pages, headers, statements and the functions called are alike, and so the time is."""
    found = []
    for change in (str, flip_key):
        with visit(change) as learner:
            found.append(sit_test(learner))
    (one, right), (other, wrong) = found
    for mine, theirs in zip(one, other, strict=True):
        assert mine == theirs
    assert "100 % of the points" in right
    assert "<h1>0 % of the points" in wrong
