"""Two optimizer groups by what a parameter is for, not by what it happens to be called."""

from torch import nn
from torch.nn.modules.batchnorm import _NormBase

# _NormBase is the parent of BatchNorm*, SyncBatchNorm and InstanceNorm*.
NORMALISATIONS = (_NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)


def decay_groups(model: nn.Module, weight_decay: float) -> list[dict]:
    decayed, undecayed, seen = [], [], set()
    for module in model.modules():
        # recurse=False: only what belongs to this module itself, so `name` is its own name in it.
        for name, parameter in module.named_parameters(recurse=False):
            if not parameter.requires_grad or parameter in seen:
                continue
            seen.add(parameter)  # tensors are hashed by identity
            exempt = isinstance(module, NORMALISATIONS) or is_bias(name)
            (undecayed if exempt else decayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": undecayed, "weight_decay": 0.0},
    ]


def is_bias(name: str) -> bool:
    """`bias`, `bias_ih_l0` (LSTM), `in_proj_bias` (attention); not `unbiased`."""
    return name == "bias" or name.startswith("bias_") or name.endswith("_bias")
