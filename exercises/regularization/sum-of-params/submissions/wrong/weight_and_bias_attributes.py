# caught by: nested, gradient, unusual; misconception: by-name
def l2_penalty(model):
    found = {}
    for module in model.modules():
        for name in ("weight", "bias"):
            parameter = getattr(module, name, None)
            if parameter is not None:
                found[id(parameter)] = parameter
    return sum(parameter.pow(2).sum() for parameter in found.values())
