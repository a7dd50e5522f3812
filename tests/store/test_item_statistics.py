"""How learners do at items: from what is stored, per revision, each learner once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quizzer.domain.attempts import Chosen
from quizzer.domain.items import Kind
from quizzer.services import accounts, item_statistics
from quizzer.store import users
from tests.factories import NOON, make_item, make_library, make_option
from tests.store.hands import RIGHT, WRONG, Learner

OTHER_WRONG = Chosen(keys=("c",))
ITEM = make_item("bank/item")
SECOND = make_item("bank/second", tags=("other",))


@pytest.fixture
def make_learner(database):
    def make(*items, name="Somebody"):
        with database.transaction() as session:
            user = accounts.make_guest(session, name=name, now=NOON)
        return Learner(database, user, make_library(*(items or (ITEM,))))

    return make


def measure(database, bank="bank"):
    with database.snapshot() as session:
        return item_statistics.measure_bank(session, bank=bank)


def play(ada, chosen, *, mode="practice", seconds=10, key="bank/item"):
    """Answer one item after so many seconds."""
    shown = ada.start(mode)
    position = next(each.position for each in shown.questions if each.item.key == key)
    ada.now += timedelta(seconds=seconds)
    return ada.answer(chosen, position=position)


def test_each_learner_counts_once_with_the_very_first_try(database, make_learner):
    for chosen, seconds in ((RIGHT, 10), (WRONG, 20), (OTHER_WRONG, 30), (WRONG, 40), (RIGHT, 50)):
        ada = make_learner()
        play(ada, chosen, seconds=seconds)
        if chosen is not RIGHT:
            ada.answer(RIGHT, try_no=2)
        ada.finish()
        play(ada, OTHER_WRONG)  # another round, another day: not a first try any more
    (row,) = measure(database)["bank/item"]
    assert (row.revision, row.n, row.first_seen_at) == (ITEM.revision, 5, NOON)
    assert row.measured.facility == pytest.approx(0.4)
    assert row.measured.median_ms == 30_000
    assert (row.measured.wrong, row.measured.wrong_count) == ("`value_b`", 2)


def test_a_right_answer_after_a_hint_is_not_right_at_once(database, make_learner):
    for number in range(5):
        ada = make_learner()
        ada.start()
        if number < 2:
            ada.hint(1)
        ada.answer(RIGHT)
    assert measure(database)["bank/item"][0].measured.facility == pytest.approx(0.6)


def test_a_changed_item_has_a_row_of_its_own_the_newest_first(database, make_learner):
    changed = make_item("bank/item", title="Better put")
    for _ in range(5):
        play(make_learner(), WRONG)
    for _ in range(6):
        ada = make_learner(changed)
        ada.now += timedelta(days=1)
        play(ada, RIGHT)
    after, before = measure(database)["bank/item"]
    assert (after.revision, after.n, after.measured.facility) == (changed.revision, 6, 1.0)
    assert (before.revision, before.n, before.measured.facility) == (ITEM.revision, 5, 0.0)


def test_of_four_learners_only_their_number_is_told(database, make_learner):
    for _ in range(4):
        play(make_learner(), RIGHT)
    (row,) = measure(database)["bank/item"]
    assert (row.n, row.measured) == (4, None)


def test_instructors_know_the_key_so_they_do_not_count(database, make_learner):
    tutor = make_learner()
    with database.transaction() as session:
        users.set_role(session, user_id=tutor.user.id, role="instructor")
    play(tutor, RIGHT)
    assert measure(database)["bank/item"][0].n == 0


def test_an_open_test_tells_nothing_yet(database, make_learner):
    ada = make_learner()
    play(ada, RIGHT, mode="test")
    assert measure(database)["bank/item"][0].n == 0
    ada.finish()
    assert measure(database)["bank/item"][0].n == 1


def test_what_a_clock_cut_short_does_not_count(database, make_learner):
    item = make_item(modes=("challenge",))
    play(make_learner(item), RIGHT, mode="challenge")
    assert measure(database)["bank/item"][0].n == 0


def test_who_does_well_elsewhere_gets_a_good_item_right(database, make_learner):
    for is_good in (True, True, True, False, False, False):
        ada = make_learner(ITEM, SECOND)
        play(ada, RIGHT if is_good else WRONG)
        play(ada, RIGHT if is_good else WRONG, key="bank/second")
    row = measure(database)["bank/item"][0].measured
    assert row.discrimination == pytest.approx(1.0)
    assert row.discrimination_n == 6


def test_typed_answers_are_named_as_they_were_typed(database, make_learner):
    item = make_item(kind=Kind.NUMERIC, options=(make_option("a", value="4"),))
    for typed in ("4", "5", " 5 ", "6", "4"):
        play(make_learner(item), Chosen(text=typed))
    row = measure(database)["bank/item"][0].measured
    assert (row.wrong, row.wrong_count) == ("5", 2)


def test_another_banks_items_stay_out_even_where_the_name_begins_alike(database, make_learner):
    play(make_learner(make_item("bank2/item")), RIGHT, key="bank2/item")
    assert measure(database) == {}
    assert list(measure(database, "bank2")) == ["bank2/item"]
