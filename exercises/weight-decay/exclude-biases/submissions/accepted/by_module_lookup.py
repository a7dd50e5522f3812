from torch import nn
from torch.nn.modules.batchnorm import _NormBase

NORMS = (_NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)


def is_bias(name):
    return name == "bias" or name.startswith("bias_") or name.endswith("_bias")


def decay_groups(model, weight_decay):
    groups = {True: [], False: []}
    for full_name, parameter in model.named_parameters():
        owner, _, name = full_name.rpartition(".")
        exempt = isinstance(model.get_submodule(owner), NORMS) or is_bias(name)
        if parameter.requires_grad:
            groups[exempt].append(parameter)
    return [
        dict(params=groups[False], weight_decay=weight_decay),
        dict(params=tuple(groups[True]), weight_decay=0),
    ]
