# caught by: shared; misconception: shared-by-last-name
def layer_groups(model, strengths, default):
    modules = dict(model.named_modules())
    for layer in strengths:
        if layer not in modules:
            raise ValueError(f"no module {layer}")
    chosen = {p: default for p in model.parameters()}
    for layer in sorted(strengths, key=len):
        for p in modules[layer].parameters():
            chosen[p] = strengths[layer]
    return [{"params": [p], "weight_decay": chosen[p]} for p in chosen if p.requires_grad]
