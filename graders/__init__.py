"""Grade PyTorch submissions: observe them in a jail, judge them outside.

Authors of checks import from here: `check` marks a scenario, `observe` holds what a scenario can
look at. Importing this package loads neither torch nor the runner, because the jail imports it
too and the trusted side never imports torch; `observe` is therefore loaded when first asked for.
"""

from importlib import import_module
from types import ModuleType

from graders.checks.declare import check

__all__ = ["check", "observe"]


def __getattr__(name: str) -> ModuleType:
    """Load `observe`, and with it torch, on first use."""
    if name == "observe":
        return import_module("graders.checks.observe")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
