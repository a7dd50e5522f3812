"""No key before its time: a learner's walk, searched for every word that only a key holds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from urllib.parse import urlsplit

import pytest

from graders.judge.comparing import withhold
from quizzer.services import grading, problem_reports
from quizzer.services.submitting import CheckResult, Difference, Report, Verdict
from tests.web.canary import (
    ASKING,
    OFFERED,
    ROUNDS,
    SECRET,
    ask_everything,
    enter,
    get_site_of,
    list_attempts,
    list_options,
    open_site,
    read_cookie,
    right_answer,
    secrets_of,
    write_all_ways,
    wrong_answer,
)
from tests.web.conftest import Learner

WALK = ("step-1", "step-2", "step-3", "myths", "pitfall-1", "takeaways")
LATER = {"SECRETLATER", "SECRETCAUSE", "SECRETTAKEAWAY"}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/lessons/canary",
        "/lessons/canary/why",
        "/lessons/canary/learn",
        *(f"/lessons/canary/learn/{place}" for place in WALK),
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


def walk_on(learner) -> dict[str, set[str]]:
    """Ask for every place of the walk; return where each secret word was met."""
    met: dict[str, set[str]] = {}
    for place in WALK:
        learner.open(f"/lessons/canary/learn/{place}")
        for word in secrets_of(learner):
            met.setdefault(word, set()).add(place)
    return met


def test_a_step_is_not_in_the_page_before_its_prediction(learner):
    assert walk_on(learner) == {}
    learner.open("/lessons/canary/learn/step-2")
    learner.send("/lessons/canary/learn/attempts")
    assert "What will the second step say?" in learner.page
    assert walk_on(learner) == {}

    learner.open("/lessons/canary/learn/step-2")
    learner.send("/lessons/canary/learn/1", choice=list_options(learner.page)["One thing"])
    opened = {"SECRETTITLE", "SECRETSTEP", "SECRETBELIEF", "SECRETSOLUTION"}
    assert opened <= secrets_of(learner)
    assert {word: places for word, places in walk_on(learner).items() if word in LATER} == {}
    assert "What will the third step say?" in learner.open("/lessons/canary/learn/step-3")

    learner.send("/lessons/canary/learn/2", choice=list_options(learner.page)["True"])
    told = walk_on(learner)
    assert {word: told[word] for word in LATER} == {
        "SECRETLATER": {"step-3"},
        "SECRETCAUSE": {"pitfall-1"},
        "SECRETTAKEAWAY": {"takeaways"},
    }


def test_practice_tells_one_thing_at_a_time(learner):
    attempt = enter(learner, "practice")
    for position in range(1, 11):
        here = f"{attempt}/questions/{position}"
        learner.open(f"{attempt}?q={position}")
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
    attempt = enter(learner, "test")
    classes: set[str] = set()
    for position in range(1, 11):
        learner.open(f"{attempt}?q={position}")
        assert secrets_of(learner) == set()
        is_right = position % 2 == 0
        answer = right_answer(learner.page) if is_right else wrong_answer(learner.page)
        sent = set(SECRET.findall(str(answer)))
        learner.send(f"{attempt}/questions/{position}/response", **answer)
        assert secrets_of(learner) <= sent
        learner.open(f"{attempt}?q={position}")
        assert secrets_of(learner) <= sent  # only what the learner typed comes back
        classes.update(" ".join(re.findall(r'class="([^"]*)"', learner.page)).split())
    assert "question" in classes
    assert not {"right", "wrong", "is-right", "is-wrong"} & classes
    learner.open("/progress")
    assert "0 of 13" in learner.page  # progress keeps it to itself too

    learner.open(f"{attempt}?q=end")
    learner.send(f"{attempt}/finish")
    assert {"SECRETSOLUTION", "SECRETRIGHT"} <= secrets_of(learner)


def test_an_exercise_keeps_its_reference_checks_and_solution(learner):
    learner.open("/exercises/canary/double")
    learner.send(
        "/exercises/canary/double/submissions", source="def double(x):\n    return 2 * x\n"
    )
    assert secrets_of(learner) == set()
    learner.open("/exercises/canary/double")
    assert secrets_of(learner) == set()
    learner.send("/exercises/canary/double/hints")
    assert secrets_of(learner) == {"SECRETHINT"}


def test_a_running_test_is_told_of_in_no_other_tab(app, learner):
    """Practice that lies open in another tab waits with what the test asks, and with that alone."""
    round_ = enter(learner, "practice")
    name = app.config["SESSION_COOKIE_NAME"]
    beside = Learner(app)
    beside.client.set_cookie(name, learner.client.get_cookie(name).value)
    pages = [beside.open(f"{round_}?q={position}") for position in range(1, 11)]
    test = enter(learner, "test")
    asked = {read_title(learner.open(f"{test}?q={position}")) for position in range(1, 11)}
    waiting = [position for position, page in enumerate(pages, 1) if read_title(page) in asked]
    assert 0 < len(waiting) < len(pages)
    for position, page in enumerate(pages, 1):
        told = []
        for action, fields in (("response", wrong_answer(page)), ("hint", {}), ("reveal", {})):
            beside.page = page  # as it stood there before the test began
            beside.send(f"{round_}/questions/{position}/{action}", **fields)
            told.append(secrets_of(beside))
        if position in waiting:
            assert told == [set(), set(), set()]
            assert beside.page.count("It comes back once the test is finished.") == 1
            assert "Not yet" not in beside.page
        else:
            assert "SECRETSOLUTION" in told[-1]
    learner.open(f"{test}?q=end")
    learner.send(f"{test}/finish")
    for position in waiting:
        beside.page = pages[position - 1]
        beside.send(f"{round_}/questions/{position}/reveal")
        assert "SECRETSOLUTION" in secrets_of(beside)


def read_title(page: str) -> str:
    return re.search(r"<h2[^>]*>(.*?)</h2>", page)[1]


# ── Every page of every mode ─────────────────────────────────────────────────────────────────────

TOLD_OF_A_MISS = {"SECRETWRONG", "SECRETOTHER"}  # what the options have to say that were chosen
CODE = "/exercises/canary/canary-ways--program"
EXERCISE = "/exercises/canary/double"
EXPORT = "/account/export"
LINK = re.compile(r'(?:href|src)="(/[^"#]*)')
BY_HAND = (  # what no link of a learner leads to
    *(
        "/healthz",
        "/favicon.ico",
        "/author",
        "/author/banks/canary-items",
        "/author/banks/canary-items/items/single-1/rescore",
        "/figures/canary/no.svg",
    ),
    *("/account/reset/no-such-link", "/account/password", "/account/register", "/account/login"),
    *("/account/out", "/account/gone"),
    *("/review", "/progress", "/lessons/canary/visualize", "/lessons/canary/project", EXPORT),
)


class Grader:
    """Says of every check that it gave something else, as the judge would."""

    def grade(self, exercise, _source, **_options):
        difference = Difference(
            kind="values", where="['SECRETWHERE']", expected="SECRETEXPECTED", got="SECRETGOT"
        )
        checks = tuple(
            CheckResult(
                name=one.name,
                sentence=one.sentence,
                points=one.points,
                verdict=Verdict.WRONG,
                hidden=one.hidden,
                difference=withhold(difference) if one.hidden else Difference(kind="shape"),
            )
            for one in exercise.checks
        )
        return Report(
            exercise=exercise.key,
            exercise_hash=exercise.hash,
            verdict=Verdict.WRONG,
            score=0.5,
            checks=checks,
        )


class TestEveryPage:
    @pytest.fixture
    def app(self, settings, tmp_path, clock, bell, monkeypatch):
        ask_everything(monkeypatch)
        write_all_ways(tmp_path / "questions")
        with open_site(replace(settings, questions=tmp_path / "questions"), clock, bell) as app:
            yield app

    @pytest.fixture
    def busy(self, learner, site, bell, clock):
        """A learner who has begun every mode and answered nothing; what they handed in failed."""
        for mode in ASKING:
            enter(learner, mode)
        for editor in (EXERCISE, CODE):
            learner.open(editor)
            learner.send(f"{editor}/submissions", source="def double(x):\n    return x\n")
            assert grading.grade_run(
                site.database,
                site.exercises.current(),
                Grader(),
                run_id=bell.rung[-1],
                worker="w",
                clock=clock,
            )
        return learner

    def test_nothing_is_told_before_an_answer_and_no_page_is_left_out(self, app, site, busy):
        attempts = list_attempts(site)
        assert set(attempts.values()) == set(ASKING)
        found = walk(app, busy, *(f"{attempt}/result" for attempt in attempts))
        trying = find_attempt(site, "try")
        # Values to choose from, on the page of their question and on no other.
        offers = {path: words for path, words in found.items() if words & set(OFFERED)}
        # (Who asks for the result of an open round is led to its first question.)
        assert {urlsplit(path).path.removesuffix("/result") for path in offers} == {trying}
        assert all(words >= set(OFFERED) for words in offers.values())
        told = {path: words for path, words in found.items() if path not in offers}
        assert {path: words for path, words in told.items() if words} == {}
        routes = app.url_map.bind("localhost")
        met = {routes.match(urlsplit(path).path)[0] for path in found}
        pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
        assert pages - met == set()

    def test_every_mode_asks_every_kind_that_it_serves(self, site, busy):
        assert get_site_of(busy.client.application) is site
        kinds = {
            mode: {read_kind(busy.open(f"{attempt}?q={position}")) for position in range(1, 14)}
            for attempt, mode in list_attempts(site).items()
            if mode not in {"learn", "visualize", "challenge"}
        }
        typed = {"choice", "text", "blank", "lines"}
        assert kinds == {
            **dict.fromkeys(("practice", "try", "metrics"), typed | {"code"}),
            "test": typed,
            "review": typed | {"card"},
        }

    def test_a_miss_tells_of_what_was_chosen_and_nothing_else(self, app, site, busy):
        missed = {
            mode: [miss(busy, attempt, position) for position in range(1, 14)]
            for attempt, mode in list_attempts(site).items()
            if mode not in {"learn", "review"}  # one try, and then all of it is told
        }
        assert {mode for mode, answers in missed.items() if any(answers)} == {
            *("visualize", "test"),
            *ROUNDS,
        }
        found = walk(app, busy)
        trying = find_attempt(site, "try")
        told = [words for path, words in found.items() if trying not in path]
        assert set().union(*told) == TOLD_OF_A_MISS
        assert set().union(*found.values()) == TOLD_OF_A_MISS | set(OFFERED)

    def test_an_export_names_lines_by_where_they_stood_and_tells_no_score_of_a_test(
        self, site, busy
    ):
        sent = 0
        for attempt in list_attempts(site):
            for position in range(1, 14):
                sent += miss(busy, attempt, position)
        told = json.loads(busy.open(EXPORT))
        assert SECRET.findall(busy.page) == []
        assert len(told["response"]) == sent
        (test,) = (row["id"] for row in told["attempt"] if row["mode"] == "test")
        of_test = [row for row in told["response"] if row["attempt_id"] == test]
        assert {row["score"] for row in of_test} == {None}
        assert len(of_test) > 5
        keys = {key for row in of_test for key in row["chosen"]["keys"] if key.isdigit()}
        assert keys  # lines are named by digits, options by letters

    def test_values_to_choose_from_are_told_apart_by_nothing(self, site, busy):
        trying = find_attempt(site, "try")
        pages = (busy.open(f"{trying}?q={position}") for position in range(1, 14))
        page = next(page for page in pages if OFFERED[0] in page)
        for tag in ("button", "option"):
            chips = re.findall(rf"<{tag}[^>]*>[^<]*</{tag}>", page)
            chips = [chip for chip in chips if SECRET.search(chip)]
            assert len(chips) == len(OFFERED)
            bare = {re.sub(r"offered-\d", "", SECRET.sub("", chip)) for chip in chips}
            assert len(bare) == 1

    def test_a_refusal_tells_nothing(self, site, busy, monkeypatch):
        """409, 422 and 429 are told on the pages of errors."""
        told = {}
        for attempt, mode in list_attempts(site).items():
            here = f"{attempt}/questions/1"
            busy.post(f"{here}/response", status=422, choice="nothing", text="a" * 20_000)
            told[mode, 422] = secrets_of(busy)
            busy.post(f"{here}/response", status=422, choice="nothing", try_no=1)
            told[mode, "unknown"] = secrets_of(busy)
            if mode in {"learn", "test", "challenge"}:
                busy.post(f"{here}/reveal", status=409)
                told[mode, 409] = secrets_of(busy)
        monkeypatch.setattr(problem_reports, "MOST_AN_HOUR", 1)
        busy.open(f"{find_attempt(site, 'practice')}?q=1")
        busy.send(f"{find_attempt(site, 'practice')}/questions/1/reveal")
        page = busy.page
        for status, words in ((200, "It is off."), (429, "So is this.")):
            busy.page = page
            busy.send("/problem-reports", status=status, words=words)
        told["report", 429] = secrets_of(busy)
        assert set().union(*told.values()) == set()


def find_attempt(site, mode: str) -> str:
    """Return the address of the only attempt of a mode."""
    (found,) = (attempt for attempt, each in list_attempts(site).items() if each == mode)
    return found


def read_kind(page: str) -> str:
    """Return how the question on a page is answered."""
    marks = {
        "lines": "data-lines",
        "blank": 'name="blank.',
        "text": 'name="text"',
        "choice": 'class="option',
        "code": "Open the editor",
        "card": "Turn the card",
    }
    return next(kind for kind, mark in marks.items() if mark in page)


def walk(app, learner, *more: str) -> dict[str, set[str]]:
    """Open whatever links lead to, whole and as the script asks for it; return the secrets in it."""
    waiting, found = ["/", *BY_HAND, *more], {}
    while waiting:
        path = waiting.pop()
        if path in found:
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


def miss(learner, attempt: str, position: int) -> bool:
    """Answer a question wrongly once; False where there is none to answer."""
    page = learner.open(f"{attempt}?q={position}")
    found = re.search(rf'action="([^"]*/{position}/response[^"]*)"', page)
    if found is None or read_kind(page) == "code":
        return False
    learner.send(unescape(found[1]), **wrong_answer(page))
    return True
