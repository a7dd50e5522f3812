"""No key before its time: a learner's walk, searched for every word that only a key holds.

The test content marks all of them: SECRET... in texts, and the typed kinds' values.
"""

from __future__ import annotations

import re

import pytest

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
    pages = {}
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
        pages[is_right] = re.findall(r'class="([^"]*)"', learner.page)
    assert not {"right", "wrong", "is-right", "is-wrong"} & set(pages[True] + pages[False])
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
