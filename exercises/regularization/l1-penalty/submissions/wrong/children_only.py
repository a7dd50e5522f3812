# caught by: with_biases, without_biases, shared, bias_gradient, precision, unusual; misconception: not-nested
def l1_penalty(model, skip_bias):
    total = 0
    for module in [model, *model.children()]:
        for name, parameter in module.named_parameters(recurse=False):
            if not (skip_bias and name == "bias"):
                total = total + parameter.abs().sum()
    return total
