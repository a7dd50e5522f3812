"""A mended key: what its preview says is what applying it does, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from quizzer.domain.attempts import Chosen
from quizzer.domain.items import Kind
from quizzer.errors import ConflictError, NotFoundError
from quizzer.services import accounts, item_statistics, leaving, rescoring
from quizzer.store import review_cards, skills
from quizzer.store.belongings import list_belongings
from tests.factories import (
    NOON,
    make_blank,
    make_card,
    make_item,
    make_library,
    make_option,
    make_options,
    make_sequence,
    make_text,
    make_variants,
)
from tests.store.hands import RIGHT, SHOWN_WRONG, WRONG, Learner

KEY = "bank/item"
ITEM = make_item()  # "a" is ticked
MENDED = make_item(options=make_options(right="b", wrong="acd"))
SECOND = make_item("bank/second")
LATER = NOON + timedelta(days=3)


@pytest.fixture
def make_learner(database):
    def make(*items, name="Somebody"):
        with database.transaction() as session:
            user = accounts.make_guest(session, name=name, now=NOON)
        return Learner(database, user, make_library(*(items or (ITEM,))))

    return make


def look(database, item=MENDED, *others, now=LATER):
    with database.snapshot() as session:
        return rescoring.look(session, make_library(item, *others), item_key=item.key, now=now)


def apply(database, item=MENDED, *others, preview=None, now=LATER):
    preview = preview or look(database, item, *others, now=now)
    with database.transaction() as session:
        return rescoring.apply(
            session,
            make_library(item, *others),
            item_key=item.key,
            revision=preview.item.revision,
            digest=preview.digest,
            actor="user 99",
            now=now,
        )


def play(learner, chosen, *, mode="practice", is_closed=True, key=KEY):
    """Answer one item, and finish."""
    shown = learner.start(mode)
    position = next(each.position for each in shown.questions if each.item.key == key)
    learner.answer(chosen, position=position)
    if is_closed:
        learner.finish()
    return position


def list_rows(database, user, *tables):
    with database.snapshot() as session:
        rows = list_belongings(session, user_id=user.id)
    return {table: rows[table] for table in tables}


def list_earned(database, user):
    rows = list_rows(database, user, "response", "attempt")
    return (
        [(row["score"], row["earned"]) for row in rows["response"]],
        [row["score"] for row in rows["attempt"]],
    )


def describe(preview):
    return [
        (
            change.user_name,
            change.before.earned,
            change.after.earned,
            change.total_before and change.total_before.score,
            change.total_after and change.total_after.score,
        )
        for change in preview.changes
    ]


# -- what is shown is what is done


def test_what_the_preview_shows_is_what_applying_does(database, make_learner):
    ada, eve, joe = (make_learner(name=name) for name in ("Ada", "Eve", "Joe"))
    for learner, chosen in ((ada, RIGHT), (eve, WRONG), (joe, Chosen(keys=("c",)))):
        play(learner, chosen)
    preview = look(database)
    assert describe(preview) == [("Ada", 1.0, 0.0, 1.0, 0.0), ("Eve", 0.0, 1.0, 0.0, 1.0)]
    assert preview.same == 1
    assert list_earned(database, ada.user) == ([(1.0, 1.0)], [1.0])  # to look changes nothing

    done = apply(database)
    assert describe(done) == describe(preview)
    assert list_earned(database, ada.user) == ([(0.0, 0.0)], [0.0])
    assert list_earned(database, eve.user) == ([(1.0, 1.0)], [1.0])
    assert list_earned(database, joe.user) == ([(0.0, 0.0)], [0.0])


def test_applied_twice_it_changes_nothing(database, make_learner):
    ada = make_learner()
    play(ada, WRONG)
    preview = look(database)
    apply(database, preview=preview)
    before = list_rows(database, ada.user, "attempt", "presentation", "response")
    assert look(database).is_empty
    assert apply(database, preview=preview, now=LATER + timedelta(days=1)).is_empty
    assert list_rows(database, ada.user, "attempt", "presentation", "response") == before
    with database.snapshot() as session:
        (past,) = rescoring.list_past(session, item_key=KEY)
    assert (past.actor, past.at, past.key_revision) == ("user 99", LATER, MENDED.revision)
    assert (past.changed, past.same) == (1, 0)


def test_taken_back_the_key_gives_the_earlier_scores_back(database, make_learner):
    ada = make_learner()
    play(ada, RIGHT)
    apply(database, MENDED)
    apply(database, ITEM)
    assert list_earned(database, ada.user) == ([(1.0, 1.0)], [1.0])
    assert ada.get().questions[0].notice == ""


def test_who_did_not_answer_it_is_left_alone(database, make_learner):
    ada, eve = make_learner(name="Ada"), make_learner(SECOND, name="Eve")
    play(ada, WRONG)
    play(eve, WRONG, key="bank/second")
    idle = make_learner(name="Joe")
    idle.start()  # drawn and not answered
    others = [
        list_rows(database, one.user, "attempt", "presentation", "response") for one in (eve, idle)
    ]
    apply(database)
    assert others == [
        list_rows(database, one.user, "attempt", "presentation", "response") for one in (eve, idle)
    ]


def test_skills_and_reviews_stay_and_the_next_tries_move_them(database, make_learner):
    ada = make_learner()
    play(ada, WRONG)

    def list_believed():
        with database.snapshot() as session:
            return (
                skills.list_beliefs(session, user_id=ada.user.id),
                review_cards.list_cards(session, user_id=ada.user.id),
            )

    before = list_believed()
    assert before[0]
    apply(database)
    assert list_believed() == before


# -- what has changed in between


def test_an_item_that_was_changed_again_applies_nothing(database, make_learner):
    ada = make_learner()
    play(ada, WRONG)
    preview = look(database)
    again = make_item(options=make_options(right="c", wrong="abd"))
    with pytest.raises(ConflictError):
        apply(database, again, preview=preview)
    assert list_earned(database, ada.user) == ([(0.0, 0.0)], [0.0])


def test_answers_that_came_in_between_are_shown_before_they_are_touched(database, make_learner):
    play(make_learner(name="Ada"), WRONG)
    preview = look(database)
    eve = make_learner(name="Eve")  # another process still has the earlier revision
    play(eve, WRONG)
    with pytest.raises(ConflictError):
        apply(database, preview=preview)
    assert list_earned(database, eve.user) == ([(0.0, 0.0)], [0.0])
    assert [change.user_name for change in look(database).changes] == ["Ada", "Eve"]


def test_what_fails_halfway_is_not_done_at_all(database, make_learner, monkeypatch):
    ada = make_learner()
    play(ada, WRONG)

    def fail(*_args):
        raise OSError("the disk is full")

    monkeypatch.setattr(rescoring.rescoring, "record_rescoring", fail)
    with pytest.raises(OSError, match="full"):
        apply(database)
    assert list_earned(database, ada.user) == ([(0.0, 0.0)], [0.0])


# -- which revisions are comparable


@pytest.mark.parametrize(
    "changes",
    [
        {"stem": make_text("Another question?")},
        {"options": (*MENDED.options[:3], make_option("d", value="reworded", correct=False))},
        {"options": MENDED.options[:3]},
        {
            "options": tuple(
                replace(one, key=key) for one, key in zip(MENDED.options, "badc", strict=True)
            )
        },
        {"kind": Kind.MULTI},
    ],
    ids=["stem", "option", "fewer", "renamed", "kind"],
)
def test_another_question_is_not_compared(database, make_learner, changes):
    ada = make_learner()
    play(ada, WRONG)
    other = make_item(**{"options": MENDED.options} | changes)
    preview = look(database, other)
    assert preview.is_empty
    assert [(row.revision, row.alike, row.unlike) for row in preview.revisions] == [
        (ITEM.revision, 0, 1)
    ]
    assert apply(database, other).is_empty
    assert list_earned(database, ada.user) == ([(0.0, 0.0)], [0.0])


def test_title_hints_and_feedback_may_have_been_reworded(database, make_learner):
    play(make_learner(), WRONG)
    options = tuple(replace(one, feedback=make_text("Better said.")) for one in MENDED.options)
    reworded = make_item(title="Better put", hints=(), solution=None, options=options)
    assert len(look(database, reworded).changes) == 1


def test_only_what_a_key_makes_right_can_be_scored_anew(database):
    card = make_card()
    with pytest.raises(NotFoundError):
        look(database, card)
    with database.snapshot() as session, pytest.raises(NotFoundError):
        rescoring.look(session, make_library(ITEM), item_key="bank/gone", now=LATER)


def test_orders_that_a_proof_found_later_count_for_the_same_revision(database, make_learner):
    item = make_sequence(lines="abc", key=KEY)
    ada = make_learner(item)
    shown = ada.start()
    texts = {each.html: each.key for each in shown.questions[0].item.options}
    order = [next(name for html, name in texts.items() if f"line_{key}" in html) for key in "bac"]
    ada.answer(Chosen(keys=tuple(order)))
    found = replace(item, orders=(*item.orders, ("b", "a", "c")))
    assert look(database, item).is_empty
    assert describe(apply(database, found)) == [("Somebody", 0.0, 1.0, None, None)]
    (row,) = list_rows(database, ada.user, "presentation")["presentation"]
    assert row["key_revision"] is None
    assert look(database, found).is_empty


def test_lines_go_by_their_text_for_their_keys_follow_the_order(database, make_learner):
    item = make_sequence(lines="abc", key=KEY)
    swapped = replace(
        item,
        revision="mended",
        options=tuple(
            make_option(key, value=f"line_{old}()") for key, old in zip("abc", "bac", strict=True)
        ),
    )
    ada = make_learner(item)
    shown = ada.start()
    names = {each.html: each.key for each in shown.questions[0].item.options}
    before = [each.html for each in shown.questions[0].item.options]
    order = [next(name for html, name in names.items() if f"line_{key}" in html) for key in "bac"]
    ada.answer(Chosen(keys=tuple(order)))
    assert describe(apply(database, swapped)) == [("Somebody", 0.0, 1.0, None, None)]
    ada.library = make_library(swapped)
    (question,) = ada.get().questions
    assert question.is_right
    assert question.chosen.keys == tuple(order)  # named by their places, which have not moved
    assert [each.html for each in question.item.options] == before


# -- kinds and modes


def test_part_marks_follow_the_key(database, make_learner):
    item = make_item(kind=Kind.MULTI, options=make_options("ab", "cd"), partial=True)
    mended = make_item(kind=Kind.MULTI, options=make_options("abc", "d"), partial=True)
    ada = make_learner(item)
    play(ada, Chosen(keys=("a", "b")))
    ((_, before, after, *_),) = describe(apply(database, mended))
    assert (before, after) == (1.0, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("item", "mended", "chosen"),
    [
        (
            {"kind": Kind.NUMERIC, "options": (make_option("a", value="4"),)},
            {"kind": Kind.NUMERIC, "options": (make_option("a", value="4 ± 0.5"),)},
            Chosen(text="4.2"),
        ),
        (
            {"kind": Kind.OUTPUT, "output": "1"},
            {"kind": Kind.OUTPUT, "output": "2"},
            Chosen(text="2"),
        ),
        (
            {"kind": Kind.SHORT, "options": (make_option("a", value="Adam"),)},
            {
                "kind": Kind.SHORT,
                "options": (make_option("a", value="Adam"), make_option("b", value="AdamW")),
            },
            Chosen(text="adamw"),
        ),
        (
            {"kind": Kind.BLANK, "blanks": (make_blank("x", eval=True),)},
            {"kind": Kind.BLANK, "blanks": (make_blank("x", eval=True, train=True),)},
            Chosen(blanks=(("x", "train"),)),
        ),
    ],
    ids=["numeric", "output", "short", "blank"],
)
def test_every_kind_with_a_key_follows_it(database, make_learner, item, mended, chosen):
    ada = make_learner(make_item(**item))
    play(ada, chosen)
    ((_, before, after, *_),) = describe(apply(database, make_item(**mended)))
    assert (before, after) == (0.0, 1.0)


def test_a_formula_that_was_mended_takes_the_values_that_were_seen(database, make_learner):
    item = make_variants(KEY)
    ada = make_learner(item)
    shown = ada.start()
    n = int(shown.questions[0].item.title.removeprefix("Twice "))
    ada.answer(Chosen(text=str(3 * n)))
    ada.finish()
    thrice = make_variants(
        KEY,
        revision="mended",
        draws=({"n": "3", "twice": "9"}, {"n": "5", "twice": "15"}),
    )
    assert describe(apply(database, thrice)) == [("Somebody", 0.0, 1.0, 0.0, 1.0)]
    (row,) = list_rows(database, ada.user, "presentation")["presentation"]
    assert row["drawn_values"] == [["n", str(n)], ["twice", str(3 * n)]]


def test_values_that_are_drawn_no_more_are_another_question(database, make_learner):
    ada = make_learner(make_variants(KEY))
    ada.start()
    ada.answer(Chosen(text="1"))
    other = make_variants(KEY, revision="mended", draws=({"n": "7", "twice": "14"},))
    (row,) = look(database, other).revisions
    assert (row.alike, row.unlike) == (0, 1)
    waiting = make_variants(KEY, revision="mended", draws=())
    assert look(database, waiting).is_empty


def test_each_try_keeps_its_number_and_its_hints(database, make_learner):
    """Wrong, then right after a hint: by the mended key the first one was right."""
    ada = make_learner()
    ada.start()
    ada.answer(WRONG)
    ada.hint(1)
    ada.answer(RIGHT, try_no=2)
    assert list_earned(database, ada.user)[0] == [(0.0, 0.0), (1.0, 0.25)]
    apply(database)
    assert list_earned(database, ada.user)[0] == [(1.0, 1.0), (0.0, 1.0)]
    ada.library = make_library(MENDED)
    (question,) = ada.get().questions
    assert (question.is_right, question.is_done, question.chosen) == (True, True, SHOWN_WRONG)


def test_what_is_right_no_more_can_be_tried_on_in_an_open_round(database, make_learner):
    ada = make_learner()
    play(ada, RIGHT, is_closed=False)
    apply(database)
    ada.library = make_library(MENDED)
    (question,) = ada.get().questions
    assert (question.is_right, question.is_done, question.next_try) == (False, False, 2)
    assert ada.answer(WRONG, try_no=2).earned == 0.5


def test_what_came_too_late_stays_missed(database, make_learner):
    item = make_item(modes=("challenge",))
    mended = make_item(modes=("challenge",), options=MENDED.options)
    ada = make_learner(item)
    ada.start("challenge")
    with database.transaction() as session:
        from_now = rescoring.attempts.list_presentations(session, attempt_ids=[ada.attempt_id])
        (drawn,) = from_now[ada.attempt_id]
        rescoring.attempts.set_presentation(
            session, attempt_id=ada.attempt_id, presentation=replace(drawn, shown_at=NOON)
        )
    ada.now += timedelta(seconds=90)
    ada.answer(WRONG)
    preview = look(database, mended)
    assert (preview.changes, preview.same) == ((), 1)


def test_a_badge_follows(database, make_learner):
    ada = make_learner(make_item(modes=("challenge",)))
    play(ada, WRONG, mode="challenge")
    mended = make_item(modes=("challenge",), options=MENDED.options)
    (change,) = apply(database, mended).changes
    assert (change.total_before.has_badge, change.total_after.has_badge) == (False, True)


# -- tests, which tell at the end


def test_a_closed_tests_total_moves_by_the_item_alone(database, make_learner):
    ada = make_learner(ITEM, SECOND)
    shown = ada.start("test")
    for each in shown.questions:
        ada.answer(WRONG if each.item.key == KEY else RIGHT, position=each.position)
    ada.finish()
    assert ada.get_result().score == 0.5
    # The other item was made worth more since: that is no business of this key.
    ada.library = make_library(MENDED, replace(SECOND, points=3.0))
    preview = look(database, MENDED, replace(SECOND, points=3.0))
    assert describe(preview) == [("Somebody", 0.0, 1.0, 0.5, 0.75)]
    apply(database, MENDED, replace(SECOND, points=3.0))
    result = ada.get_result()
    assert result.score == 0.75
    told = {each.item.key: each.rescored_at for each in result.shown.questions}
    assert told == {KEY: LATER, "bank/second": None}


def test_a_running_test_says_nothing_of_it_and_its_end_counts_it(database, make_learner):
    ada = make_learner(ITEM, SECOND)
    position = play(ada, WRONG, mode="test", is_closed=False)
    before = ada.get()
    ada.library = make_library(MENDED, SECOND)
    apply(database, MENDED, SECOND)
    ada.now += timedelta(minutes=1)
    after = ada.get()
    assert after == replace(
        before, seconds_left=before.seconds_left - 60, questions=after.questions
    )
    question = after.questions[position - 1]
    assert (question.is_right, question.earned, question.rescored_at) == (None, None, None)
    assert question.notice == ""
    told = leaving.export(database, user_id=ada.user.id, now=ada.now)
    assert {row["score"] for row in told["response"]} == {None}
    assert {row["rescored_at"] for row in told["presentation"]} == {None}
    assert ada.finish().score == 0.5


def test_what_would_tell_the_key_of_a_running_test_waits_for_its_end(database, make_learner):
    ada = make_learner()
    play(ada, WRONG, mode="practice")
    played = ada.attempt_id
    play(ada, WRONG, mode="test", is_closed=False)
    during = NOON + timedelta(minutes=1)
    preview = look(database, now=during)
    assert [change.attempt.mode for change in preview.changes] == ["test"]
    assert preview.waiting == 1
    apply(database, preview=preview, now=during)
    test = ada.attempt_id
    ada.attempt_id, ada.library, ada.now = played, make_library(MENDED), during
    assert ada.get_result().score == 0.0
    ada.attempt_id = test
    ada.finish()
    assert look(database, now=during).waiting == 0
    (change,) = apply(database, now=during).changes
    assert change.attempt.id == played


# -- what others make of it


def test_statistics_count_an_answer_where_its_key_is(database, make_learner):
    for chosen in (WRONG, WRONG, WRONG, RIGHT, Chosen(keys=("c",))):
        play(make_learner(), chosen)
    apply(database)
    with database.snapshot() as session:
        rows = item_statistics.measure_bank(session, bank="bank")[KEY]
    assert [(row.revision, row.n) for row in rows] == [(MENDED.revision, 5), (ITEM.revision, 0)]
    assert rows[0].measured.facility == pytest.approx(0.6)
    assert rows[0].measured.wrong == "`value_a`"
