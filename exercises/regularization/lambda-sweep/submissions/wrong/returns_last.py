# caught by: validation, falling_grid, two_valleys, no_penalty_added, zero, diverged, locked; misconception: not-the-smallest
import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    best_loss = float("inf")
    for strength in lambdas:
        torch.manual_seed(seed)
        model = make_model()
        train(model, loaders["train"], strength)
        loss = evaluate(model, loaders["validation"])
        if loss < best_loss:
            best_loss = loss
        best = strength
    return best
