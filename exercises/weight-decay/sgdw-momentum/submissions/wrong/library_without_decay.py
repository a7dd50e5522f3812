# caught by: no_momentum, pure_decay, proportional, decay_times_lr, training, all_groups, own_settings, decay_schedule, together; misconception: no-decay
import torch


class SGDW(torch.optim.SGD):
    def __init__(self, params, lr, momentum, weight_decay):
        super().__init__(params, lr=lr, momentum=momentum)
