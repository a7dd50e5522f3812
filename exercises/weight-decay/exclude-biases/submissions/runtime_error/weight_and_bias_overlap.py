# caught by: each_once, batch_norm, other_norms, names_like_biases, own_parameters, one_step, whole_model; misconception: bias-by-substring
def decay_groups(model, weight_decay):
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    decayed = [p for name, p in named if "weight" in name]
    undecayed = [p for name, p in named if "bias" in name]
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": undecayed, "weight_decay": 0.0},
    ]
