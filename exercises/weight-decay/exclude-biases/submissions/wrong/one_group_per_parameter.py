# caught by: two_groups, no_biases
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

NORMS = (_NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)


def is_bias(name):
    return name == "bias" or name.startswith("bias_") or name.endswith("_bias")


def decay_groups(model, weight_decay):
    decayed, undecayed, seen = [], [], set()
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter in seen or not parameter.requires_grad:
                continue
            seen.add(parameter)
            exempt = isinstance(module, NORMS) or is_bias(name)
            (undecayed if exempt else decayed).append(parameter)
    groups = [{"params": [p], "weight_decay": weight_decay} for p in decayed]
    return groups + [{"params": [p], "weight_decay": 0.0} for p in undecayed]
