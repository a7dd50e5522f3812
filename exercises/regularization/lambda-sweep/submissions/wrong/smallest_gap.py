# caught by: validation, falling_grid, zero, diverged, locked; misconception: mixed-criteria
import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    losses = {}
    for strength in lambdas:
        torch.manual_seed(seed)
        model = make_model()
        train(model, loaders["train"], strength)
        loss = abs(evaluate(model, loaders["validation"]) - evaluate(model, loaders["train"]))
        if math.isfinite(loss):
            losses[strength] = loss
    return min(losses, key=losses.get)
