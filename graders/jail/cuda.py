"""What a worker needs of an NVIDIA device: nodes, libraries, settings; and whether there is one.

Nothing here loads torch or CUDA: a trusted process asks the driver's management library alone.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
from pathlib import Path
from typing import Final

from graders import nvml
from graders.jail.mounts import Mount
from graders.jail.mounts import list_mounts as list_plain_mounts

_CONTROL: Final = Path("/dev/nvidiactl")
_NODE: Final = re.compile(r"nvidia(\d+|ctl|-uvm|-uvm-tools)")
_CAPABILITIES: Final = Path("/dev/nvidia-caps")  # of parts of a device (MIG)
_LIBRARY: Final = "libcuda.so.1"
_LIBRARY_FOLDERS: Final = (
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/nvidia/lib64",
    "/usr/local/nvidia/lib",
    "/usr/lib/wsl/lib",
)


def find_obstacle() -> str:
    """Return why no worker can compute on a CUDA device here; empty where one can."""
    if not _CONTROL.exists():
        return f"this machine has no {_CONTROL}"
    try:
        with nvml.open_driver() as driver:
            if driver.count_devices() == 0:
                return "the NVIDIA driver finds no device"
    except nvml.DriverError as error:
        return str(error)
    version = importlib.metadata.version("torch")
    if version.endswith("+cpu"):
        return f"the installed torch {version} was built without CUDA"
    return "" if _find_library_folder() else f"{_LIBRARY} is not found"


def describe() -> str:
    """Say which device there is, or why none can be used."""
    obstacle = find_obstacle()
    if obstacle:
        return f"none ({obstacle})"
    with nvml.open_driver() as driver:
        return f"{driver.read_name(0)}, driver {driver.read_version()}"


def list_nodes() -> list[Path]:
    """Return the device nodes of the NVIDIA driver that are there."""
    nodes = [path for path in Path("/dev").iterdir() if _NODE.fullmatch(path.name)]
    return sorted([*nodes, *_CAPABILITIES.glob("nvidia-cap*")])


def list_mounts() -> list[Mount]:
    """Return the folder of the driver's libraries, where no other mount shows it."""
    folder = _find_library_folder()
    shown = [mount.source for mount in list_plain_mounts()]
    if folder is None or any(folder.is_relative_to(path) for path in shown):
        return []
    return [Mount(folder, folder)]


def list_environment() -> dict[str, str]:
    """Return settings of CUDA: full precision, the same result each time, nothing on disk."""
    settings = {
        "CUDA_VISIBLE_DEVICES": "0",
        "CUDA_CACHE_DISABLE": "1",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "NVIDIA_TF32_OVERRIDE": "0",
    }
    folder = _find_library_folder()
    return settings | ({"LD_LIBRARY_PATH": str(folder)} if folder else {})


def _find_library_folder() -> Path | None:
    searched = [*os.environ.get("LD_LIBRARY_PATH", "").split(":"), *_LIBRARY_FOLDERS]
    folders = [Path(name).resolve() for name in searched if name]
    return next((folder for folder in folders if (folder / _LIBRARY).exists()), None)
