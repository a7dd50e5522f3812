# caught by: by_layer, biases, similar_names, both_given, below, dotted, same_part, inner_first, inner_last, zero_strength, zero_default, shared, used_twice, whole_model; misconception: one-strength
def fits(layer, name):
    return name.startswith(layer + ".")


def layer_groups(model, strengths, default):
    modules = dict(model.named_modules())
    for layer in strengths:
        if layer not in modules:
            raise ValueError(f"no module {layer}")
    mean = sum(strengths.values()) / len(strengths) if strengths else default
    groups = []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        fitting = [layer for layer in strengths if fits(layer, name)]
        strength = mean
        groups.append({"params": [p], "weight_decay": strength})
    return groups
