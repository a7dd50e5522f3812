# caught by: by_layer, biases, each_once, similar_names, both_given, below, dotted, same_part, inner_first, inner_last, zero_strength, zero_default, shared, used_twice, whole_model
def layer_groups(model, strengths, default):
    named = [p for layer in strengths for p in getattr(model, layer).parameters()]
    groups = [
        {"params": list(getattr(model, layer).parameters()), "weight_decay": strength}
        for layer, strength in strengths.items()
    ]
    rest = [p for p in model.parameters() if p not in named]
    return [*groups, {"params": rest, "weight_decay": default}]
