# caught by: dotted, inner_first, inner_last, whole_model; misconception: top-only
def fits(layer, name):
    return name.split(".")[0] == layer


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
