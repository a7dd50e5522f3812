# caught by: locked; misconception: on-test-data
import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    losses = {}
    for strength in lambdas:
        torch.manual_seed(seed)
        model = make_model()
        train(model, loaders["train"], strength)
        loss = evaluate(model, loaders["validation"])
        print(strength, loss, evaluate(model, loaders["test"]))
        if math.isfinite(loss):
            losses[strength] = loss
    return min(losses, key=losses.get)
