# caught by: without_biases, own_names, buffers, bias_gradient, precision, unusual; misconception: by-shape
def l1_penalty(model, skip_bias):
    return sum(
        p.abs().sum()
        for name, p in model.named_parameters()
        if p.ndim > 1 or not skip_bias
    )
