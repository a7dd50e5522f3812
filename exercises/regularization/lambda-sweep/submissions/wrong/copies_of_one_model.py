# caught by: fresh_models, same_batches, real_training; misconception: one-model
import copy
import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    losses = {}
    torch.manual_seed(seed)
    first = make_model()
    for strength in lambdas:
        torch.manual_seed(seed)
        model = copy.deepcopy(first)
        train(model, loaders["train"], strength)
        loss = evaluate(model, loaders["validation"])
        if math.isfinite(loss):
            losses[strength] = loss
    return min(losses, key=losses.get)
