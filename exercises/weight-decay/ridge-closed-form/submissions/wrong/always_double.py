# caught by: dtypes; misconception: pinned
import torch


def ridge(inputs, targets, weight_decay):
    count, features = inputs.shape
    inputs, targets = inputs.double(), targets.double()
    centre, level = inputs.mean(dim=0), targets.mean()
    x, y = inputs - centre, targets - level
    strength = count * weight_decay / 2
    eye = torch.eye(features, dtype=inputs.dtype)
    weight = torch.linalg.solve(x.T @ x + strength * eye, x.T @ y)
    return weight, level - centre @ weight
