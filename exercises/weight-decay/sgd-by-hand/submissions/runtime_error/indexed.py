# caught by: plain, shrink, towards_zero, proportional, learning_rate, one_step, twenty_steps, frozen_late; misconception: generator
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for i in range(len(parameters)):
        if parameters[i].grad is not None:
            parameters[i] -= lr * (parameters[i].grad + weight_decay * parameters[i])
