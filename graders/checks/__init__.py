"""What authors of checks write with: a decorator, inputs, networks, observations and judges.

`draw`, `models` and `observe` import torch and are loaded in the jail only.
"""
