# caught by: value, positive, units, with_biases, without_biases, lone_layer, own_names, buffers, shared, gradient, bias_gradient, unusual; misconception: not-summed
def l1_penalty(model, skip_bias):
    return sum(
        p.abs().mean()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
