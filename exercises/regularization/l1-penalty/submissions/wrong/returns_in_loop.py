# caught by: with_biases, without_biases, own_names, buffers, shared, bias_gradient, precision, unusual; misconception: early-return
def l1_penalty(model, skip_bias):
    total = 0
    for name, parameter in model.named_parameters():
        if not (skip_bias and name.split(".")[-1] == "bias"):
            total = total + parameter.abs().sum()
            return total
