from torch import nn


def decay_groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """Return two optimizer groups: parameters to decay, and parameters to leave undecayed."""
    decayed = [p for name, p in model.named_parameters() if "bias" not in name]
    undecayed = [p for name, p in model.named_parameters() if "bias" in name]
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": undecayed, "weight_decay": 0.0},
    ]
