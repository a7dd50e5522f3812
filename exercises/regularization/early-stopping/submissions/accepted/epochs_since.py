import torch


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.epoch = self.best_epoch = 0
        self.best_loss = float("inf")
        self.kept = {}

    def step(self, loss, model):
        self.epoch += 1
        if self.best_loss - loss > self.min_delta:
            self.best_loss, self.best_epoch = loss, self.epoch
            self.kept = {name: t.detach().clone() for name, t in model.state_dict().items()}
        return self.epoch - self.best_epoch >= self.patience

    @torch.no_grad()
    def restore(self, model):
        for name, tensor in model.state_dict().items():
            if name in self.kept:
                tensor.copy_(self.kept[name])
