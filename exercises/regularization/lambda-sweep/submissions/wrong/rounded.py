# caught by: close, no_penalty_added; misconception: too-tolerant
import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    losses = {}
    for strength in lambdas:
        torch.manual_seed(seed)
        model = make_model()
        train(model, loaders["train"], strength)
        loss = evaluate(model, loaders["validation"])
        if math.isfinite(loss):
            losses[strength] = round(loss, 3)
    return min(losses, key=losses.get)
