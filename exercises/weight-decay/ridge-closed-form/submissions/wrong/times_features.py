# caught by: training, weight, two_samples, standard_inputs, repeated, shifted_inputs, wide, awkward; misconception: no-count
import torch


def ridge(inputs, targets, weight_decay):
    count, features = inputs.shape
    centre, level = inputs.mean(dim=0), targets.mean()
    x, y = inputs - centre, targets - level
    strength = features * weight_decay / 2
    eye = torch.eye(features, dtype=inputs.dtype)
    weight = torch.linalg.solve(x.T @ x + strength * eye, x.T @ y)
    return weight, level - centre @ weight
