import torch


def l2_penalty(model):
    seen, total = set(), 0
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            if parameter not in seen:
                seen.add(parameter)
                total = total + parameter.square().sum()
    return total
