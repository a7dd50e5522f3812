# caught by: training, weight, two_samples, standard_inputs, shifted_targets, shifted_inputs, strong, weak, wide, awkward; misconception: gradient-descent
import torch
import torch.nn.functional as F


def ridge(inputs, targets, weight_decay):
    weight = torch.zeros(inputs.shape[1], dtype=inputs.dtype, requires_grad=True)
    bias = torch.zeros((), dtype=inputs.dtype, requires_grad=True)
    groups = [{"params": [weight], "weight_decay": weight_decay}, {"params": [bias]}]
    optimizer = torch.optim.SGD(groups, lr=0.01)
    for _ in range(50):
        optimizer.zero_grad()
        F.mse_loss(inputs @ weight + bias, targets).backward()
        optimizer.step()
    return weight.detach(), bias.detach()
