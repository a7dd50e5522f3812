"""No key before its time: a learner's walk, searched for every word that only a key holds.

The test content marks all of them: SECRET... in texts, and the typed kinds' values.
"""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event, select

from quizzer.services import answering
from quizzer.store.tables import AttemptRow
from tests.web.test_visualize import write_traces

TYPED = ("31337", "27182", "secretname", "othername", "secretprinted")
SECRET = re.compile(r"SECRET[A-Z]+|" + "|".join(TYPED))


def secrets_of(learner) -> set[str]:
    """Return the secret words in what came last: its body, its headers and those of redirects."""
    responses = [learner.seen[-1], *learner.seen[-1].history]
    texts = [learner.page, *(str(response.headers) for response in responses)]
    return {word for text in texts for word in SECRET.findall(text)}


def wrong_answer(page: str) -> dict[str, object]:
    """Return fields that answer the question on a page, not rightly."""
    if 'name="blank.a"' in page:
        return {"blank.a": "not_this"}
    if 'name="text"' in page:
        return {"text": "12"}
    return {"choice": "c" if 'value="c"' in page else "a"}


def right_answer(page: str) -> dict[str, object]:
    if 'name="blank.a"' in page:
        return {"blank.a": "secretname"}
    if 'type="checkbox"' in page:
        return {"choice": ["a", "b"]}
    if "What does it print" in page:
        return {"text": "SECRETPRINTED"}
    return {"text": "31337"} if 'name="text"' in page else {"choice": "b"}


def begin(learner, mode: str) -> int:
    """Start a mode from the lesson's page; return the attempt's id."""
    learner.open("/lessons/canary")
    learner.send(f"/lessons/canary/{mode}/attempts")
    return int(re.search(r"/attempts/(\d+)", learner.path)[1])


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/lessons/canary",
        "/lessons/canary/why",
        "/lessons/canary/learn",
        "/exercises/canary/double",
        "/progress",
        "/account/",
        "/account/login",
        "/account/register",
    ],
)
def test_a_visitor_finds_no_secret(learner, path):
    learner.open(path)
    assert secrets_of(learner) == set()


def test_a_step_is_not_in_the_page_before_its_prediction(learner):
    learner.open("/lessons/canary/learn")
    learner.send("/lessons/canary/learn/attempts")
    assert "What will the second step say?" in learner.page
    assert secrets_of(learner) == set()

    learner.send("/lessons/canary/learn/1", choice="a")
    opened = secrets_of(learner)
    assert {"SECRETTITLE", "SECRETSTEP", "SECRETBELIEF", "SECRETSOLUTION"} <= opened
    assert not {"SECRETLATER", "SECRETCAUSE", "SECRETTAKEAWAY"} & opened

    learner.send("/lessons/canary/learn/2", choice="a")
    assert {"SECRETLATER", "SECRETCAUSE", "SECRETTAKEAWAY"} <= secrets_of(learner)


def test_practice_tells_one_thing_at_a_time(learner):
    attempt = begin(learner, "practice")
    for position in range(1, 11):
        here = f"/attempts/{attempt}/questions/{position}"
        learner.open(f"/attempts/{attempt}?q={position}")
        assert secrets_of(learner) == set()

        is_single = 'type="radio"' in learner.page
        learner.send(f"{here}/response", **wrong_answer(learner.page))
        told = {"SECRETOTHER"} if is_single else {"SECRETWRONG"}
        assert secrets_of(learner) <= told

        learner.send(f"{here}/hint")
        assert "SECRETHINT" in secrets_of(learner)
        assert secrets_of(learner) <= told | {"SECRETHINT"}

        learner.send(f"{here}/reveal")
        assert "SECRETSOLUTION" in secrets_of(learner)


