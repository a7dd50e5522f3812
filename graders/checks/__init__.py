"""What authors of checks write with: a decorator, a source of inputs, and observations.

`draw` and `observe` import torch and are loaded in the jail only.
"""
