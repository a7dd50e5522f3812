# caught by: unchanged; misconception: changes-model
def l1_penalty(model, skip_bias):
    total = 0
    for name, parameter in model.named_parameters():
        if skip_bias and name.split(".")[-1] == "bias":
            parameter.requires_grad_(False)
        else:
            total = total + parameter.abs().sum()
    return total
