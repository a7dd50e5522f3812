# caught by: fresh_models, same_start, same_batches, real_training; misconception: one-model
import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    losses = {}
    torch.manual_seed(seed)
    model = make_model()
    for strength in lambdas:
        train(model, loaders["train"], strength)
        loss = evaluate(model, loaders["validation"])
        if math.isfinite(loss):
            losses[strength] = loss
    return min(losses, key=losses.get)
