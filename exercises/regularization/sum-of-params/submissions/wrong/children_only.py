# caught by: nested, shared, gradient, unusual; misconception: not-nested
def l2_penalty(model):
    total = 0
    for module in [model, *model.children()]:
        for parameter in module.parameters(recurse=False):
            total = total + parameter.pow(2).sum()
    return total
