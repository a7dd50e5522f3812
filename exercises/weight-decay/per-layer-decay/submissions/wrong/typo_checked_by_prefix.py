# caught by: half_a_name; misconception: typo-half-checked
def fits(layer, name):
    return name.startswith(layer + ".")


def layer_groups(model, strengths, default):
    for layer in strengths:
        if not any(name.startswith(layer) for name, _ in model.named_parameters()):
            raise ValueError(f"no module {layer}")
    groups = []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        fitting = [layer for layer in strengths if fits(layer, name)]
        strength = strengths[max(fitting, key=len)] if fitting else default
        groups.append({"params": [p], "weight_decay": strength})
    return groups
