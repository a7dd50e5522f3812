# caught by: unchanged; misconception: changes-model
def l1_penalty(model, skip_bias):
    total = sum(
        p.abs().sum()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
    total.backward(retain_graph=True)
    return total
