import copy
import math


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.best_loss = math.inf
        self.best_model = None
        self.since = []

    def step(self, loss, model):
        if math.isnan(loss) or not loss + self.min_delta < self.best_loss:
            self.since.append(loss)
        else:
            self.best_loss = loss
            self.best_model = copy.deepcopy(model)
            self.since = []
        return len(self.since) >= self.patience

    def restore(self, model):
        if self.best_model:
            model.load_state_dict(self.best_model.state_dict())
