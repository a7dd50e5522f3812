"""Text from elsewhere, made fit to be shown."""

from __future__ import annotations

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: str, *, keep: str = "") -> str:
    """Replace every character that could steer a terminal or cannot be encoded.

    Those are control and format characters (escape, backspace, reversed writing), lone surrogates
    and all space but the space itself.

    Args:
        text: any text.
        keep: characters that stay although they are such, line breaks say.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in keep else REPLACEMENT for char in text)
