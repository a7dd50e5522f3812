"""A content folder that marks whatever only a key holds, and hands that answer its questions.

SECRET... stands in texts; what is typed, printed or computed is marked by its values.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import event, select

from quizzer.app import create_app
from quizzer.banks.library import LibraryShelf
from quizzer.config import Settings
from quizzer.domain import modes
from quizzer.domain.modes import Selection
from quizzer.domain.proofs import Found, Proof, ProofState
from quizzer.services.catalogue import ExerciseShelf
from quizzer.store.db import open_database
from quizzer.store.tables import AttemptRow
from quizzer.web.site import EXTENSION, Site
from tests.web.conftest import CONTENT, Bell, Clock, Learner
from tests.web.test_visualize import write_traces

TYPED = ("31337", "27182", "secretname", "othername", "secretprinted", "81014", "1640817049")
OFFERED = ("SECRETLYNAMED", "SECRETLYCALLED", "SECRETLYKNOWN")  # the first one is right
SECRET = re.compile(r"SECRET[A-Z]+|Secret(?:Optim|Adam)|" + "|".join(TYPED))
DRAWS = ({"n": "40507", "twice": "81014", "square": "1640817049"},)

ROUNDS = ("practice", "try", "metrics", "challenge")
ASKING = ("learn", "visualize", *ROUNDS, "review", "test")
GAP = f"""
## gap: What is missing?

`kind: blank` `difficulty: 1` `tags: typing`

```python
answer = ___a___(3)
```

### Blank a

- [x] `{OFFERED[0]}`
  > SECRETRIGHT feedback of the right name.
- [ ] `{OFFERED[1]}`
  > SECRETWRONG feedback of a wrong name.
- [ ] `{OFFERED[2]}`
  > SECRETOTHER feedback of another wrong name.
"""
CARD = """
## card: What is on the back?

`kind: recall` `difficulty: 1` `tags: recalling`

Say it.

### Answer

SECRETBACK of the card.
"""
_FRONT = """\
---
bank: {name}
title: Questions of all kinds
format: 1
lesson: canary
modes: {modes}
misconceptions:
  belief: SECRETBELIEF behind the wrong choice
  step-first: SECRETBELIEF that the step comes first
---

# Questions of all kinds

"""


def write_all_ways(folder: Path) -> None:
    """Write the content once more, so that every mode asks every kind that it serves."""
    shutil.copytree(CONTENT / "questions", folder)
    own = (folder / "canary" / "items.md").read_text()
    kinds = (CONTENT.parent / "kinds" / "questions" / "kinds" / "kinds.md").read_text()
    items = [*_list_items(kinds), *_list_items(own)[:5], *_list_items(GAP)]
    in_tests = [one for one in items if not re.search("kind: (?:code|recall)", one)]
    elsewhere = ", ".join(("visualize", *ROUNDS, "review"))
    for name, served, bank in (("items", "test", in_tests), ("ways", elsewhere, items)):
        front = _FRONT.format(name=f"canary-{name}", modes=served)
        (folder / "canary" / f"{name}.md").write_text(front + "\n".join(bank))
    write_traces(folder / "canary")


def _list_items(text: str) -> list[str]:
    """Return the items of a bank as their lines; the bank says in which modes they are asked."""
    text = re.sub(r" `modes: [^`]*`", "", text)
    return [f"## {item}" for item in re.split(r"^## ", text, flags=re.MULTILINE)[1:]]


def ask_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every round ask all that its mode serves."""
    for mode in modes.MODES:
        rounds = replace(mode, size=None, strata=((1, 5, 99),) if mode.strata else ())
        if mode.selection is not Selection.CLOSING:
            monkeypatch.setitem(modes._BY_NAME, mode.name, rounds)


@contextmanager
def open_site(settings: Settings, clock: Clock, bell: Bell) -> Iterator[Site]:
    """Open a site on these settings, whose proofs have found the values of variables."""
    library = LibraryShelf(settings.questions, gate=_tell)
    site = Site(
        database=open_database(settings),
        library=library,
        exercises=ExerciseShelf(settings.exercises, banks=lambda: library.current().banks),
        bell=bell,
        now=clock,
    )
    app = create_app(settings, site=site)
    app.testing = True
    yield app
    site.database.close()


