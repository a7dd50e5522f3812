"""Which optimizers decay when nothing is said? Prints what the lesson quotes:

    python defaults.py
"""

import inspect

from torch import optim

classes = [value for value in vars(optim).values() if inspect.isclass(value)]
settings = {
    cls.__name__: inspect.signature(cls).parameters["weight_decay"].default
    for cls in classes
    if "weight_decay" in inspect.signature(cls).parameters
}
named = [f"`{name}` {value}" for name, value in sorted(settings.items()) if value]
print(f"{' and '.join(named)}; all other optimizers of PyTorch 0")
