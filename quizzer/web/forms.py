"""From what a form sent to the domain's values.

Only the shape is judged here. Whether an option exists or an attempt is open is for the services.
"""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.datastructures import FileStorage, MultiDict

from quizzer.domain.attempts import Chosen
from quizzer.errors import InvalidResponseError

LARGEST_REQUEST_BYTES = 2 * 1024 * 1024
LARGEST_NUMBER = 10_000
_MOST_DIGITS = len(str(LARGEST_NUMBER))
LONGEST_TEXT = 10_000
_BLANK = "blank."
_PLACE = "place."

Form = MultiDict[str, str]


def read_chosen(form: Form) -> Chosen:
    """Return the options picked or the lines in order, the text typed and the blanks filled in.

    Raises:
        InvalidResponseError: for a value longer than any answer, or two lines in one place.
    """
    blanks = tuple(
        (name.removeprefix(_BLANK), value)
        for name, value in sorted(form.items())
        if name.startswith(_BLANK)
    )
    text = form.get("text", "").replace("\r\n", "\n")
    if any(len(value) > LONGEST_TEXT for value in (text, *(value for _, value in blanks))):
        raise InvalidResponseError(f"An answer has at most {LONGEST_TEXT} characters.")
    keys = (*sorted(form.getlist("choice")), *_read_lines(form))
    return Chosen(keys=keys, text=text, blanks=blanks)


def _read_lines(form: Form) -> tuple[str, ...]:
    """Return the names of the lines that were given a place, in the order of their places."""
    places = [
        (read_number(form, field), field.removeprefix(_PLACE))
        for field, value in form.items()
        if field.startswith(_PLACE) and value
    ]
    by_place = dict(places)
    if len(by_place) < len(places):
        taken = next(place for place, name in places if by_place[place] != name)
        raise InvalidResponseError(
            f"Two lines have place {taken}. Give each line a place of its own, and send it again."
        )
    return tuple(by_place[place] for place in sorted(by_place))


def read_number(form: Mapping[str, str], name: str) -> int:
    """Return a whole number from 0 to LARGEST_NUMBER.

    Raises:
        InvalidResponseError: if the field is missing or is something else.
    """
    value = form.get(name, "")
    is_short = 0 < len(value) <= _MOST_DIGITS  # before int(), which raises for thousands of digits
    if not (is_short and value.isascii() and value.isdigit() and int(value) <= LARGEST_NUMBER):
        raise InvalidResponseError(
            f"The field {name} must be a whole number. Go back, load the page again and resend."
        )
    return int(value)


def read_confidence(form: Form) -> int | None:
    """Return how sure the learner said they are, or None if they did not say."""
    return read_number(form, "confidence") if form.get("confidence") else None


def read_source(form: Form, files: Mapping[str, FileStorage]) -> bytes:
    """Return the program: the chosen file's bytes as they are, else the editor's text.

    Browsers send line ends as CR LF; the editor's text goes on with plain LF.
    """
    upload = files.get("file")
    if upload is not None and upload.filename:
        return upload.stream.read()
    return form.get("source", "").replace("\r\n", "\n").encode()


def read_local_path(form: Mapping[str, str], name: str = "next") -> str:
    """Return the path of a page on this site to go on to; the home page for anything else."""
    path = form.get(name, "")
    is_local = path.startswith("/") and not path.startswith("//")
    return path if is_local and "\\" not in path and path.isprintable() else "/"
