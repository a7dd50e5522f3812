# caught by: diverged; misconception: nan-wins
import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    losses = []
    for strength in lambdas:
        torch.manual_seed(seed)
        model = make_model()
        train(model, loaders["train"], strength)
        losses.append(evaluate(model, loaders["validation"]))
    return lambdas[torch.tensor(losses, dtype=torch.float64).argmin()]
