# caught by: buffers; misconception: buffers
def l1_penalty(model, skip_bias):
    return sum(
        p.abs().sum()
        for name, p in [*model.named_parameters(), *model.named_buffers()]
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
