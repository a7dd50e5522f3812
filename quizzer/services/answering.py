"""Answering questions: start an attempt, send responses, ask for hints, give up, finish.

What one learner sends is taken one after the other, under a lock. It is stored before anything
about its worth is returned; the same try sent again changes nothing. Every function writes: call
them inside `Database.transaction()`. `looking` is for those who send nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quizzer.domain.attempts import (
    Attempt,
    AttemptResult,
    Chosen,
    Graded,
    Response,
    ShownAttempt,
    ShownQuestion,
)
from quizzer.domain.items import Item, Kind
from quizzer.domain.mastery import fade, index_beliefs
from quizzer.domain.modes import SILENT_MODES, Mode, Selection, find_mode
from quizzer.domain.naming import find_keys
from quizzer.domain.questions import Question
from quizzer.domain.scoring import score_response, score_try
from quizzer.domain.selection import Learner, can_ask, list_lesson_keys, select_items
from quizzer.domain.showing import STANDS
from quizzer.domain.wellformed import require_well_formed
from quizzer.errors import ConflictError, InvalidResponseError, NotFoundError
from quizzer.services import sitting as sittings
from quizzer.services.evidence import learn_from_answer
from quizzer.services.giving_up import open_solution
from quizzer.services.remembering import remember_giving_up
from quizzer.services.sitting import MARKED_MODES, Library, Sitting
from quizzer.services.withholding import leave_out, refuse
from quizzer.store import attempts, skills, users

LARGEST_SEED = 2**63 - 1
SUREST = 100  # percent


def start_attempt(
    session: Session,
    library: Library,
    *,
    user_id: int,
    mode: str,
    lesson: str,
    seed: int,
    now: datetime,
) -> ShownAttempt:
    """Start an attempt, or go on with the open one of that mode and lesson.

    A practice whose questions are all done is closed first; an open walk through a lesson gets the
    questions that the lesson has gained.

    Raises:
        NotFoundError: for an unknown mode or lesson, or one without questions.
    """
    wanted = _get_mode(mode)
    if lesson not in library.lessons:
        raise NotFoundError("There is no such lesson.")
    users.lock_user(session, user_id=user_id)  # a double click finds what the first one made
    found = sittings.find_sitting(
        session, library, user_id=user_id, mode=mode, lesson=lesson, now=now
    )
    if found is not None and found.is_open:
        if not _is_played_out(found):
            return sittings.show(_top_up(session, library, found, now), library, now)
        sittings.close(session, found, at=now)
    attempt = _record_attempt(session, library, user_id, wanted, lesson, seed, now)
    sitting = sittings.load_sitting(
        session, library, attempt_id=attempt.id, user_id=user_id, now=now
    )
    return sittings.show(sitting, library, now)


def answer(
    session: Session,
    library: Library,
    *,
    attempt_id: int,
    user_id: int,
    position: int,
    try_no: int,
    chosen: Chosen,
    confidence: int | None,
    now: datetime,
) -> ShownQuestion:
    """Store one try at one question and return the question as it may be shown then.

    What comes after the question's own clock has run out is stored as missed. The same try sent
    again returns what is stored; where it was another answer, with a notice. A question that was
    changed, withdrawn, or is in a running test now stores nothing and says so in its notice.

    Raises:
        NotFoundError: for somebody else's attempt, or no such question.
        InvalidResponseError: for what cannot be a response to it.
        ConflictError: if the attempt is closed, or the question is done.
    """
    sitting = sittings.load_sitting(
        session, library, attempt_id=attempt_id, user_id=user_id, now=now
    )
    question = sitting.get_question(position)
    if 1 <= try_no <= len(question.responses):
        shown = sittings.show_at(sitting, library, position)
        is_same = _means_the_same(question, question.responses[try_no - 1].chosen, chosen)
        return shown if is_same else replace(shown, notice=STANDS)
    sitting.require_open()
    if refused := refuse(sitting, library, position):
        return refused
    item = question.item
    if item is None or not question.is_current:
        return sittings.show_at(sitting, library, position)
    _require_turn(question, try_no)
    _require_confidence(confidence)
    response = _make_response(sitting, question, item, chosen, confidence, now)
    attempts.record_response(session, attempt_id=attempt_id, response=response)
    # What came too late says that it was slow, not that it is not known.
    if try_no == 1 and question.shows_verdict and not question.is_time_up:
        learn_from_answer(session, sitting, question, response)
        sittings.remember(session, sitting, question, response)
    answered = replace(question, responses=(*question.responses, response))
    return sittings.show_at(sitting.put(answered), library, position)


def use_hint(
    session: Session,
    library: Library,
    *,
    attempt_id: int,
    user_id: int,
    position: int,
    hint_no: int,
    now: datetime,
) -> ShownQuestion:
    """Open the hints of a question up to a number, from 1; opened ones stay open and cost once.

    Raises:
        NotFoundError: for somebody else's attempt, no such question or no such hint.
        ConflictError: if the attempt is closed.
    """
    sitting = sittings.load_sitting(
        session, library, attempt_id=attempt_id, user_id=user_id, now=now
    )
    question = sitting.get_question(position)
    drawn = question.presentation
    if 1 <= hint_no <= drawn.hint_count or (question.item and not question.is_current):
        return sittings.show_at(sitting, library, position)
    sitting.require_open()
    if refused := refuse(sitting, library, position):
        return refused
    _require_hint(question, hint_no)
    hinted = replace(question, presentation=replace(drawn, hint_count=hint_no))
    attempts.set_presentation(session, attempt_id=attempt_id, presentation=hinted.presentation)
    return sittings.show_at(sitting.put(hinted), library, position)


def reveal(
    session: Session,
    library: Library,
    *,
    attempt_id: int,
    user_id: int,
    position: int,
    confidence: int | None = None,
    now: datetime,
) -> ShownQuestion:
    """Give up a question: its worked answer is shown, and no further try is taken.

    A card is turned instead: that is how it is meant to be, and its answer comes after it. How sure
    the learner was before is kept until then.

    Raises:
        NotFoundError: for somebody else's attempt, or no such question.
        ConflictError: if the attempt is closed, or its mode keeps the answers to the end.
    """
    sitting = sittings.load_sitting(
        session, library, attempt_id=attempt_id, user_id=user_id, now=now
    )
    question = sitting.get_question(position)
    if question.presentation.is_revealed or question.is_settled:
        return sittings.show_at(sitting, library, position)
    sitting.require_open()
    if refused := refuse(sitting, library, position):
        return refused
    if not (sitting.mode.can_reveal or question.is_card):
        raise ConflictError("This mode shows no answer before yours. Nothing was changed.")
    _require_confidence(confidence)
    drawn = replace(question.presentation, is_revealed=True, confidence=confidence)
    given_up = replace(question, presentation=drawn)
    attempts.set_presentation(session, attempt_id=attempt_id, presentation=given_up.presentation)
    if not question.responses and not question.is_card:
        sittings.learn(session, sitting, question, score=0.0, at=now)
        remember_giving_up(session, user_id=user_id, mode=sitting.mode, item=given_up.item, at=now)
    if question.exercise:
        open_solution(session, user_id=user_id, exercise_key=question.exercise, now=now)
    return sittings.show_at(sitting.put(given_up), library, position)


def finish(
    session: Session, library: Library, *, attempt_id: int, user_id: int, now: datetime
) -> AttemptResult:
    """Close an attempt and return its result; one that is closed stays as it is.

    Raises:
        NotFoundError: if there is none, or it is somebody else's.
    """
    sitting = sittings.load_sitting(
        session, library, attempt_id=attempt_id, user_id=user_id, now=now
    )
    if sitting.is_open:
        sitting = sittings.close(session, sitting, at=now)
    return sittings.show_result(sitting, library, now)


def _get_mode(name: str) -> Mode:
    mode = find_mode(name)
    # What is due comes from all lessons at once: see `reviewing`.
    if mode is None or mode.selection in (Selection.NONE, Selection.DUE):
        raise NotFoundError("There is no such mode with questions.")
    return mode


def _is_played_out(sitting: Sitting) -> bool:
    return sitting.mode.is_round and all(question.is_settled for question in sitting.questions)


def _record_attempt(
    session: Session,
    library: Library,
    user_id: int,
    mode: Mode,
    lesson: str,
    seed: int,
    now: datetime,
) -> Attempt:
    served = _list_items(library, mode, lesson)
    if mode.is_round:  # on the walk through a lesson, the place waits with its question
        served = leave_out(session, served, user_id=user_id, now=now)
    learner = _load_learner(session, user_id, mode, served, now)
    items = select_items(mode, served, learner, seed=seed)
    if not items:
        raise NotFoundError("This lesson has no questions for this mode yet.")
    attempt = attempts.record_attempt(
        session,
        user_id=user_id,
        mode=mode,
        lesson=lesson,
        seed=seed,
        now=now,
        ends_at=now + timedelta(seconds=mode.duration_s) if mode.duration_s else None,
    )
    sittings.record_drawn(session, attempt, items, first_position=1, now=now)
    return attempt


def _list_items(library: Library, mode: Mode, lesson: str) -> tuple[Item, ...]:
    if mode.selection is Selection.LESSON_ORDER:
        keys = list_lesson_keys(library.lessons[lesson])
        items = tuple(library.items[key] for key in keys if key in library.items)
    else:
        items = library.list_items(lesson, mode.name)
    return tuple(item for item in items if can_ask(mode, item))


def _load_learner(
    session: Session, user_id: int, mode: Mode, items: tuple[Item, ...], now: datetime
) -> Learner:
    tries = skills.list_history(
        session,
        user_id=user_id,
        item_keys=[item.key for item in items],
        modes={*MARKED_MODES, mode.name},
        silent_modes=SILENT_MODES,
    )
    return Learner(
        history={seen.item_key: seen for seen in tries},  # the latest one of an item stays
        beliefs=index_beliefs(
            fade(belief, now) for belief in skills.list_beliefs(session, user_id=user_id)
        ),
    )


def _top_up(session: Session, library: Library, sitting: Sitting, now: datetime) -> Sitting:
    """Add the questions that a lesson has gained since the walk through it began."""
    if sitting.mode.selection is not Selection.LESSON_ORDER:
        return sitting
    attempt = sitting.attempt
    drawn = {question.presentation.item_key for question in sitting.questions}
    served = _list_items(library, sitting.mode, attempt.lesson)
    gained = [item for item in served if item.key not in drawn]
    if not gained:
        return sitting
    first = max((question.presentation.position for question in sitting.questions), default=0) + 1
    sittings.record_drawn(session, attempt, gained, first_position=first, now=now)
    return sittings.load_sitting(
        session, library, attempt_id=attempt.id, user_id=attempt.user_id, now=now
    )


def _means_the_same(question: Question, stored: Chosen, chosen: Chosen) -> bool:
    """Return whether an answer sent again is the stored one; unknowable of a changed question."""
    item = question.item
    if item is None or not question.is_current or item.kind is Kind.CODE:
        return True
    return _read(question, item, chosen) == stored


def _read(question: Question, item: Item, chosen: Chosen) -> Chosen:
    """Return what a page sent as it is stored.

    Raises:
        InvalidResponseError: if it can be no response.
    """
    keys = find_keys(item, question.presentation.option_order, chosen.keys)
    chosen = replace(chosen, keys=keys)
    if item.kind is Kind.CODE:
        chosen = Chosen(text=str(_require_graded(question).submission_id))
    return require_well_formed(item, chosen)


def _score(question: Question, item: Item, chosen: Chosen) -> float:
    if question.is_time_up:
        return 0.0
    if item.kind is Kind.CODE:
        return _require_graded(question).score
    return score_response(item, chosen).score


def _require_graded(question: Question) -> Graded:
    if question.best is None:
        raise InvalidResponseError(
            "Nothing of yours has been graded for it yet. Open the editor, and hand your code in."
        )
    return question.best


def _require_turn(question: Question, try_no: int) -> None:
    if question.is_used_up:
        raise ConflictError("This question is done; nothing more was stored.")
    if try_no != len(question.responses) + 1:
        raise InvalidResponseError("The number of this try is not the next one. Load it again.")
    if question.is_card and not question.is_turned:
        raise ConflictError("Turn the card first; how well you knew it is said after that.")


def _require_confidence(confidence: int | None) -> None:
    if confidence is not None and not 0 <= confidence <= SUREST:
        raise InvalidResponseError("How sure you are is a number of percent from 0 to 100.")


def _require_hint(question: Question, hint_no: int) -> None:
    total = len(question.item.hints) if question.item and question.mode.offers_hints else 0
    if not 1 <= hint_no <= total:
        raise NotFoundError("This question has no such hint here.")
    if question.is_settled:
        raise ConflictError("This question is done; its solution says more than a hint.")


def _make_response(
    sitting: Sitting,
    question: Question,
    item: Item,
    chosen: Chosen,
    confidence: int | None,
    now: datetime,
) -> Response:
    chosen = _read(question, item, chosen)
    score = _score(question, item, chosen)
    try_no = len(question.responses) + 1
    drawn = question.presentation
    return Response(
        position=drawn.position,
        try_no=try_no,
        chosen=chosen,
        score=score,
        earned=score_try(
            sitting.mode,
            score=score,
            try_no=try_no,
            hint_count=drawn.hint_count,
            before=question.earned,
        ),
        hint_count=drawn.hint_count,
        at=now,
        confidence=drawn.confidence if question.is_card else confidence,
        elapsed_ms=_measure_elapsed_ms(sitting, now),
    )


def _measure_elapsed_ms(sitting: Sitting, now: datetime) -> int:
    """Return the time since the attempt's response before this one, or since its start."""
    moments = [response.at for question in sitting.questions for response in question.responses]
    latest = max(moments, default=sitting.attempt.started_at)
    return max(0, min(int((now - latest).total_seconds() * 1000), 2**31 - 1))
