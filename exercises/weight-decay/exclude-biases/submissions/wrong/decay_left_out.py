# caught by: two_groups, linear, other_layers, batch_norm, other_norms, names_like_biases, names_like_norms, own_parameters, long_bias_names, tied, frozen, used_twice, no_biases, whole_model; misconception: inherited-default
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
    return [{"params": decayed}, {"params": undecayed, "weight_decay": 0.0}]
