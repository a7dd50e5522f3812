"""Passwords: which can be taken, how they are kept, and whether one is right.

Hashing takes about 30 ms of a web thread. Never do it within a transaction: everybody who writes
would wait for it.
"""

from __future__ import annotations

import functools
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from quizzer.errors import InvalidResponseError

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 200
FEWEST_BESIDE_NAME = 4  # characters that a password has besides its owner's name
FEWEST_DIFFERENT = 4

_LIST = Path(__file__).with_name("common_passwords.txt")
# Rows of keys, along which fingers run, forwards and back.
_RUNS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
_DISGUISE = str.maketrans("@4310!5$7", "aaeioisst")
_AROUND = "0123456789!?.,;:#*+-_$%&/()=@ "

# OWASP's smaller choice for argon2id.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Checked where there is no such account, so that the time taken does not tell which names exist.
_NOBODYS_HASH = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    return _HASHER.hash(password)


def is_password(password_hash: str | None, password: str) -> bool:
    """Return whether a password is the one that was hashed; takes as long for None."""
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        _HASHER.verify(password_hash or _NOBODYS_HASH, password)
    except VerifyMismatchError:
        return False
    return password_hash is not None


def is_stale(password_hash: str) -> bool:
    """Return whether a hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(password_hash)


def require_password(password: str, *, name: str, field: str = "password") -> None:
    """Raise InvalidResponseError, with the remedy, for a password that is easily guessed.

    Args:
        password: as it was typed.
        name: of the account that it is for.
        field: of the form, for the error.
    """
    complaint = _find_complaint(password, name)
    if complaint:
        raise InvalidResponseError(complaint, field=field)


def _find_complaint(password: str, name: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        return f"A password has at least {SHORTEST_PASSWORD} characters."
    if len(password) > LONGEST_PASSWORD:
        return f"A password has at most {LONGEST_PASSWORD} characters."
    if _is_near(password, name):
        return "This password is nearly your name. Please choose one that others would not try."
    if _is_common(password):
        return (
            "This password is among the first that others would try. "
            "A few words that do not belong together make a good one."
        )
    return ""


def _is_near(password: str, name: str) -> bool:
    folded, own = password.casefold(), name.casefold()
    parts = [part for part in (own, own.replace(" ", ""), own[::-1]) if part]
    return any(
        part in folded and len(folded.replace(part, "")) < FEWEST_BESIDE_NAME for part in parts
    )


def _is_common(password: str) -> bool:
    folded = password.casefold()
    if len(set(folded)) < FEWEST_DIFFERENT or _is_run(folded):
        return True
    return any(_shrink(form) in _load_list() for form in _list_forms(folded))


def _is_run(text: str) -> bool:
    return any(text in run or text in run[::-1] for run in _RUNS)


def _list_forms(folded: str) -> tuple[str, ...]:
    """Return a password as it is, without what stands around it, and with its disguise undone."""
    bare = folded.strip(_AROUND)
    plain = folded.translate(_DISGUISE)
    return folded, bare, plain, bare.translate(_DISGUISE), plain.strip(_AROUND)


def _shrink(text: str) -> str:
    """Return the part of which a text is the repetition, which may be all of it."""
    return text[: (text + text).find(text, 1)] if text else text


@functools.cache
def _load_list() -> frozenset[str]:
    """Return the common passwords, and the words that common ones are made of."""
    lines = _LIST.read_text(encoding="ascii").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
