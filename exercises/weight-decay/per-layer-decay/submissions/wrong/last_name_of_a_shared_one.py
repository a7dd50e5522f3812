# caught by: shared, whole_model; misconception: shared-by-last-name
def fits(layer, name):
    return name.startswith(layer + ".")


def names(model):
    last = {p: name for name, p in model.named_parameters(remove_duplicate=False)}
    return [(name, p) for p, name in last.items()]


def layer_groups(model, strengths, default):
    modules = dict(model.named_modules())
    for layer in strengths:
        if layer not in modules:
            raise ValueError(f"no module {layer}")
    groups = []
    for name, p in names(model):
        if not p.requires_grad:
            continue
        fitting = [layer for layer in strengths if fits(layer, name)]
        strength = strengths[max(fitting, key=len)] if fitting else default
        groups.append({"params": [p], "weight_decay": strength})
    return groups
