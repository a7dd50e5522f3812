"""What the shelf does with versions whose proofs are missing, held or failed."""

from dataclasses import dataclass, field

import pytest

from quizzer.banks.admission import PATIENCE_S
from quizzer.banks.library import LibraryShelf
from quizzer.banks.problems import Parsed
from quizzer.domain.proofs import Found, Proof, ProofState

LESSON = """---
lesson: early
title: Lesson
format: 1
---
## Why

Because.
"""
BANK = """---
bank: {id}
title: Bank
format: 1
modes: practice
---
## one: One

`kind: numeric`

How many?

- [x] `{value}`

### Check

```python verify
answer = int("1")
```
"""
WAITING = Proof(state=ProofState.WAITING)
PASSED = Proof(state=ProofState.PASSED)
FAILED = Proof(
    state=ProofState.FAILED, contradictions=((13, "P302", "this is ticked, but wrong."),)
)
STAYS = ("W220", 1, "waits for its proofs; the version before it stays.")
ABSENT = ("W220", 1, "waits for its proofs; not in service yet.")
MEANWHILE = ("W220", 1, "waits for its proofs; in service meanwhile.")
UNPROVED = ("W221", 1, "not proved: no worker has come to it; in service all the same.")


def revise(text):
    return Parsed(value=None, problems=(), text=text).revision


@dataclass
class Site:
    """A folder, a shelf and what the provers say of the versions."""

    root: object
    now: float = 100.0
    proofs: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def __post_init__(self):
        self.shelf = self.open_shelf()

    def open_shelf(self):
        return LibraryShelf(self.root, gate=self.ask, clock=lambda: self.now)

    def ask(self, revisions):
        self.asked.append(frozenset(revisions))
        return {name: proof for name, proof in self.proofs.items() if name in revisions}

    def prove(self, value, proof, name="first"):
        self.proofs[revise(BANK.format(id=name, value=value))] = proof

    def write(self, value, name="first"):
        (self.root / "early" / f"{name}.md").write_text(BANK.format(id=name, value=value))

    def look(self, *, after=1.0):
        """Return the values in service by bank, and the problems told."""
        self.now += after
        library = self.shelf.current()
        values = {item.bank: item.options[0].value for item in library.items.values()}
        return values, [(one.code, one.line, one.message) for one in library.problems]


@pytest.fixture
def site(tmp_path):
    (tmp_path / "early").mkdir()
    (tmp_path / "early" / "lesson.md").write_text(LESSON)
    site = Site(tmp_path)
    site.proofs[revise(LESSON)] = PASSED
    site.write("1")
    return site


@pytest.fixture
def proved(site):
    """A site whose one bank has passed, and is in service."""
    site.prove("1", PASSED)
    assert site.look() == ({"first": "1"}, [])
    return site


def test_without_a_gate_nothing_waits(site):
    library = LibraryShelf(site.root).current()
    assert (set(library.banks), library.problems) == ({"first"}, ())


def test_at_the_start_a_version_serves_until_its_proofs_fail(site):
    assert site.look() == ({"first": "1"}, [MEANWHILE])
    site.prove("1", WAITING)
    assert site.look() == ({"first": "1"}, [MEANWHILE])
    site.prove("1", FAILED)
    assert site.look() == ({}, [("P302", 13, "this is ticked, but wrong.")])


def test_at_the_start_a_version_that_is_known_to_fail_does_not_serve(site):
    site.prove("1", FAILED)
    values, problems = site.look()
    assert (values, problems[0][0]) == ({}, "P302")


def test_a_changed_bank_serves_once_its_proofs_have_passed(proved):
    proved.write("2")
    assert proved.look() == ({"first": "1"}, [STAYS])
    proved.prove("2", WAITING)
    assert proved.look() == ({"first": "1"}, [STAYS])
    proved.prove("2", PASSED)
    assert proved.look() == ({"first": "2"}, [])


