# caught by: gradient, bias_gradient, unchanged; misconception: changes-model
def l1_penalty(model, skip_bias):
    return sum(
        p.data.abs_().sum() + 0 * p.sum()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
