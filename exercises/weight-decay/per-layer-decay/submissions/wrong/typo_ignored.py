# caught by: typo; misconception: typo-ignored
def fits(layer, name):
    return name.startswith(layer + ".")


def layer_groups(model, strengths, default):
    groups = []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        fitting = [layer for layer in strengths if fits(layer, name)]
        strength = strengths[max(fitting, key=len)] if fitting else default
        groups.append({"params": [p], "weight_decay": strength})
    return groups
