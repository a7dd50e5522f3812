from torch import nn


def layer_groups(model: nn.Module, strengths: dict[str, float], default: float) -> list[dict]:
    """Return optimizer groups, in which every layer has the weight decay of its name."""
    groups, placed = [], []
    for layer, strength in strengths.items():
        params = [p for name, p in model.named_parameters() if layer in name]
        groups.append({"params": params, "weight_decay": strength})
        placed += [name for name, _ in model.named_parameters() if layer in name]
    rest = [p for name, p in model.named_parameters() if name not in placed]
    return [*groups, {"params": rest, "weight_decay": default}]