def _tell(revisions) -> Mapping[str, Proof]:
    found = {"drawn": Found(draws=DRAWS)}
    return {one: Proof(state=ProofState.PASSED, found=found) for one in revisions}


# ── What a learner does ──────────────────────────────────────────────────────────────────────────


def enter(learner: Learner, mode: str) -> str:
    """Begin a mode as a page would; return the address of the attempt."""
    if mode == "review":
        learner.open("/review")
        learner.send("/review/rounds")
    elif mode == "visualize":
        learner.open("/lessons/canary/visualize")
        learner.send("/lessons/canary/visualize/questions")
    elif mode == "learn":
        learner.open("/lessons/canary/learn/step-2")
        learner.send("/lessons/canary/learn/attempts")
    else:
        learner.open("/lessons/canary")
        learner.send(f"/lessons/canary/{mode}/attempts")
    return learner.path


def begin(learner: Learner, mode: str) -> int:
    """Begin a mode from the lesson's page; return the attempt's id."""
    return int(re.search(r"/attempts/(\d+)", enter(learner, mode))[1])


def list_options(page: str) -> dict[str, str]:
    """Return the names of the options on a page by their texts."""
    labels = re.findall(r'<label class="option[^>]*>(.*?)</label>', page, re.DOTALL)
    named = [(re.search(r'value="([^"]*)"', label)[1], label) for label in labels]
    said = r'<span class="(?:mark|said)[^>]*>.*?</span>|<kbd.*?</kbd>|<[^>]+>'
    return {" ".join(unescape(re.sub(said, "", one)).split()): name for name, one in named}


def list_lines(page: str) -> list[str]:
    """Return the names of the lines on a page that belong, in the order in which they stand."""
    rows = re.findall(r'<li class="line[^>]*data-name="(\d+)">(.*?)</li>', page, re.DOTALL)
    return [name for name, row in rows if not re.search(r"Reset the|return", row)]


def wrong_answer(page: str) -> dict[str, object]:
    """Return fields that answer the question on a page, not rightly."""
    blanks = re.findall(r'name="(blank\.\w+)"', page)
    if blanks:
        return dict.fromkeys(blanks, "not_this")
    if 'name="text"' in page:
        return {"text": "12"}
    if "data-lines" in page:
        return {f"place.{list_lines(page)[0]}": "1"}
    options = list_options(page)
    return {"choice": options.get("The third") or next(iter(options.values()), "")}


def right_answer(page: str) -> dict[str, object]:
    """Return fields that answer the question on a page of the test's own content."""
    if 'name="blank.a"' in page:
        return {"blank.a": "secretname"}
    options = list_options(page)
    if 'type="checkbox"' in page:
        return {"choice": [options["The first"], options["The second"]]}
    if "What does it print" in page:
        return {"text": "SECRETPRINTED"}
    return {"text": "31337"} if 'name="text"' in page else {"choice": options["The second"]}


# ── What can be seen ─────────────────────────────────────────────────────────────────────────────


def secrets_of(learner: Learner) -> set[str]:
    """Return the secret words in what came last: its body, its headers and those of redirects."""
    responses = [learner.seen[-1], *learner.seen[-1].history]
    texts = [learner.page, *(str(response.headers) for response in responses)]
    return {word for text in texts for word in SECRET.findall(text)}


def read_cookie(app, learner: Learner) -> str:
    """Return what the signed cookie holds: whoever has it can read it."""
    cookie = learner.client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    serializer = app.session_interface.get_signing_serializer(app)
    return str(serializer.loads(cookie.value))


def list_attempts(site: Site) -> dict[str, str]:
    """Return the modes of all attempts by their addresses."""
    with site.database.snapshot() as session:
        found = session.execute(select(AttemptRow.id, AttemptRow.mode)).all()
    return {f"/attempts/{attempt_id}": mode for attempt_id, mode in found}


@contextmanager
def listen(site: Site) -> Iterator[list[str]]:
    """Collect the statements that the database is given."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    event.listen(site.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(site.database.engine, "before_cursor_execute", note)


def get_site_of(app) -> Site:
    """Return the site behind an application."""
    return app.extensions[EXTENSION]
