import torch


def ridge(inputs, targets, weight_decay):
    n, d = inputs.shape
    design = torch.cat([inputs, inputs.new_ones(n, 1)], dim=1)
    penalty = torch.full((d + 1,), n * weight_decay / 2, dtype=inputs.dtype)
    penalty[-1] = 0.0  # the bias
    solution = torch.linalg.solve(design.T @ design + penalty.diag(), design.T @ targets)
    return solution[:-1], solution[-1]