def test_an_open_test_tells_nothing_of_right_or_wrong(learner):
    attempt = begin(learner, "test")
    classes: set[str] = set()
    for position in range(1, 11):
        learner.open(f"/attempts/{attempt}?q={position}")
        assert secrets_of(learner) == set()
        is_right = position % 2 == 0
        answer = right_answer(learner.page) if is_right else wrong_answer(learner.page)
        sent = set(SECRET.findall(str(answer)))
        learner.send(f"/attempts/{attempt}/questions/{position}/response", **answer)
        assert secrets_of(learner) <= sent
        learner.open(f"/attempts/{attempt}?q={position}")
        assert secrets_of(learner) <= sent  # only what the learner typed comes back
        classes.update(" ".join(re.findall(r'class="([^"]*)"', learner.page)).split())
    assert "question" in classes
    assert not {"right", "wrong", "is-right", "is-wrong"} & classes
    learner.open("/progress")
    assert "0 of 13" in learner.page  # progress keeps it to itself too

    learner.open(f"/attempts/{attempt}?q=end")
    learner.send(f"/attempts/{attempt}/finish")
    assert {"SECRETSOLUTION", "SECRETRIGHT"} <= secrets_of(learner)


def test_an_exercise_keeps_its_reference_checks_and_solution(learner):
    learner.open("/exercises/canary/double")
    learner.send(
        "/exercises/canary/double/submissions", source="def double(x):\n    return 2 * x\n"
    )
    assert secrets_of(learner) == set()
    learner.open("/exercises/canary/double?hints=1")
    assert secrets_of(learner) == {"SECRETHINT"}


# ── Every page of every mode ─────────────────────────────────────────────────────────────────────

ROUNDS = ("practice", "try", "metrics", "challenge", "test")
MODES = {"learn", "visualize", "review", *ROUNDS}
TOLD_OF_A_MISS = {"SECRETWRONG", "SECRETOTHER"}  # what the options have to say that were chosen
CARD = """
## card: What is on the back?

`kind: recall` `difficulty: 1` `tags: recalling`

Say it.

### Answer

SECRETBACK of the card.
"""
LINK = re.compile(r'(?:href|src)="(/[^"#]*)')
BY_HAND = (  # what no link of a learner leads to
    *(
        "/healthz",
        "/favicon.ico",
        "/author",
        "/author/banks/canary-items",
        "/figures/canary/no.svg",
    ),
    *("/account/reset/no-such-link", "/account/password", "/account/register", "/account/login"),
    *("/review", "/progress", "/lessons/canary/visualize", "/lessons/canary/project"),
)


@pytest.fixture
def all_ways(settings, tmp_path):
    """The content once more, with what the other modes ask and show."""
    folder = tmp_path / "questions"
    shutil.copytree(settings.questions, folder)
    text = (folder / "canary" / "items.md").read_text()
    text = text.replace("bank: canary-items", "bank: canary-ways")
    text = text.replace(
        "modes: practice, test", "modes: visualize, try, challenge, metrics, review"
    )
    (folder / "canary" / "ways.md").write_text(text + CARD)
    write_traces(folder / "canary")
    return replace(settings, questions=folder)


