"""The author's preview: what is on the page, what stays while the file is broken, what is refused."""

from __future__ import annotations

import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from quizzer.domain.items import Kind
from quizzer.services.previewing import Desk
from quizzer.services.scaffolding import add_item, make_bank, make_lesson
from quizzer.web.preview import create_preview
from quizzer.web.security import HEADERS
from tests.web.canary import list_options


@dataclass
class Author:
    """Edits a file and looks at its preview."""

    desk: Desk
    page: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = create_preview(self.desk, port=1).test_client()

    def save(self, *changes: tuple[str, str]) -> None:
        text = self.desk.path.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        self.desk.path.write_text(text)

    def open(self, path="/", *, status=200):
        return self._keep(self.client.get(path), status)

    def send(self, path, *, status=200, **fields):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page or self.open())[1]
        data = {"csrf_token": token, **fields}
        return self._keep(self.client.post(path, data=data, follow_redirects=True), status)

    def mark(self):
        return re.search(r'data-mark="([^"]+)"', self.open())[1]

    def _keep(self, response, status):
        assert response.status_code == status
        self.headers = dict(response.headers)
        self.page = response.get_data(as_text=True)
        return self.page


@contextmanager
def no_grader():
    raise AssertionError("nothing was to be run")
    yield


@pytest.fixture
def bank(tmp_path):
    return make_bank(tmp_path / "tensors.md", id="tensors", title="Tensors")


@pytest.fixture
def author(bank):
    with Desk(bank, open_grader=no_grader) as desk:
        yield Author(desk)


def test_every_kind_is_shown_as_learners_see_it_and_with_its_key(author, bank):
    for kind in Kind:
        add_item(bank, kind, id=f"my-{kind}")
    page = author.open()
    assert page.count('<article class="question card"') == len(Kind) + 1
    assert page.count("The key, and all that is said") == len(Kind) + 1
    for told in ("misconception", "```", "&lt;code&gt;", "{{id}}"):
        assert told not in page
    assert "it has no <code>step()</code>" in page  # a line's feedback
    assert "return 0.5 * sum(" in page  # a solution in code
    assert "backward()</code> <em>adds</em>" in page  # the back of a card
    assert "def ok(code):" in page


def test_the_key_stands_in_the_folded_part_only(author):
    page = author.open()
    question = page.split('<article class="question card"')[1].split("</article>")[0]
    assert "Right: six elements" not in question
    assert "Right: six elements" in page


def test_an_answer_is_scored_and_heard(author):
    author.open()
    wrong = author.send("/?item=sum", choice=list_options(author.page)["0.5"], try_no=1)
    assert "✗ Not yet." in wrong
    assert "sum() divides by the number of elements" in wrong
    right = author.send("/?item=sum", choice=list_options(author.page)["3.0"], try_no=1)
    assert "✓ Right." in right
    assert "Please choose one option" in author.send("/?item=sum", try_no=1)


def test_a_sequence_a_card_and_a_program(author, bank):
    for kind in (Kind.PARSONS, Kind.RECALL, Kind.CODE):
        add_item(bank, kind)
    page = author.send("/?item=parsons", **{"place.1": "1", "place.2": "2"})
    assert "✗ Not yet." in page
    assert "How well did you know it?" not in page
    assert "How well did you know it?" in author.send("/?item=recall&turn=1")
    assert "You said: knew it." in author.send("/?item=recall", choice="knew", try_no=1)
    assert "Here no code is graded" in author.send("/?item=code", try_no=1)


def test_while_the_file_is_broken_its_last_good_version_stays_below_the_errors(author):
    author.open()
    author.save(("- [x] `3.0`", "- [ ] `3.0`"), ("What does `total` hold", "What is in `total`"))
    page = author.open()
    assert "E174" in page
    assert "Below is the last version without errors" in page
    assert "What does <code>total</code> hold" in page
    assert "What is in <code>total</code>" not in page
    assert 'data-state="1 error"' in page
    assert page.index("E174") < page.index('<article class="question card"')
    author.save(("- [ ] `3.0`", "- [x] `3.0`"))
    page = author.open()
    assert "E174" not in page
    assert "What is in <code>total</code>" in page


