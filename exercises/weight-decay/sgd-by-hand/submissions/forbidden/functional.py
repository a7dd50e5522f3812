from torch.optim.sgd import sgd


def sgd_step(parameters, lr, weight_decay):
    used = [p for p in parameters if p.grad is not None]
    sgd(used, [p.grad for p in used], [None] * len(used), lr=lr, weight_decay=weight_decay,
        momentum=0, dampening=0, nesterov=False, maximize=False)