class TestEveryPage:
    @pytest.fixture
    def settings(self, all_ways):
        return all_ways

    @pytest.fixture
    def busy(self, learner):
        """A learner who has begun every mode and answered nothing."""
        learner.open("/lessons/canary/learn")
        learner.send("/lessons/canary/learn/attempts")
        learner.open("/lessons/canary/visualize")
        learner.send("/lessons/canary/visualize/questions")
        for mode in ROUNDS:
            begin(learner, mode)
        learner.open("/review")
        learner.send("/review/rounds")
        learner.open("/exercises/canary/double")
        learner.send(
            "/exercises/canary/double/submissions", source="def double(x):\n    return x\n"
        )
        return learner

    def test_nothing_is_told_before_an_answer_and_no_page_is_left_out(self, app, site, busy):
        attempts = list_attempts(site)
        assert set(attempts.values()) == MODES
        found = walk(app, busy, *(f"{attempt}/result" for attempt in attempts))
        assert {path: words for path, words in found.items() if words} == {}
        routes = app.url_map.bind("localhost")
        met = {routes.match(urlsplit(path).path)[0] for path in found}
        pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
        assert pages - met == set()

    def test_a_miss_tells_of_what_was_chosen_and_nothing_else(self, app, site, busy):
        missed = {
            mode: [miss(busy, attempt, position) for position in range(1, 11)]
            for attempt, mode in list_attempts(site).items()
            if mode not in {"learn", "review"}  # one try, and then all of it is told
        }
        assert {mode for mode, answers in missed.items() if any(answers)} == {"visualize", *ROUNDS}
        found = walk(app, busy)
        assert set().union(*found.values()) == TOLD_OF_A_MISS

    def test_an_open_test_does_the_same_for_right_and_wrong(
        self, site, learner, another, monkeypatch
    ):
        """The pages, their headers and the database's work are alike, and so the time is."""
        monkeypatch.setattr(answering, "LARGEST_SEED", 1)  # the same questions for both
        attempts = [begin(each, "test") for each in (learner, another)]
        for position in range(1, 11):
            work = []
            for each, attempt, answer in zip(
                (learner, another), attempts, (right_answer, wrong_answer), strict=True
            ):
                each.open(f"/attempts/{attempt}?q={position}")
                each.seen.clear()
                with listen(site) as statements:
                    here = f"/attempts/{attempt}/questions/{position}/response"
                    each.send(here, **answer(each.page))
                work.append((statements, level(each, attempt)))
            assert work[0] == work[1]


def walk(app, learner, *more: str) -> dict[str, set[str]]:
    """Open whatever links lead to, whole and as the script asks for it; return the secrets in it.

    A link that asks for a hint is left alone.
    """
    waiting, found = ["/", *BY_HAND, *more], {}
    while waiting:
        path = waiting.pop()
        if path in found or "hints=" in path:
            continue
        found[path] = set()
        for headers in ({}, {"X-Fragment": "run"}):
            last = learner.client.get(path, headers=headers, follow_redirects=True)
            assert last.status_code in (200, 403, 404), (path, last.status)
            text = last.get_data().decode(errors="replace")
            told = [text, *(str(each.headers) for each in (last, *last.history))]
            told.append(read_cookie(app, learner))
            found[path] |= {word for each in told for word in SECRET.findall(each)}
            waiting += [unescape(link) for link in LINK.findall(text)]
    return found


def read_cookie(app, learner) -> str:
    """Return what the signed cookie holds: whoever has it can read it."""
    cookie = learner.client.get_cookie("session")
    serializer = app.session_interface.get_signing_serializer(app)
    return str(serializer.loads(cookie.value)) if cookie else ""


def list_attempts(site) -> dict[str, str]:
    """Return the modes of all attempts by their addresses."""
    with site.database.snapshot() as session:
        found = session.execute(select(AttemptRow.id, AttemptRow.mode)).all()
    return {f"/attempts/{attempt_id}": mode for attempt_id, mode in found}


def miss(learner, attempt: str, position: int) -> bool:
    """Answer a question wrongly once; False where there is none to answer."""
    page = learner.open(f"{attempt}?q={position}")
    found = re.search(rf'action="([^"]*/{position}/response[^"]*)"', page)
    if found:
        learner.send(unescape(found[1]), **wrong_answer(learner.page))
    return found is not None


@contextmanager
def listen(site):
    """Collect the statements that the database is given."""
    statements = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    event.listen(site.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(site.database.engine, "before_cursor_execute", note)


def level(learner, attempt: int) -> list[str]:
    """Return the pages and headers that were seen, without what differs between any two learners."""
    texts = []
    for response in learner.seen:
        headers = [f"{name}: {value}" for name, value in response.headers if name not in VARIES]
        texts.append("\n".join((*headers, response.get_data(as_text=True))))
    own = rf'/attempts/{attempt}\b|(?<=value=")[^"]*|>[^<]*(?=</textarea>)| checked'
    return [re.sub(own, "", text) for text in texts]


VARIES = ("Content-Length", "Set-Cookie", "Date")
