# caught by: without_biases, own_names, bias_gradient, precision, unusual; misconception: only-weights
def l1_penalty(model, skip_bias):
    return sum(
        p.abs().sum()
        for name, p in model.named_parameters()
        if not skip_bias or name.endswith("weight")
    )
