# caught by: similar_names; misconception: by-prefix
import re


def fits(layer, name):
    return re.match(layer, name) is not None


def layer_groups(model, strengths, default):
    modules = dict(model.named_modules())
    for layer in strengths:
        if layer not in modules:
            raise ValueError(f"no module {layer}")
    groups = []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        fitting = [layer for layer in strengths if fits(layer, name)]
        strength = strengths[max(fitting, key=len)] if fitting else default
        groups.append({"params": [p], "weight_decay": strength})
    return groups
