# caught by: with_biases; misconception: always-skipped
def l1_penalty(model, skip_bias):
    return sum(
        p.abs().sum()
        for name, p in model.named_parameters()
        if name.split(".")[-1] != "bias"
    )
