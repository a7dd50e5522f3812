# caught by: zero; misconception: zero-is-false
import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    best, best_loss = None, math.inf
    for strength in lambdas:
        torch.manual_seed(seed)
        model = make_model()
        train(model, loaders["train"], strength)
        loss = evaluate(model, loaders["validation"])
        if math.isfinite(loss) and (not best or loss < best_loss):
            best, best_loss = strength, loss
    return best
