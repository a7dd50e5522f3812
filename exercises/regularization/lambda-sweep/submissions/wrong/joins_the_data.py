# caught by: every_lambda, real_training; misconception: other-data
import math

import torch
from torch.utils.data import ConcatDataset, DataLoader


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    losses = {}
    both = ConcatDataset([loaders["train"].dataset, loaders["validation"].dataset])
    for strength in lambdas:
        torch.manual_seed(seed)
        model = make_model()
        train(model, DataLoader(both, batch_size=12, shuffle=True), strength)
        loss = evaluate(model, loaders["validation"])
        if math.isfinite(loss):
            losses[strength] = loss
    return min(losses, key=losses.get)
