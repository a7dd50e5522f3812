# caught by: same_batches, real_training; misconception: seeded-once
import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    models = []
    for _ in lambdas:
        torch.manual_seed(seed)
        models.append(make_model())
    losses = {}
    for strength, model in zip(lambdas, models):
        train(model, loaders["train"], strength)
        loss = evaluate(model, loaders["validation"])
        if math.isfinite(loss):
            losses[strength] = loss
    return min(losses, key=losses.get)
