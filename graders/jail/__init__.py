"""The jail: what it shows, how it is started, and the socket that it is asked through."""

from graders.jail.mounts import Mount, list_mounts
from graders.jail.sandbox import Sandbox
from graders.jail.solo import SoloSandbox
from graders.policy import LAYERS, Device, Level, get_layers

__all__ = ["LAYERS", "Level", "Mount", "Sandbox", "SoloSandbox", "list_mounts", "open_sandbox"]


def open_sandbox(level: Level, device: Device = Device.CPU) -> Sandbox | SoloSandbox:
    """Start a sandbox whose workers are forked, or, where they cannot be, started one by one.

    Raises:
        SandboxError: if it does not start.
    """
    is_solo = get_layers(level, device).solo
    return SoloSandbox(level, device) if is_solo else Sandbox(level)
