# caught by: each_once, linear, other_layers, batch_norm, other_norms, names_like_biases, names_like_norms, own_parameters, long_bias_names, tied, frozen, one_step, no_biases, whole_model; misconception: counted-twice
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

NORMS = (_NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)


def decay_groups(model, weight_decay):
    decayed, undecayed = [], []
    for module in model.modules():
        for name, parameter in module.named_parameters():
            if parameter.requires_grad:
                exempt = isinstance(module, NORMS) or "bias" in name
                (undecayed if exempt else decayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": undecayed, "weight_decay": 0.0},
    ]
