from torch import nn


class EarlyStopping:
    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        """Be ready to stop after `patience` epochs in a row without an improvement."""
        self.patience = patience
        self.min_delta = min_delta
        self.best_loss = 1e9
        self.best_state = None
        self.bad_epochs = 0

    def step(self, loss: float, model: nn.Module) -> bool:
        """Take note of an epoch's validation loss; return whether training should stop."""
        if loss > self.best_loss - self.min_delta:
            self.bad_epochs += 1
        else:
            self.best_loss = loss
            self.best_state = model.state_dict()
        return self.bad_epochs > self.patience

    def restore(self, model: nn.Module) -> None:
        """Give the model the weights of the best epoch."""
        model.load_state_dict(self.best_state)
