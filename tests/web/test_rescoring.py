"""An instructor mends a key: a preview, a button, and what the learner is told of it."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import pytest

from quizzer.banks.library import LibraryShelf
from quizzer.web.site import EXTENSION
from tests.web.canary import secrets_of
from tests.web.conftest import CONTENT, Learner
from tests.web.test_pages import text_of

PAGE = "/author/banks/canary-items/items/single-1/rescore"


@pytest.fixture
def settings(settings, tmp_path):
    """The site reads a copy of the content that a test may change."""
    shutil.copytree(CONTENT / "questions", tmp_path / "questions")
    path = tmp_path / "questions" / "canary" / "items.md"
    title = "## multi-2: The multiple choice 2\n\n"
    assert title in path.read_text()
    # One easy question fewer for tests: each draws the first one.
    path.write_text(path.read_text().replace(title, f"{title}`modes: practice`\n"))
    return replace(settings, questions=tmp_path / "questions")


@pytest.fixture
def mend(app, settings):
    """Tick this option of the first question alone, and serve it at once."""

    def tick(name):
        path = settings.questions / "canary" / "items.md"
        head, item, rest = re.split(r"(?s)(## single-1.*?)(?=\n## )", path.read_text(), maxsplit=1)
        item = item.replace("- [x]", "- [ ]").replace(f"- [ ] The {name}", f"- [x] The {name}")
        path.write_text(head + item + rest)
        served = replace(app.extensions[EXTENSION], library=LibraryShelf(settings.questions))
        app.extensions[EXTENSION] = served

    return tick


@pytest.fixture
def tested(learner):
    """A guest who took the third option in a test, and handed in; the attempt's id."""
    return take_test(learner)


def take_test(learner, choice="3"):
    learner.open("/lessons/canary")
    learner.send("/lessons/canary/test/attempts")
    attempt = learner.path.split("/")[2]
    for position in range(1, 11):
        learner.open(f"/attempts/{attempt}?q={position}")
        if re.search(r"The single choice 1\b", learner.page):
            learner.send(f"/attempts/{attempt}/questions/{position}/response", choice=choice)
    learner.open(f"/attempts/{attempt}?q=end")
    learner.send(f"/attempts/{attempt}/finish")
    return attempt


def test_a_preview_then_a_button_then_the_learner_is_told(learner, author, tested, mend):
    result = f"/attempts/{tested}/result"
    assert "<h1>0 % of the points</h1>" in learner.open(result)
    assert "Nobody has met it yet" not in author.open(PAGE)
    assert "Nothing: every answer" in author.page

    mend("third")
    page = text_of(author.open(PAGE))
    assert "1 attempt of 1 learner: 1 would earn more with it, 0 less." in page
    assert re.search(r"Guest +Test, 1 Mar 2026, 12:00 +not right +→ +right", page)
    assert "<h1>0 % of the points</h1>" in learner.open(result)  # not before it is applied
    assert "mended" not in learner.page

    author.send(PAGE)
    assert author.path == PAGE
    assert "Applied: the score of 1 attempt was changed" in author.page
    page = text_of(learner.open(result))
    assert "<h1>0 % of the points</h1>" not in learner.page
    assert re.search(r"The key of question \d+ was mended on 1 Mar 2026", page)
    assert "changed since" not in page
    assert re.search(r"1 Mar 2026, 12:00, by user \d+: 1 score changed", text_of(author.page))


def test_a_button_pressed_twice_does_it_once(learner, author, tested, mend):
    mend("third")
    author.open(PAGE)
    form = author.form(PAGE)
    author.send(PAGE)
    author.post(PAGE, **{k: v for k, v in form.fields.items() if k != "csrf_token"})
    assert "Nothing was left to do" in author.page
    assert text_of(author.page).count("by user") == 1
    assert "right" in learner.open(f"/attempts/{tested}/result")


def test_a_key_that_was_changed_again_is_not_applied(learner, author, tested, mend):
    mend("third")
    author.open(PAGE)
    mend("first")
    author.send(PAGE)
    assert "Nothing was applied" in author.page
    assert "come to the same" in text_of(author.page) or "comes to the same" in author.page
    assert "<h1>0 % of the points</h1>" in learner.open(f"/attempts/{tested}/result")


def test_only_instructors_look_and_apply(learner, author, tested, mend, app):
    mend("third")
    learner.open(PAGE, status=403)
    assert secrets_of(learner) == set()
    learner.open("/")
    learner.post(PAGE, status=403)
    Learner(app).open(PAGE, status=403)
    assert "<h1>0 % of the points</h1>" in learner.open(f"/attempts/{tested}/result")

    author.open(PAGE)
    fields = {k: v for k, v in author.form(PAGE).fields.items() if k != "csrf_token"}
    assert author.client.post(PAGE, data=fields).status_code == 400
    assert "<h1>0 % of the points</h1>" in learner.open(f"/attempts/{tested}/result")


@pytest.mark.parametrize("item", ["nothing", "../single-1"])
def test_what_is_not_in_service_is_not_found(author, item):
    author.open(f"/author/banks/canary-items/items/{item}/rescore", status=404)
    author.open("/author/banks/nothing/items/single-1/rescore", status=404)


def test_the_pages_of_instructors_lead_there(learner, author, tested, mend):
    learner.open(f"/attempts/{tested}/result")
    learner.post("/problem-reports", item="canary-items/single-1", position="1", words="It is 3.")
    assert PAGE not in author.open("/author")  # it reads as the learner saw it
    mend("third")
    assert f'href="{PAGE}"' in author.open("/author")
    assert f'href="{PAGE}"' in author.open("/author/banks/canary-items")


def test_a_rewording_leaves_what_was_answered_as_it_was(learner, author, tested, settings, mend):
    path = settings.questions / "canary" / "items.md"
    path.write_text(path.read_text().replace("Which one is it?", "Which is it not?", 1))
    mend("third")
    page = text_of(author.open(PAGE))
    assert "not comparable: the question itself was changed" in page
    assert "Change 1 score" not in page
    assert "changed since" in learner.open(f"/attempts/{tested}/result")
