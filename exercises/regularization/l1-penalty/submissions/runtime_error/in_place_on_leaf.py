# caught by: value, positive, negative, units, growth, with_biases, without_biases, lone_layer, own_names, buffers, shared, gradient, bias_gradient, unusual
def l1_penalty(model, skip_bias):
    return sum(
        p.abs_().sum()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
