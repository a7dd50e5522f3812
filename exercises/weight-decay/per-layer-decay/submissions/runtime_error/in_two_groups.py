# caught by: each_once, similar_names, both_given, same_part, inner_first, inner_last, typo, whole_model; misconception: by-substring
def layer_groups(model, strengths, default):
    groups, placed = [], []
    for layer, strength in strengths.items():
        params = [p for name, p in model.named_parameters() if layer in name]
        groups.append({"params": params, "weight_decay": strength})
        placed += [name for name, _ in model.named_parameters() if layer in name]
    rest = [p for name, p in model.named_parameters() if name not in placed]
    return [*groups, {"params": rest, "weight_decay": default}]
