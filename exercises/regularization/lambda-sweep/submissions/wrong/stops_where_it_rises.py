# caught by: two_valleys, fresh_models, every_lambda, real_training; misconception: stops-early
import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    best, best_loss = None, math.inf
    for strength in lambdas:
        torch.manual_seed(seed)
        model = make_model()
        train(model, loaders["train"], strength)
        loss = evaluate(model, loaders["validation"])
        if loss > best_loss:
            break
        if loss < best_loss:
            best, best_loss = strength, loss
    return best
