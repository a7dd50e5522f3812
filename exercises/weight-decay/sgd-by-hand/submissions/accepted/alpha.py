def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is not None:
            p.data.add_(p.grad.add(p.data, alpha=weight_decay), alpha=-lr)
