def l1_penalty(model, skip_bias):
    seen, total = set(), 0
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter in seen or (skip_bias and name == "bias"):
                continue
            seen.add(parameter)
            total = total + parameter.abs().sum()
    return total
