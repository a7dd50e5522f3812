# caught by: two_at_once; misconception: shared
import copy
import math


BEST = {}


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.best_loss = math.inf
        BEST.clear()
        self.bad_epochs = 0

    def step(self, loss, model):
        if loss < self.best_loss - self.min_delta:
            self.best_loss = loss
            BEST["state"] = copy.deepcopy(model.state_dict())
            self.bad_epochs = 0
        else:
            self.bad_epochs += 1
        return self.bad_epochs >= self.patience

    def restore(self, model):
        if "state" in BEST:
            model.load_state_dict(BEST["state"])
