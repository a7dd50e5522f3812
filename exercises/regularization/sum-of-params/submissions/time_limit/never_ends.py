# The loop never comes to an end.
def l2_penalty(model):
    parameters = list(model.parameters())
    while parameters:
        total = parameters[0].pow(2).sum()
    return total
