# caught by: training, shifted_targets, shifted_inputs, strong, awkward; misconception: penalised-bias
import torch


def ridge(inputs, targets, weight_decay):
    n, d = inputs.shape
    design = torch.cat([inputs, inputs.new_ones(n, 1)], dim=1)
    penalty = n * weight_decay / 2 * torch.eye(d + 1, dtype=inputs.dtype)
    solution = torch.linalg.solve(design.T @ design + penalty, design.T @ targets)
    return solution[:-1], solution[-1]
