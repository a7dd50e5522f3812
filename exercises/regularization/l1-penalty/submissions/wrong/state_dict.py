# caught by: buffers, shared, gradient, bias_gradient, zero_dim, device; misconception: buffers
def l1_penalty(model, skip_bias):
    return sum(
        p.abs().sum()
        for name, p in model.state_dict().items()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
