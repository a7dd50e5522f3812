# caught by: precision; misconception: pinned
def l1_penalty(model, skip_bias):
    return sum(
        p.float().abs().sum()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
