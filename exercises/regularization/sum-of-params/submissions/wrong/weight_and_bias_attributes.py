# caught by: nested, gradient, unusual; misconception: by-name
import torch


def l2_penalty(model):
    found = {}
    for module in model.modules():
        for name in ("weight", "bias"):
            parameter = getattr(module, name, None)
            if isinstance(parameter, torch.Tensor):
                found[id(parameter)] = parameter
    return sum(parameter.pow(2).sum() for parameter in found.values())
