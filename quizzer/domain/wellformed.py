"""Whether what a form sent can be a response to its item at all. Wrong answers are well-formed."""

from __future__ import annotations

from types import MappingProxyType

from quizzer.domain.attempts import RECALL_KEYS, Chosen
from quizzer.domain.items import Item, Kind
from quizzer.domain.ranges import parse_number
from quizzer.errors import InvalidResponseError

LARGEST_NUMBER_CHARACTERS = 64
LARGEST_OUTPUT_CHARACTERS = 4000
LARGEST_BLANK_CHARACTERS = 200
LARGEST_SUBMISSION_DIGITS = 18  # of its id in the database
_LIMITS = MappingProxyType(
    {
        Kind.NUMERIC: LARGEST_NUMBER_CHARACTERS,
        Kind.OUTPUT: LARGEST_OUTPUT_CHARACTERS,
        Kind.SHORT: LARGEST_BLANK_CHARACTERS,
    }
)
_BACK = "Please go back to the question and answer it there."


def require_well_formed(item: Item, chosen: Chosen) -> Chosen:
    """Return the response in its stored form: option keys sorted but in sequences, line ends alike.

    Raises:
        InvalidResponseError: for an unknown or repeated option, a missing or foreign field, text
            that is empty, too long or no text, or a typed number that is none.
    """
    if item.kind.is_choice:
        return _require_choice(item, chosen)
    if item.kind.is_sequence:
        return _require_sequence(item, chosen)
    if item.kind is Kind.BLANK:
        return _require_blanks(item, chosen)
    if item.kind is Kind.RECALL:
        return _require_recalled(chosen)
    if item.kind is Kind.CODE:
        return _require_submission(chosen)
    return _require_text(item, chosen)


def _require_choice(item: Item, chosen: Chosen) -> Chosen:
    _require_known_keys(item, chosen)
    if item.kind is not Kind.MULTI:
        _refuse_if(len(chosen.keys) != 1, "Please choose one option.")
    return Chosen(keys=tuple(sorted(chosen.keys)))


def _require_known_keys(item: Item, chosen: Chosen) -> None:
    _refuse_if(bool(chosen.text or chosen.blanks), f"This question takes options. {_BACK}")
    known = {option.key for option in item.options}
    _refuse_if(not known.issuperset(chosen.keys), f"This question has no such option. {_BACK}")
    _refuse_if(len(set(chosen.keys)) != len(chosen.keys), f"An option came twice. {_BACK}")


def _require_sequence(item: Item, chosen: Chosen) -> Chosen:
    _require_known_keys(item, chosen)
    _refuse_if(not chosen.keys, "Please put the lines in order first.")
    return Chosen(keys=chosen.keys)


def _require_recalled(chosen: Chosen) -> Chosen:
    is_plain = not (chosen.text or chosen.blanks) and len(chosen.keys) == 1
    _refuse_if(
        not is_plain or chosen.keys[0] not in RECALL_KEYS,
        f"Please say how well you recalled it: {', '.join(RECALL_KEYS[:-1])} or {RECALL_KEYS[-1]}.",
    )
    return Chosen(keys=chosen.keys)


def _require_submission(chosen: Chosen) -> Chosen:
    is_number = chosen.text.isascii() and chosen.text.isdigit()
    is_one = is_number and 0 < len(chosen.text) <= LARGEST_SUBMISSION_DIGITS
    _refuse_if(
        bool(chosen.keys or chosen.blanks) or not is_one,
        f"This question takes the result of a submission. {_BACK}",
    )
    return Chosen(text=str(int(chosen.text)))


def _require_text(item: Item, chosen: Chosen) -> Chosen:
    _refuse_if(bool(chosen.keys or chosen.blanks), f"This question takes typed text. {_BACK}")
    text = _require_plain(chosen.text, _LIMITS[item.kind])
    _refuse_if(not text.strip(), "Please type your answer first.")
    if item.kind is Kind.NUMERIC:
        _require_number(text)
    return Chosen(text=text)


def _require_blanks(item: Item, chosen: Chosen) -> Chosen:
    _refuse_if(bool(chosen.keys or chosen.text), f"This question takes blanks. {_BACK}")
    wanted = [blank.name for blank in item.blanks]
    sent = [name for name, _ in chosen.blanks]
    _refuse_if(sorted(sent) != sorted(wanted), f"The blanks do not fit the question. {_BACK}")
    values = {
        name: _require_plain(value, LARGEST_BLANK_CHARACTERS) for name, value in chosen.blanks
    }
    _refuse_if(not any(value.strip() for value in values.values()), "Please fill in a blank first.")
    return Chosen(blanks=tuple((name, values[name]) for name in wanted))


def _require_plain(text: str, limit: int) -> str:
    """Return text with plain line ends, if it is short and every database can keep it."""
    _refuse_if(len(text) > limit, f"That is too long: at most {limit} characters.")
    _refuse_if(not is_storable(text), "That is no text that can be stored.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_storable(text: str) -> bool:
    """Return whether every database can keep a text: one with NUL or half a character it cannot."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _require_number(text: str) -> None:
    try:
        parse_number(text)
    except ValueError:
        raise InvalidResponseError(
            "Please type one decimal number with a point, such as 0.25 or 1e-3."
        ) from None


def _refuse_if(broken: bool, message: str) -> None:  # noqa: FBT001 - reads as a sentence
    if broken:
        raise InvalidResponseError(message)
