"""Ridge regression in one step: where training with weight_decay comes to rest."""

import torch


def ridge(
    inputs: torch.Tensor, targets: torch.Tensor, weight_decay: float
) -> tuple[torch.Tensor, torch.Tensor]:
    count, features = inputs.shape
    centre = inputs.mean(dim=0)
    centred = inputs - centre  # a bias that is not penalised takes up the means
    # The mean divides by n and its gradient has a factor 2; weight_decay has neither: n/2 of it.
    strength = weight_decay * count / 2
    gram = centred.T @ centred + strength * torch.eye(features).to(inputs)
    # The columns of `centred` add up to 0, so the mean of the targets drops out here.
    weight = torch.linalg.solve(gram, centred.T @ targets)
    return weight, targets.mean() - centre @ weight
