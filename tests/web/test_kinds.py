"""The kinds that are more than options and typed text, on their pages; no key before its time."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from quizzer.banks.library import LibraryShelf
from quizzer.domain.proofs import Found, Proof, ProofState
from quizzer.services import accounts
from tests.web.conftest import CONTENT

KINDS = CONTENT.parent / "kinds"
DRAWS = tuple({"n": str(n), "twice": str(2 * n), "square": str(n * n)} for n in (31337, 31338))
FOUND = {
    "drawn": Found(draws=DRAWS),
    "steps": Found(orders=(("b", "a", "c", "d"),)),
}
SECRET = re.compile(r"SECRET[A-Z]+|SecretOptim|SecretAdam|62674|62676|982007569|982070244")
TITLES = ("in one step", "the loop", "the optimizer", "the penalty", "Twice")
STEPS = ("Clear the", "Compute the", "Ask for the", "Move the")
LINES = ("total = 0", "for number", "total = total", "print(")


def tell(revisions):
    """Say of every file that its proofs have passed, and what they found."""
    return {one: Proof(state=ProofState.PASSED, found=FOUND) for one in revisions}


@pytest.fixture
def settings(settings):
    return replace(settings, questions=KINDS / "questions", exercises=KINDS / "exercises")


@pytest.fixture
def app(app, site):
    """The site, on a shelf that knows what proofs have found."""
    object.__setattr__(site, "library", LibraryShelf(KINDS / "questions", gate=tell))
    return app


def secrets_of(learner) -> set[str]:
    responses = [learner.seen[-1], *learner.seen[-1].history]
    texts = [learner.page, *(str(response.headers) for response in responses)]
    return {word for text in texts for word in SECRET.findall(text)}


def begin(learner, mode: str) -> str:
    """Start a mode; return the address of the attempt."""
    learner.open("/lessons/kinds")
    learner.send(f"/lessons/kinds/{mode}/attempts")
    return learner.path


def go_to(learner, attempt: str, title: str) -> str:
    """Open the question with this in its title; return the address of its forms."""
    for position in range(1, 7):
        learner.open(f"{attempt}?q={position}")
        if title in re.search(r"<h2[^>]*>(.*?)</h2>", learner.page)[1]:
            return f"{attempt}/questions/{position}"
    raise AssertionError(f"no question {title}")


def list_lines(page: str) -> dict[str, str]:
    """Return the names of the lines on a page by their texts."""
    rows = re.findall(r'<li class="line[^>]*data-name="(\d+)">(.*?)</li>', page, re.DOTALL)
    return {
        " ".join(
            unescape(re.sub(r"<select.*?</select>|<[^>]+>", "", html, flags=re.DOTALL)).split()
        ): name
        for name, html in rows
    }


def place(page: str, *beginnings: str) -> dict[str, str]:
    """Return the fields that put the lines beginning so in this order."""
    lines = list_lines(page)
    names = [
        next(name for text, name in lines.items() if beginning in text) for beginning in beginnings
    ]
    return {f"place.{name}": str(number) for number, name in enumerate(names, start=1)}


def answer_wrongly(page: str) -> dict[str, str]:
    if "data-lines" in page:
        return place(page, *(STEPS if "Clear the" in page else LINES)[::-1])
    return {"text": "12"}


# -- no key before its time


@pytest.mark.parametrize("title", [title for title in TITLES if "penalty" not in title])
def test_practice_tells_one_thing_at_a_time(learner, title):
    attempt = begin(learner, "practice")
    here = go_to(learner, attempt, title)
    assert secrets_of(learner) == set()
    learner.send(f"{here}/response", **answer_wrongly(learner.page))
    assert "Not yet" in learner.page
    assert secrets_of(learner) == set()
    learner.send(f"{here}/hint")
    assert secrets_of(learner) == {"SECRETHINT"}
    learner.send(f"{here}/reveal")
    assert "SECRETSOLUTION" in secrets_of(learner)
    assert "SECRETNOTE" not in learner.page


def test_code_shows_no_submission_and_its_solution_only_at_the_end(learner):
    here = go_to(learner, begin(learner, "practice"), "the penalty")
    assert secrets_of(learner) == set()
    learner.open("/exercises/kinds/kinds--program")
    assert secrets_of(learner) == set()
    go_to(learner, here.split("/questions")[0], "the penalty")
    learner.send(f"{here}/reveal")
    assert secrets_of(learner) == {"SECRETSOLUTION", "SECRETREFERENCE"}


def test_an_open_test_tells_nothing(learner):
    attempt = begin(learner, "test")
    for title in TITLES:
        if title == "the penalty":  # its editor would tell
            continue
        here = go_to(learner, attempt, title)
        assert secrets_of(learner) == set()
        learner.send(f"{here}/response", **answer_wrongly(learner.page))
        go_to(learner, attempt, title)
        assert secrets_of(learner) == set()
        assert not {"is-right", "is-wrong", "right", "wrong"} & set(
            " ".join(re.findall(r'class="([^"]*)"', learner.page)).split()
        )
    learner.open(f"{attempt}?q=end")
    learner.send(f"{attempt}/finish")
    assert {"SECRETRIGHT", "SecretOptim"} <= secrets_of(learner)
    assert not {"SECRETBACK", "SECRETNOTE", "SECRETSUBMISSION", "SECRETCHECK"} & secrets_of(learner)


def test_a_line_that_does_not_belong_says_why_and_nothing_else_does(learner):
    here = go_to(learner, begin(learner, "practice"), "in one step")
    learner.send(f"{here}/response", **place(learner.page, *STEPS[::-1], "Reset"))
    assert "Does not belong" in learner.page
    assert secrets_of(learner) == {"SECRETWRONG", "SECRETBELIEF"}
    assert "behind it:</strong> “SECRETBELIEF" in learner.page  # a belief, and no fact
    assert "In its place" not in learner.page


# -- sequences


@pytest.mark.parametrize(("title", "order"), [("in one step", STEPS), ("the loop", LINES)])
def test_lines_are_put_in_order_by_the_numbers_of_their_places(learner, title, order):
    here = go_to(learner, begin(learner, "practice"), title)
    learner.send(f"{here}/response", **place(learner.page, *order))
    assert "Right." in learner.page
    assert learner.page.count("In its place") == 4
    assert "A right order" in learner.page


def test_an_order_that_the_proof_found_is_right_too(learner):
    here = go_to(learner, begin(learner, "practice"), "in one step")
    learner.send(f"{here}/response", **place(learner.page, STEPS[1], STEPS[0], *STEPS[2:]))
    assert "Right." in learner.page


def test_places_need_no_number_in_a_row_and_the_order_stays_on_the_page(learner):
    here = go_to(learner, begin(learner, "practice"), "the loop")
    wanted = place(learner.page, *LINES[::-1])
    learner.send(f"{here}/response", **{name: str(2 * int(n)) for name, n in wanted.items()})
    assert list(list_lines(learner.page))[:4] == [
        next(text for text in list_lines(learner.page) if line in text) for line in LINES[::-1]
    ]


def test_two_lines_in_one_place_are_sent_back_with_words(learner):
    here = go_to(learner, begin(learner, "practice"), "the loop")
    fields = dict.fromkeys(place(learner.page, *LINES), "2")
    learner.send(f"{here}/response", status=422, **fields)
    assert "Two lines have place 2." in learner.page


@pytest.mark.parametrize("fields", [{}, {"place.9": "1"}, {"place.a": "1"}, {"place.1": "x"}])
def test_what_is_no_order_is_refused(learner, fields):
    here = go_to(learner, begin(learner, "practice"), "the loop")
    learner.send(f"{here}/response", status=422, **fields)
    assert secrets_of(learner) == set()


# -- short answers


def test_a_short_answer_is_taken_in_any_spelling_of_capitals(learner):
    here = go_to(learner, begin(learner, "practice"), "the optimizer")
    learner.send(f"{here}/response", text="SecretAdam")
    assert secrets_of(learner) == {"SecretAdam", "SECRETWRONG"}
    learner.send(f"{here}/response", text=" secretOPTIM ")
    assert "Right." in learner.page


# -- cards


def test_a_card_is_turned_and_judged(learner):
    begin(learner, "practice")
    learner.open("/review")
    learner.send("/review/rounds")
    attempt = learner.path
    here = go_to(learner, attempt, "do?")
    assert secrets_of(learner) == set()
    assert "Show the answer" not in learner.page
    learner.send(f"{here}/reveal", confidence="95")
    assert secrets_of(learner) == {"SECRETBACK"}
    learner.send(f"{here}/response", choice="partly")
    assert "You said: knew it partly." in learner.page
    learner.open(f"{attempt}?q=end")
    learner.send(f"{attempt}/finish")
    assert "0 of 5 known" in learner.page
    assert "% of the points" not in learner.page


def test_a_card_is_asked_in_no_other_mode(learner):
    for mode, questions in (("practice", 5), ("test", 4)):  # a test asks for no code
        attempt = begin(learner, mode)
        assert f"of {questions}</li>" in learner.page
        with pytest.raises(AssertionError, match="no question"):
            go_to(learner, attempt, "do?")


def test_a_lesson_without_cards_offers_no_review(learner, site):
    assert "way-review" in learner.open("/lessons/kinds")
    object.__setattr__(site, "library", LibraryShelf(CONTENT / "questions"))
    assert "way-review" not in learner.open("/lessons/canary")


# -- variables


def test_a_drawn_question_shows_its_values_everywhere(learner):
    here = go_to(learner, begin(learner, "practice"), "Twice")
    number = re.search(r"Twice (\d+)", learner.page)[1]
    assert "{{" not in learner.page
    learner.send(f"{here}/response", text=str(int(number) ** 2))
    assert f"that is {number} squared" in learner.page
    learner.send(f"{here}/response", text=str(2 * int(number)))
    assert "Right." in learner.page
    assert f"SECRETSOLUTION: {number} + {number}." in learner.page
    assert "{{" not in learner.page


def test_what_waits_for_its_values_is_not_asked(learner, site):
    object.__setattr__(site, "library", LibraryShelf(KINDS / "questions"))
    begin(learner, "practice")
    assert "of 4</li>" in learner.page


# -- for instructors


def test_instructors_see_what_stands_behind_a_bank(another, learner, site):
    another.open("/account/register")
    another.send("/account/register", name="Author", password="a long password")
    with site.database.transaction() as session:
        accounts.promote(session, name="Author")
    assert "/author/banks/kinds" in another.open("/author")
    page = another.open("/author/banks/kinds")
    assert "SECRETNOTE for instructors" in page
    assert all(text in page for text in ("62674", "62676", "2 right orders", "2 draws of n, "))
    another.open("/author/banks/none", status=404)
    learner.open("/author/banks/kinds", status=403)
    assert secrets_of(learner) == set()


def test_instructors_see_which_questions_wait(another, site):
    object.__setattr__(site, "library", LibraryShelf(KINDS / "questions"))
    another.open("/account/register")
    another.send("/account/register", name="Author", password="a long password")
    with site.database.transaction() as session:
        accounts.promote(session, name="Author")
    assert "variables have no values yet" in another.open("/author/banks/kinds")
