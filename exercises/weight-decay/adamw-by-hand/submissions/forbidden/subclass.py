import torch


class AdamW(torch.optim.AdamW):
    pass
