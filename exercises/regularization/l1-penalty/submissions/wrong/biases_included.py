# caught by: without_biases, lone_layer, own_names, buffers, shared, bias_gradient, precision, unusual; misconception: biases-included
def l1_penalty(model, skip_bias):
    return sum(
        p.abs().sum()
        for name, p in model.named_parameters()
        if p is not None
    )
