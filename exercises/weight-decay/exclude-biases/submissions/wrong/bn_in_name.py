# caught by: other_norms, names_like_biases, names_like_norms, one_step, whole_model; misconception: norms-by-name
def decay_groups(model, weight_decay):
    decayed, undecayed = [], []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        (decayed if "bias" not in name and "bn" not in name else undecayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": undecayed, "weight_decay": 0.0},
    ]
