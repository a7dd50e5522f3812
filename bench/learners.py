"""A learner with weeks of history, made by the services that pages call, and pages to open as them.

What they answer is drawn from a seed: two runs make the same history.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask

from quizzer.banks.library import Library
from quizzer.domain.attempts import Chosen, ShownAttempt, ShownQuestion
from quizzer.domain.items import Item, Kind
from quizzer.domain.naming import name_options
from quizzer.errors import NotFoundError
from quizzer.services import accounts, answering, reviewing, submitting
from quizzer.services.accounts import User
from quizzer.services.submitting import SubmissionState
from quizzer.web import sessions
from quizzer.web.places import name_parts
from quizzer.web.site import EXTENSION, Site

LESSON = "regularization"
EXERCISE = f"{LESSON}/sum-of-params"
MODES = ("learn", "visualize", "practice", "try", "metrics", "challenge", "test")
KNOWN = 0.7  # of the answers are right
STEP = timedelta(seconds=20)  # between two of them
LEFT_AT = 4  # questions answered in what is left open at the end
SUBMISSIONS = 12


@dataclass
class Learner:
    """Somebody who answers; the clock goes on with each answer.

    Attributes:
        rng: what they know, and what they guess.
        now: their clock.
        answers: how many they have sent.
    """

    site: Site
    user: User
    rng: random.Random
    now: datetime
    answers: int = 0
    left_open: dict[str, int] = field(default_factory=dict)

    def take(self, lesson: str, mode: str, *, most: int | None = None) -> ShownAttempt | None:
        """Begin an attempt and answer in it; with `most` leave it open after so many.

        Returns the attempt as it was begun; None where the lesson has nothing to ask in that mode.
        """
        shown = self._start(lesson, mode)
        if shown is None:
            return None
        for question in shown.questions[:most]:
            if not question.is_done:
                self._answer(shown, question)
        if most is not None:
            self.left_open[mode] = shown.attempt.id
        elif mode != "learn":  # a walk through a lesson has no end
            self._finish(shown)
        return shown

    def hand_in(self, key: str, source: bytes) -> None:
        """Submit code to an exercise; whoever grades is told by the site's bell."""
        self.now += STEP
        submitting.hand_in(
            self.site.database,
            self.site.exercises.current(),
            self.site.bell,
            user_id=self.user.id,
            exercise_key=key,
            source=source,
            idempotency_key=secrets.token_urlsafe(16),
            now=self.now,
        )

    def count_graded(self) -> int:
        """Return how many of the submissions to the exercise are settled."""
        with self.site.database.snapshot() as session:
            past = submitting.list_submissions(
                session,
                self.site.exercises.current(),
                user_id=self.user.id,
                exercise_key=EXERCISE,
            )
        return sum(1 for one in past if one.state is SubmissionState.GRADED)

    def _start(self, lesson: str, mode: str) -> ShownAttempt | None:
        library, seed = self.site.library.current(), self.rng.randrange(answering.LARGEST_SEED)
        with self.site.database.transaction() as session:
            if mode == reviewing.MODE:
                return reviewing.start_round(
                    session, library, user_id=self.user.id, seed=seed, now=self.now
                )
            try:
                return answering.start_attempt(
                    session,
                    library,
                    user_id=self.user.id,
                    mode=mode,
                    lesson=lesson,
                    seed=seed,
                    now=self.now,
                )
            except NotFoundError:
                return None

    def _answer(self, shown: ShownAttempt, question: ShownQuestion) -> None:
        library = self.site.library.current()
        chosen = _choose(library, question, is_right=self.rng.random() < KNOWN)
        place = {"attempt_id": shown.attempt.id, "position": question.position}
        who = {"user_id": self.user.id}
        policy = shown.attempt.policy
        can_reveal = policy is not None and policy.can_reveal
        self.now += STEP
        with self.site.database.transaction() as session:
            if question.item.kind is Kind.RECALL or (chosen is None and can_reveal):
                answering.reveal(session, library, **place, **who, now=self.now)
            if chosen is not None:
                answering.answer(
                    session,
                    library,
                    **place,
                    **who,
                    try_no=1,
                    chosen=chosen,
                    confidence=self.rng.choice((35, 70, 95)),
                    now=self.now,
                )
                self.answers += 1

    def _finish(self, shown: ShownAttempt) -> None:
        self.now += STEP
        library = self.site.library.current()
        with self.site.database.transaction() as session:
            answering.finish(
                session, library, attempt_id=shown.attempt.id, user_id=self.user.id, now=self.now
            )


