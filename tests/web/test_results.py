"""What the result of a test says of skills, of most of which it asks one or two questions."""

from __future__ import annotations

from quizzer.domain import results
from quizzer.domain.mastery import Belief, estimate
from quizzer.domain.results import list_skill_results
from quizzer.web.results import describe_skills
from tests.web.canary import begin


def make_result(**scores: list[float]):
    return list_skill_results([((skill,), one) for skill, of in scores.items() for one in of])


def believe(skill: str, *, rating: float, n: int, variance: float = 0.1):
    return estimate(Belief(skill=skill, rating=rating, variance=variance, n=n))


def test_what_was_asked_too_little_is_one_line_with_what_all_answers_say():
    skills = make_result(asked=[1.0, 1.0, 1.0], known=[0.0], fresh=[1.0, 0.0])
    believed = {
        "known": believe("known", rating=2.5, n=9),
        "fresh": believe("fresh", rating=0.0, n=2),
    }
    words = describe_skills(skills, believed)
    assert [one.skill for one in words["rated"]] == ["asked"]
    said = [(one.skill, one.label, one.n) for one in words["unsaid"]]
    assert said == [("fresh", "", 2), ("known", "strong", 9)]
    assert words["weak_here"] == words["weak_before"] == []
    assert words["shaky"] == ["known", "fresh"]  # the lowest score first


def test_what_is_weak_by_all_answers_is_to_be_practised_though_a_test_cannot_tell():
    skills = make_result(asked=[0.0, 0.0, 0.0], few=[0.0])
    believed = {"few": believe("few", rating=-2.0, n=6)}
    words = describe_skills(skills, believed)
    assert (words["weak_here"], words["weak_before"]) == (["asked"], ["few"])


def test_nothing_is_believed_of_somebody_whose_answers_are_few():
    (only,) = describe_skills(make_result(few=[1.0]), {})["unsaid"]
    assert (only.label, only.n) == ("", 0)
    assert describe_skills(make_result(few=[1.0]), {})["shaky"] == []


def test_the_page_names_what_to_practise_and_what_it_cannot_tell(learner, monkeypatch):
    monkeypatch.setattr(results, "FEWEST_ITEMS", 11)  # it asks ten
    attempt = begin(learner, "test")
    learner.open(f"/attempts/{attempt}?q=end")
    learner.send(f"/attempts/{attempt}/finish")
    assert "Too few questions to say: choosing, typing." in learner.page
    assert "<caption>Average score" not in learner.page
    assert "practise what was missed (choosing, typing)" in learner.page
    assert "Its 20 minutes begin at once." in learner.page


def test_the_page_says_of_which_answers_a_skill_is_weak(learner, monkeypatch):
    monkeypatch.setattr(results, "FEWEST_ITEMS", 1)
    assert "in 20 minutes that begin at once" in learner.open("/lessons/canary")
    attempt = begin(learner, "test")
    learner.open(f"/attempts/{attempt}?q=end")
    learner.send(f"/attempts/{attempt}/finish")
    assert "practise choosing, typing, weak in this test. What was missed" in learner.page
    assert "<td>weak so far</td>" in learner.page
