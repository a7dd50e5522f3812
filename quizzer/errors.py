"""Errors of the site's rules. One table in `quizzer.web` maps class to HTTP status.

A learner's wrong answer is never an error: it is a value.
"""

from __future__ import annotations


class QuizzerError(Exception):
    """The base of every error that this package raises on purpose.

    Its text is written for the person who sees it, with what to do next; it never holds a key.
    """


class BankError(QuizzerError):
    """A content file that cannot be used.

    Args:
        path: the file, as the author knows it.
        line: the line in it, counted from 1.
        code: a code of docs/format.md, such as `E174`.
        message: what is wrong and how to mend it.
    """

    def __init__(self, path: str, line: int, code: str, message: str) -> None:
        super().__init__(f"{path}:{line}: {code} {message}")
        self.path = path
        self.line = line
        self.code = code
        self.message = message


class NotFoundError(QuizzerError):
    """What was asked for does not exist, or is somebody else's."""


class ConflictError(QuizzerError):
    """The request contradicts what is stored: a closed attempt, a name already taken."""


class InvalidResponseError(QuizzerError):
    """The form's values do not fit the question or the field.

    Args:
        message: what to mend.
        field: name of the form's field that it is about, or empty.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class PermissionDeniedError(QuizzerError):
    """The person may not do this."""


class TooManyRequestsError(QuizzerError):
    """Too much at once.

    Args:
        message: what to do next.
        retry_after_s: whole seconds to wait.
    """

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class GradingUnavailableError(QuizzerError):
    """This machine cannot grade now; the submission is kept."""
