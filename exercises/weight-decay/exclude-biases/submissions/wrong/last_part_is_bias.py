# caught by: batch_norm, other_norms, long_bias_names, one_step, whole_model; misconception: norms-decayed
def decay_groups(model, weight_decay):
    decayed, undecayed = [], []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        (decayed if name.split(".")[-1] != "bias" else undecayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": undecayed, "weight_decay": 0.0},
    ]