def test_a_changed_bank_whose_proofs_fail_leaves_the_version_before_it(proved):
    proved.write("2")
    proved.prove("2", FAILED)
    wrong = [("P302", 13, "this is ticked, but wrong.")]
    assert proved.look() == ({"first": "1"}, wrong)
    assert proved.look(after=10 * PATIENCE_S) == ({"first": "1"}, wrong)
    proved.write("3")
    assert proved.look() == ({"first": "1"}, [STAYS])
    proved.prove("3", PASSED)
    assert proved.look() == ({"first": "3"}, [])


def test_the_problems_name_the_file(proved):
    proved.write("2")
    proved.prove("2", FAILED)
    proved.look()
    (problem,) = proved.shelf.current().problems
    assert str(problem) == f"{proved.root}/early/first.md:13: P302 this is ticked, but wrong."


def test_a_change_that_is_taken_back_is_at_once_as_it_was(proved):
    proved.write("2")
    proved.look()
    proved.write("1")
    assert proved.look() == ({"first": "1"}, [])


def test_a_new_bank_serves_once_its_proofs_have_passed(proved):
    proved.write("1", "second")
    assert proved.look() == ({"first": "1"}, [ABSENT])
    proved.prove("1", PASSED, "second")
    assert proved.look() == ({"first": "1", "second": "1"}, [])


def test_a_new_bank_whose_proofs_fail_never_serves(proved):
    proved.write("1", "second")
    proved.look()
    proved.prove("1", FAILED, "second")
    values, problems = proved.look()
    assert (values, problems[0][0]) == ({"first": "1"}, "P302")


def test_errors_of_the_file_come_before_its_proofs(proved):
    proved.write("0,5")
    values, problems = proved.look()
    assert (values, [code for code, _, _ in problems]) == ({"first": "1"}, ["E179"])


def test_a_broken_file_does_not_keep_a_version_whose_proofs_failed(site):
    site.look()
    site.write("0,5")
    assert site.look()[0] == {"first": "1"}
    site.prove("1", FAILED)
    assert site.look()[0] == {}


def test_where_no_worker_comes_nothing_waits_for_ever(proved):
    proved.write("2")
    assert proved.look() == ({"first": "1"}, [STAYS])
    assert proved.look(after=PATIENCE_S - 1) == ({"first": "1"}, [STAYS])
    assert proved.look(after=2) == ({"first": "2"}, [UNPROVED])


def test_where_no_worker_comes_further_changes_do_not_wait(site):
    site.look()
    assert site.look(after=PATIENCE_S) == ({"first": "1"}, [UNPROVED])
    site.write("2")
    site.write("1", "second")
    values, problems = site.look()
    assert values == {"first": "2", "second": "1"}
    assert set(problems) == {UNPROVED}


def test_a_file_that_workers_pass_over_keeps_no_other_from_waiting(site):
    site.look()
    site.prove("1", PASSED)
    site.look()
    site.write("1", "elsewhere")  # never marked, as if the worker had not this file
    site.write("2")
    site.look()
    site.prove("2", WAITING)
    site.look()
    values, problems = site.look(after=PATIENCE_S)
    assert values == {"first": "1", "elsewhere": "1"}
    assert set(problems) == {UNPROVED, STAYS}
    site.prove("2", PASSED)
    site.write("3")
    assert site.look()[0] == {"first": "1", "elsewhere": "1"}


def test_a_version_that_is_in_no_file_any_more_is_not_waited_for(site):
    site.look()
    site.write("0,5")
    site.look()
    site.write("1", "second")
    site.prove("1", PASSED, "second")
    site.look(after=PATIENCE_S)
    site.write("2", "second")
    values, problems = site.look()
    assert values == {"first": "1", "second": "1"}
    assert STAYS in problems


def test_a_worker_that_is_at_it_may_take_its_time(proved):
    proved.write("2")
    proved.prove("2", WAITING)
    proved.look()
    assert proved.look(after=10 * PATIENCE_S) == ({"first": "1"}, [STAYS])


