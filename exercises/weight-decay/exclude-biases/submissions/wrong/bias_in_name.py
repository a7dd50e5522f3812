# caught by: batch_norm, other_norms, names_like_biases, one_step, whole_model; misconception: bias-by-substring
def decay_groups(model, weight_decay):
    decayed, undecayed = [], []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        (decayed if "bias" not in name else undecayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": undecayed, "weight_decay": 0.0},
    ]
