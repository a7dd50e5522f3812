# caught by: validation, falling_grid, two_valleys, close, no_penalty_added, zero, diverged, same_batches, locked, real_training
import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    losses = {}
    for strength in lambdas:
        torch.manual_seed(seed)
        model = make_model()
        loss = evaluate(model, loaders["validation"])
        train(model, loaders["train"], strength)
        if math.isfinite(loss):
            losses[strength] = loss
    return min(losses, key=losses.get)
