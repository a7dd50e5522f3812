"""Early stopping: end a training that no longer improves, and go back to its best epoch."""

import copy
import math

from torch import nn


class EarlyStopping:
    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        self.patience = patience
        self.min_delta = min_delta
        self.best_loss = math.inf
        self.best_state: dict | None = None
        self.bad_epochs = 0  # in a row

    def step(self, loss: float, model: nn.Module) -> bool:
        # Every comparison with NaN is false, so that NaN is never an improvement.
        if loss < self.best_loss - self.min_delta:
            self.best_loss = loss
            # state_dict() hands out the living tensors, which training goes on to change.
            self.best_state = copy.deepcopy(model.state_dict())
            self.bad_epochs = 0
        else:
            self.bad_epochs += 1
        return self.bad_epochs >= self.patience

    def restore(self, model: nn.Module) -> None:
        if self.best_state is not None:
            model.load_state_dict(self.best_state)
