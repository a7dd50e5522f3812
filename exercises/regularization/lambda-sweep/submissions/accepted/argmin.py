import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    models = []
    for strength in lambdas:
        torch.manual_seed(seed)
        models.append(make_model())
        train(models[-1], loaders["train"], strength)
    losses = torch.tensor([evaluate(m, loaders["validation"]) for m in models], dtype=torch.float64)
    return lambdas[losses.nan_to_num(nan=torch.inf).argmin()]
