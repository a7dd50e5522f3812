# caught by: unusual; misconception: only-trainable
def l1_penalty(model, skip_bias):
    return sum(
        p.abs().sum()
        for name, p in model.named_parameters()
        if p.requires_grad and not (skip_bias and name.split(".")[-1] == "bias")
    )
