# caught by: without_biases, lone_layer, own_names, buffers, shared, precision, unusual; misconception: biases-included
def l1_penalty(model, skip_bias):
    return sum(
        (p.detach() if skip_bias and name.split(".")[-1] == "bias" else p).abs().sum()
        for name, p in model.named_parameters()
        if p is not None
    )
