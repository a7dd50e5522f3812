# caught by: no_penalty_added; misconception: mixed-criteria
import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    losses = {}
    for strength in lambdas:
        torch.manual_seed(seed)
        model = make_model()
        train(model, loaders["train"], strength)
        loss = evaluate(model, loaders["validation"])
        loss += 0.5 * strength * sum(p.pow(2).sum().item() for p in model.parameters())
        if math.isfinite(loss):
            losses[strength] = loss
    return min(losses, key=losses.get)
