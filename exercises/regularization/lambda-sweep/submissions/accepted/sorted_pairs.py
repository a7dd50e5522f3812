import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    results = []
    for strength in sorted(lambdas, reverse=True):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = make_model()
            train(model, loaders["train"], strength)
        results.append((evaluate(model, loaders["validation"]), strength))
    return min(pair for pair in results if math.isfinite(pair[0]))[1]
