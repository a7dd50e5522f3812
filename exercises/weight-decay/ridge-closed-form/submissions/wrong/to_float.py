# caught by: dtypes, precision; misconception: pinned
import torch


def ridge(inputs, targets, weight_decay):
    x, y = inputs.float(), targets.float()
    centre, level = x.mean(dim=0), y.mean()
    x, y = x - centre, y - level
    strength = len(x) * weight_decay / 2
    weight = torch.linalg.solve(x.T @ x + strength * torch.eye(x.shape[1]), x.T @ y)
    return weight, level - centre @ weight
