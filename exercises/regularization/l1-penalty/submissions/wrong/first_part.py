# caught by: without_biases, own_names, buffers, shared, bias_gradient, precision, unusual
def l1_penalty(model, skip_bias):
    return sum(
        p.abs().sum()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[0] == "bias")
    )
