import torch


def l1_penalty(model, skip_bias):
    kept = [p for name, p in model.named_parameters()
            if not skip_bias or name.rpartition(".")[2] != "bias"]
    return torch.cat([p.flatten() for p in kept]).norm(p=1)
