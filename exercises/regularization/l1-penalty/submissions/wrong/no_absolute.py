# caught by: value, negative, units, with_biases, without_biases, lone_layer, own_names, buffers, shared, gradient, bias_gradient, unusual; misconception: linear-sum
def l1_penalty(model, skip_bias):
    return sum(
        p.sum()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
