# caught by: training, weight, two_samples, standard_inputs, shorter, repeated, shifted_inputs, strong, wide, awkward; misconception: inverts-first
import torch


def ridge(inputs, targets, weight_decay):
    count, features = inputs.shape
    centre, level = inputs.mean(dim=0), targets.mean()
    x, y = inputs - centre, targets - level
    strength = count * weight_decay / 2
    eye = torch.eye(features, dtype=inputs.dtype)
    weight = torch.linalg.inv(x.T @ x) @ (x.T @ y)
    return weight, level - centre @ weight
