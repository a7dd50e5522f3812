def layer_groups(model, strengths, default):
    unknown = set(strengths) - {name for name, _ in model.named_modules()}
    if unknown:
        raise ValueError(f"no such modules: {sorted(unknown)}")
    groups = []
    left = {name: p for name, p in model.named_parameters() if p.requires_grad}
    for layer in sorted(strengths, reverse=True):  # body.2 before body
        inside = [name for name in left if name.startswith(f"{layer}.")]
        groups.append({"params": [left.pop(name) for name in inside], "weight_decay": strengths[layer]})
    return [*groups, {"params": list(left.values()), "weight_decay": default}]
