"""One small check: three batches of 64 x 128 numbers, 96 kB observed."""

from graders import check


@check
def rows(solution, draw):
    """Each row is turned into its softmax."""
    return [solution.softmax(draw.tensor(64, 128)) for _ in range(3)]