def test_a_worker_that_comes_late_is_heard(proved):
    proved.write("2")
    proved.look()
    assert proved.look(after=PATIENCE_S) == ({"first": "2"}, [UNPROVED])
    proved.prove("2", WAITING)
    assert proved.look() == ({"first": "2"}, [MEANWHILE])
    proved.prove("2", PASSED)
    assert proved.look() == ({"first": "2"}, [])


def test_a_version_that_passed_once_is_withdrawn_where_a_later_prover_refutes_it(proved):
    proved.prove("1", FAILED)
    values, problems = proved.look()
    assert (values, problems[0][0]) == ({}, "P302")


def test_a_lesson_waits_like_a_bank(proved):
    text = LESSON.replace("Because.", "It fits the noise.")
    (proved.root / "early" / "lesson.md").write_text(text)
    assert proved.look()[1] == [STAYS]
    assert proved.shelf.current().lessons["early"].parts[0].text.source == "Because."
    proved.proofs[revise(text)] = PASSED
    assert proved.look()[1] == []
    assert proved.shelf.current().lessons["early"].parts[0].text.source == "It fits the noise."


def test_the_gate_is_asked_at_most_twice_a_second_and_the_library_stays_the_same(proved):
    before, library = len(proved.asked), proved.shelf.current()
    for _ in range(10):
        proved.look(after=0.1)
    assert 1 <= len(proved.asked) - before <= 2
    assert proved.shelf.current() is library


DRAWN = BANK.replace("How many?", "How many of {{{{n}}}}?").replace(
    "```python verify", "```python variants\nn = rng.randint(0, 99)\n```\n\n```python verify"
)
STEPS = BANK.replace("`kind: numeric`", "`kind: order`").replace(
    "- [x] `{value}`", "- [x] `{value}`\n- [x] `2`\n- [x] `3`"
)


def put(site, text, *, proof, value="1"):
    """Write the one bank anew, of which is known what its proofs said."""
    filled = text.format(id="first", value=value)
    (site.root / "early" / "first.md").write_text(filled)
    site.proofs[revise(filled)] = proof


def pass_with(found):
    return Proof(state=ProofState.PASSED, found={"one": found})


def test_an_item_with_variables_is_asked_only_once_they_have_been_drawn(site):
    put(site, DRAWN, proof=WAITING)
    site.look()
    library = site.shelf.current()
    assert library.items["first/one"].waits_for_draws
    assert library.list_items("early", "practice") == ()

    put(site, DRAWN, proof=pass_with(Found(draws=({"n": "3"}, {"n": "4"}))))
    site.look()
    (item,) = site.shelf.current().list_items("early", "practice")
    assert item.draws == ({"n": "3"}, {"n": "4"})


def test_every_drawing_is_rendered_before_anybody_asks(site, monkeypatch):
    rendered = []
    monkeypatch.setattr(
        "quizzer.banks.library.render_text", lambda text: rendered.append(text) or ""
    )
    put(site, DRAWN, proof=pass_with(Found(draws=({"n": "3"}, {"n": "4"}))))
    site.look()
    assert {"How many of 3?", "How many of 4?"} <= {text.source for text in rendered}


def test_orders_that_the_proof_found_count_beside_the_author_s(site):
    put(site, STEPS, proof=pass_with(Found(orders=(("b", "a", "c"),))))
    site.look()
    item = site.shelf.current().items["first/one"]
    assert item.orders == (("a", "b", "c"), ("b", "a", "c"))


def test_what_another_version_s_proof_found_does_not_count(site):
    put(site, STEPS, proof=pass_with(Found(orders=(("b", "a", "c"),))))
    site.look()
    put(site, STEPS, proof=PASSED, value="7")
    site.look()
    item = site.shelf.current().items["first/one"]
    assert (item.options[0].value, item.orders) == ("7", (("a", "b", "c"),))
