# caught by: biases, each_once, below, dotted, same_part, inner_first, inner_last, shared, whole_model
def layer_groups(model, strengths, default):
    modules = dict(model.named_modules())
    for layer in strengths:
        if layer not in modules:
            raise ValueError(f"no module {layer}")
    return [
        {"params": list(module.parameters(recurse=False)), "weight_decay": strengths.get(name, default)}
        for name, module in modules.items()
    ]
