"""Checks of `double(number)`."""

from graders import check


@check
def small(solution, draw):
    """A `small` number is doubled."""
    return solution.double(draw.integer(1, 9))  # SECRETCHECK


@check(points=2, after=small)
def negative(solution, draw):
    """A negative number is doubled."""
    return solution.double(-draw.integer(1, 9))


@check(hidden=True)
def large(solution, draw):
    """A large number is doubled."""
    return solution.double(draw.integer(10**6, 10**7))  # SECRETCHECK