def test_a_complaint_stands_with_its_line_and_those_around_it(author, bank):
    author.save(("- [x] `3.0`", "-[x] `3.0`"))
    line = bank.read_text().splitlines().index("-[x] `3.0`") + 1
    page = author.open()
    assert f"line {line}: E132" in page
    shown = re.search(r'<pre class="excerpt">(.*?)</pre>', page, re.DOTALL)[1]
    assert f'is-it"><span class="no">{line}</span>-[x] `3.0`' in shown
    assert shown.count('class="no"') == 3


def test_a_warning_stands_in_its_item(author):
    author.save(("  > That would be `sum(dim=1)`; without `dim` everything is added.\n", ""))
    page = author.open()
    assert "W201" in page.split('id="i-sum"')[1]
    assert 'data-state="1 warning"' in page


def test_a_file_that_never_was_right_shows_its_errors_only(tmp_path):
    path = tmp_path / "new.md"
    path.write_text("# No front matter\n")
    with Desk(path, open_grader=no_grader) as desk:
        page = Author(desk).open()
    assert "E110" in page
    assert "Nothing can be shown before that" in page


def test_a_file_that_is_gone_or_is_no_text_is_told(author, bank):
    author.open()
    bank.unlink()
    assert "cannot be read" in author.open()
    bank.write_bytes(b"---\nbank: \xff\n")
    assert "UTF-8" in author.open()


def test_the_mark_changes_with_what_is_to_be_seen_and_only_then(author, bank):
    first = author.mark()
    bank.write_text(bank.read_text())  # saved as it was
    assert author.mark() == first
    author.save(("- [x] `3.0`", "- [ ] `3.0`"))
    broken = author.mark()
    assert broken != first
    assert [author.mark() for _ in range(3)] == [broken] * 3


def test_waiting_ends_with_a_change(author):
    seen = author.mark()
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(author.desk.wait(seen, longest_s=20)))
    waiting.start()
    time.sleep(0.05)
    author.save(("# Tensors", "# More tensors"))
    waiting.join(10)
    assert answers
    assert answers[0] != seen
    assert author.client.get(f"/mark?seen={seen}").get_json() == {"mark": answers[0]}


def test_waiting_ends_with_the_program(author):
    seen = author.mark()
    author.desk.stop_waiting()
    started_at = time.monotonic()
    assert author.desk.wait(seen, longest_s=20) == seen
    assert time.monotonic() - started_at < 5


def test_a_lesson_is_shown_whole(tmp_path):
    path = make_lesson(tmp_path / "tensors", title="About tensors")
    with Desk(path, open_grader=no_grader) as desk:
        page = Author(desk).open()
    for told in ("About tensors", "Gradients add up", "Pitfall: The forgotten call", "Takeaways"):
        assert told in page


def test_a_picture_beside_the_file_is_shown_and_nothing_else_is(author, bank):
    (bank.parent / "curve.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    with author.client.get("/figures/tensors/curve.svg") as answer:
        assert answer.status_code == 200
    for path in ("/figures/tensors/tensors.md", "/figures/tensors/none.svg", "/figures/x/..%2fa"):
        assert author.client.get(path).status_code == 404


def test_a_page_carries_the_headers_of_the_site(author):
    author.open()
    assert HEADERS.items() <= author.headers.items()
    assert "style=" not in author.page
    assert not re.search(r"<script(?![^>]*src=)", author.page)


def test_foreign_names_and_foreign_forms_are_refused(author):
    author.open()
    assert author.client.get("/", headers={"Host": "evil.example"}).status_code == 403
    assert author.client.post("/prove").status_code == 400
    assert author.client.post("/", data={"choice": "b"}).status_code == 400