def _choose(library: Library, question: ShownQuestion, *, is_right: bool) -> Chosen | None:
    """Return a response; None to give up what takes more than a choice or a word."""
    item = library.items[question.item.key]
    if item.kind.is_choice:
        names = name_options(item)
        right = tuple(names[option.key] for option in item.options if option.correct)
        wrong = tuple(names[option.key] for option in item.options if not option.correct)
        return Chosen(keys=right if is_right else wrong[:1])
    if item.kind is Kind.RECALL:
        return Chosen(keys=("knew" if is_right else "forgot",))
    return _type(item) if is_right else None


def _type(item: Item) -> Chosen | None:
    if item.kind is Kind.BLANK:
        return Chosen(
            blanks=tuple(
                (blank.name, next(one.value for one in blank.options if one.correct))
                for blank in item.blanks
            )
        )
    if item.kind is Kind.SHORT:
        return Chosen(text=next(one.value for one in item.options if one.correct))
    return Chosen(text=item.output or "") if item.kind is Kind.OUTPUT else None


def make_learner(site: Site, *, days: int, seed: int = 1) -> Learner:
    """Make a learner who came every day for so many days, and left something open in each mode."""
    began_at = site.now() - timedelta(days=days)
    with site.database.transaction() as session:
        user = accounts.make_guest(session, name="Ada", now=began_at)
    learner = Learner(site=site, user=user, rng=random.Random(seed), now=began_at)  # noqa: S311 - a history, no secret
    for day in range(days):
        learner.now = began_at + timedelta(days=day)
        for lesson, mode in _list_work(site.library.current(), day):
            learner.take(lesson, mode)
    # Left open an hour ago, but for the test: its time must not be up while it is measured.
    learner.now = site.now() - timedelta(hours=1)
    for mode in ("practice", "try", "metrics", reviewing.MODE, "visualize"):
        learner.take(LESSON, mode, most=1 if mode == "visualize" else LEFT_AT)
    learner.now = site.now() - timedelta(minutes=2)
    learner.take(LESSON, "test", most=LEFT_AT)
    return learner


def _list_work(library: Library, day: int) -> Iterator[tuple[str, str]]:
    """Yield lesson and mode of what is done on a day: all at first, then a round and a test."""
    yield "", reviewing.MODE
    for number, lesson in enumerate(library.lessons):
        modes = MODES if day == 0 else ("practice", "test" if (day + number) % 5 == 0 else "try")
        yield from ((lesson, mode) for mode in modes)


def make_cookie(app: Flask, user: User) -> str:
    """Return the `Cookie` header of a browser that is logged in as this user."""
    client = app.test_client()
    with app.test_request_context(), client.session_transaction() as session:
        session.update(sessions.describe(user))
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    if cookie is None:
        raise RuntimeError("the application has set no cookie")
    return f"{name}={cookie.value}"


def list_pages(learner: Learner) -> dict[str, str]:
    """Return the path of each important page, by its name."""
    left, lesson = learner.left_open, learner.site.library.current().lessons[LESSON]
    step = next(name for name, part in name_parts(lesson).items() if part.predict)
    return {
        "home": "/",
        "lesson": f"/lessons/{LESSON}",
        "why": f"/lessons/{LESSON}/why",
        "learn": f"/lessons/{LESSON}/learn/{step}",
        "visualize": f"/lessons/{LESSON}/visualize",
        "practice round": f"/attempts/{left['practice']}",
        "test": f"/attempts/{left['test']}",
        "review": "/review",
        "round of review": f"/attempts/{left[reviewing.MODE]}",
        "exercise": f"/exercises/{EXERCISE}",
        "project": f"/lessons/{LESSON}/project",
        "progress": "/progress",
    }


def get_site(app: Flask) -> Site:
    """Return what an application is made of."""
    site: Site = app.extensions[EXTENSION]
    return site
