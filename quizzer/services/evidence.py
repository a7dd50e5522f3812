"""What a first answer says of skills, where that is not just what it earned."""

from __future__ import annotations

from sqlalchemy.orm import Session

from quizzer.domain.attempts import Response
from quizzer.domain.questions import Question
from quizzer.domain.scoring import score_try
from quizzer.services import sitting as sittings
from quizzer.services.hinting import count_open
from quizzer.services.sitting import Sitting
from quizzer.store import opened_hints, review_cards


def learn_from_answer(
    session: Session, sitting: Sitting, question: Question, response: Response
) -> None:
    """Let a first answer move what is believed of the learner's skills.

    Code is graded as often as its learner wishes before the best of it is taken over as their first
    answer. Its first grading since the question was drawn is what they could do by themselves;
    without one, the first of all. Hints of the exercise that were open then cost as the question's.
    """
    score = response.earned
    if question.exercise:
        score = _find_first_score(session, sitting, question, response)
    sittings.learn(session, sitting, question, score=score, at=response.at)


def _find_first_score(
    session: Session, sitting: Sitting, question: Question, response: Response
) -> float:
    user_id, exercise = sitting.attempt.user_id, question.exercise
    graded = review_cards.list_graded(session, user_id=user_id, exercise=exercise)
    since = [one for one in graded if one.at >= sitting.attempt.started_at]
    first, *_ = since or graded  # there is one: it was taken over
    opened = opened_hints.list_opened_hints(session, user_id=user_id, exercise=exercise)
    hint_count = response.hint_count + count_open(opened, graded, at=first.at)
    return score_try(sitting.mode, score=first.score, try_no=1, hint_count=hint_count, before=0.0)
