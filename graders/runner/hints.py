"""What an error of Python's means in this place, for those that the sandbox itself brings about."""

from __future__ import annotations

_NO_KEYBOARD = "There is no keyboard here: do not call input()."
_NO_MODULE = "What can be imported is torch, numpy and what belongs to Python itself."
_NO_RETURN = "A function without `return` returns None: is one missing?"

_HINTS = (
    ("EOFError", "EOF when reading a line", _NO_KEYBOARD),
    ("RuntimeError", "input(): lost sys.stdin", _NO_KEYBOARD),
    ("ModuleNotFoundError", "No module named ", _NO_MODULE),
)


def say_hint(error_type: str, message: str, *, is_own: bool) -> str:
    """Return a line to put below an error's message, with its line break; empty for most errors.

    Args:
        error_type: the exception's class.
        message: what it says.
        is_own: whether a line of the submission raised it, and not the check with its result.
    """
    for kind, beginning, hint in _HINTS:
        if error_type == kind and message.startswith(beginning):
            return f"\n{hint}"
    return f"\n{_NO_RETURN}" if not is_own and "'NoneType'" in message else ""
