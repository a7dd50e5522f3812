"""Grade PyTorch submissions: observe them in a jail, judge them outside.

Authors of checks import from here: `check` marks a scenario, `models` has small networks to try a
solution on, `observe` what a scenario can look at, and `judges` how two observations are judged
where they need not be equal. Importing this package loads neither torch nor the runner, because
the jail imports it too and the trusted side never imports torch; the three modules are therefore
loaded when first asked for.
"""

from importlib import import_module
from types import ModuleType

from graders.checks.declare import check

__all__ = ["check", "judges", "models", "observe"]

_LOADED_LATE = ("judges", "models", "observe")


def __getattr__(name: str) -> ModuleType:
    """Load a module for authors, and with most of them torch, on first use."""
    if name in _LOADED_LATE:
        return import_module(f"graders.checks.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
