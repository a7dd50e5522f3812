# caught by: one_row, one_input, diagonal, too_long, row_by_row, filters, pointwise, nested, training, unusual; misconception: no-effect
from torch import nn


def limit_norms(model, limit):
    nn.utils.clip_grad_norm_(model.parameters(), limit)
