# The loop never comes to an end.
def l2_penalty(model):
    parameters = list(model.parameters())
    total = 0
    while parameters:
        total = total + parameters[0].pow(2).sum()
    return total
