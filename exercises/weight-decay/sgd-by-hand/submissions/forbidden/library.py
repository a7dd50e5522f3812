import torch


def sgd_step(parameters, lr, weight_decay):
    torch.optim.SGD(parameters, lr=lr, weight_decay=weight_decay).step()
