# caught by: pure_decay, training, own_settings, decay_schedule, together; misconception: coupled
import torch


class SGDW(torch.optim.SGD):
    def __init__(self, params, lr, momentum, weight_decay):
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)
