# caught by: validation, falling_grid, two_valleys, close, no_penalty_added, zero, diverged, fresh_models, every_lambda, locked, real_training
import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    losses = {}
    for strength in lambdas:
        torch.manual_seed(seed)
        model = make_model()
        train(model, loaders["train"], 2 * strength)
        loss = evaluate(model, loaders["validation"])
        if math.isfinite(loss):
            losses[strength] = loss
    return min(losses, key=losses.get)
