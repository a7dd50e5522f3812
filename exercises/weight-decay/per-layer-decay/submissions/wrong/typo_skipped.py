# caught by: typo; misconception: typo-ignored
def fits(layer, name):
    return name.startswith(layer + ".")


def layer_groups(model, strengths, default):
    modules = dict(model.named_modules())
    strengths = {layer: s for layer, s in strengths.items() if layer in modules}
    groups = []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        fitting = [layer for layer in strengths if fits(layer, name)]
        strength = strengths[max(fitting, key=len)] if fitting else default
        groups.append({"params": [p], "weight_decay": strength})
    return groups
