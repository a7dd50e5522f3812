import collections


def layer_groups(model, strengths, default):
    known = [name for name, _ in model.named_modules()]
    for name in strengths:
        if name not in known:
            raise ValueError(f"{name} is not one of {known}")
    groups, seen = collections.defaultdict(list), set()
    collect(model, "", default, strengths, groups, seen)
    return [dict(params=tuple(params), weight_decay=s) for s, params in groups.items()]


def collect(module, path, strength, strengths, groups, seen):
    strength = strengths.get(path, strength) if path else strength
    for parameter in module.parameters(recurse=False):
        if parameter.requires_grad and parameter not in seen:
            groups[strength].append(parameter)
        seen.add(parameter)
    for name, child in module.named_children():
        collect(child, f"{path}.{name}".lstrip("."), strength, strengths, groups, seen)
