# caught by: shared, whole_model; misconception: shared-twice
def layer_groups(model, strengths, default):
    modules = dict(model.named_modules())
    for layer in strengths:
        if layer not in modules:
            raise ValueError(f"no module {layer}")
    groups, rest = {}, []
    for name, p in model.named_parameters(remove_duplicate=False):
        path = name.split(".")[:-1]
        while path and ".".join(path) not in strengths:
            path.pop()
        if p.requires_grad:
            (groups.setdefault(".".join(path), []) if path else rest).append(p)
    return [{"params": rest, "weight_decay": default}] + [
        {"params": params, "weight_decay": strengths[layer]} for layer, params in groups.items()
    ]
