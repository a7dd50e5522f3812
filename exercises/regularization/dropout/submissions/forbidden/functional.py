from torch import nn


def forward_of(module, x):
    return nn.functional.dropout(x, module.p, module.training)


class Dropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        return forward_of(self, x)
