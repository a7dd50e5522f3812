# caught by: training, weight, two_samples, shifted_inputs, wide, awkward; misconception: standardised
import torch


def ridge(inputs, targets, weight_decay):
    count, features = inputs.shape
    centre, level = inputs.mean(dim=0), targets.mean()
    scale = inputs.std(dim=0, correction=0)
    x, y = (inputs - centre) / scale, targets - level
    strength = count * weight_decay / 2
    eye = torch.eye(features, dtype=inputs.dtype)
    weight = torch.linalg.solve(x.T @ x + strength * eye, x.T @ y) / scale
    return weight, level - centre @ weight
