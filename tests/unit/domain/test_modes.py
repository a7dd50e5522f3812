from __future__ import annotations

import json

from quizzer.banks.labels import MODE_NAMES
from quizzer.domain.modes import (
    MODES,
    Feedback,
    Scoring,
    Selection,
    apply_rules,
    find_mode,
    list_rules,
)


def test_names_are_unique_and_found():
    assert [find_mode(mode.name) for mode in MODES] == list(MODES)
    assert find_mode("nonsense") is None


def test_the_rows_add_up():
    for mode in MODES:
        assert not mode.strata or sum(count for *_, count in mode.strata) == mode.size
        assert list(mode.points_by_try) == sorted(mode.points_by_try, reverse=True)
        assert mode.selection is not Selection.STRATIFIED or mode.strata
        assert mode.feedback is Feedback.AT_ONCE or not mode.can_reveal


def test_practice_and_test_are_what_the_table_of_modes_says():
    practice, test = find_mode("practice"), find_mode("test")
    assert (practice.tries, practice.points_by_try, practice.hint_cost) == (
        None,
        (1.0, 0.5, 0.25, 0.0),
        0.25,
    )
    assert (test.tries, test.size, test.feedback, test.scoring) == (
        1,
        10,
        Feedback.AT_END,
        Scoring.SCORE,
    )


def test_rules_survive_the_database_and_win_over_the_table():
    for mode in MODES:
        kept = json.loads(json.dumps(list_rules(mode)))
        assert apply_rules(mode, kept) == mode
    test = find_mode("test")
    assert apply_rules(test, list_rules(test) | {"tries": 2}).tries == 2


def test_challenge_review_and_visualize_are_what_the_table_of_modes_says():
    challenge, review = find_mode("challenge"), find_mode("review")
    assert (challenge.size, challenge.tries, challenge.item_time_s) == (5, 2, 60)
    assert challenge.scoring is Scoring.BADGE
    assert not challenge.gives_points
    assert (review.selection, review.scoring) == (Selection.DUE, Scoring.SCHEDULE)
    assert not review.gives_points
    assert not review.is_evidence
    assert (find_mode("try").tries, find_mode("visualize").size) == (3, 3)


def test_how_sure_one_is_is_asked_where_it_is_used():
    assert [mode.name for mode in MODES if mode.asks_confidence] == ["learn", "review"]


def test_all_modes_are_the_ones_that_a_bank_may_name():
    assert tuple(mode.name for mode in MODES) == MODE_NAMES
