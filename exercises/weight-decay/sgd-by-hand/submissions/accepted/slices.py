import torch


def sgd_step(parameters, lr, weight_decay):
    with torch.inference_mode(False), torch.no_grad():
        for p in parameters:
            if p.grad is None:
                continue
            gradient = torch.clone(p.grad)
            gradient += weight_decay * p
            p[...] = p - lr * gradient
