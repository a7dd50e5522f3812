"""Not begun yet."""


def attention(*_inputs):
    """Return nothing."""
