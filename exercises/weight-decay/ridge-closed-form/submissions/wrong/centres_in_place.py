# caught by: inputs_kept; misconception: changes-inputs
import torch


def ridge(inputs, targets, weight_decay):
    centre, level = inputs.mean(dim=0), targets.mean()
    inputs -= centre
    targets -= level
    strength = len(inputs) * weight_decay / 2
    eye = torch.eye(inputs.shape[1], dtype=inputs.dtype)
    weight = torch.linalg.solve(inputs.T @ inputs + strength * eye, inputs.T @ targets)
    return weight, level - centre @ weight
