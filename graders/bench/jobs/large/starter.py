"""Not begun yet."""


def train(*_inputs):
    """Return nothing."""
