"""What the sandbox shows of this machine's file system.

It shows this Python's standard library, the distributions that torch needs and the few modules of
this package that a worker imports, each mounted by itself at a fixed place. It never shows
`site-packages` or a checkout as a whole: the answer keys of an installed quizzer lie there.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import re
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from graders.policy import Layers

SITE: Final = Path("/site")
_PACKAGE: Final = Path(__file__).resolve().parents[1]
_DISTRIBUTIONS: Final = ("torch", "numpy", "msgpack", "landlockpy")
_PACKAGE_FOLDERS: Final = ("site-packages", "dist-packages")
# What the zygote and a worker import of this package. Never the exercises, never the judge.
OWN_MODULES: Final = (
    "__init__.py",
    "errors.py",
    "model.py",
    "kernel.py",
    "wire",
    "checks",
    "worker.py",
    "zygote",
)


@dataclass(frozen=True, slots=True, order=True)
class Mount:
    """A file or folder of this machine (links resolved) and where the sandbox shows it."""

    target: Path
    source: Path


def list_mounts() -> tuple[Mount, ...]:
    """Return everything of this machine's file system that the sandbox shows, read-only."""
    runtime = [find_executable(), find_standard_library(), *_list_shared_libraries()]
    return (*(Mount(path, path.resolve()) for path in runtime), *_list_site_mounts())


def find_executable() -> Path:
    """Return the interpreter itself, not the link that a virtual environment makes to it."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def find_standard_library() -> Path:
    """Return the folder of the standard library, links resolved."""
    return Path(sysconfig.get_path("stdlib")).resolve()


def _list_shared_libraries() -> list[Path]:
    """Return the folders of the system's libraries, and the libraries beside this Python."""
    architecture = str(sysconfig.get_config_var("MULTIARCH"))
    narrow = [Path("/usr/lib") / architecture, Path("/lib") / architecture]
    found = [path for path in narrow if path.is_dir()] or [Path("/usr/lib"), Path("/lib")]
    found += [Path("/usr/lib64"), Path("/lib64")]
    # /lib is a link to /usr/lib on most systems: `_list_root_links` shows it as one.
    folders = {path.resolve() for path in found if path.is_dir()}
    beside = Path(sys.base_prefix).resolve() / "lib"
    libraries = set(beside.glob("*.so*")) if beside not in folders else set()
    return sorted(folders | libraries | {Path("/etc/ld.so.cache")})


def _list_site_mounts() -> list[Mount]:
    own = [Mount(SITE / "graders" / name, _PACKAGE / name) for name in OWN_MODULES]
    return [*_list_distribution_mounts(), *own]


def _list_distribution_mounts() -> list[Mount]:
    mounts: dict[str, Mount] = {}
    for distribution in _list_distributions(_DISTRIBUTIONS):
        for path in _list_top_level(distribution):
            mounts.setdefault(path.name, Mount(SITE / path.name, path.resolve()))
    return sorted(mounts.values())


def _list_distributions(names: Iterable[str]) -> list[importlib.metadata.Distribution]:
    """Return the named distributions and all that they require, as far as they are installed."""
    found: dict[str, importlib.metadata.Distribution] = {}
    todo = list(names)
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in found:
            continue
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.distribution(name)
            todo += _list_requirements(found[name])
    return list(found.values())


def _list_requirements(distribution: importlib.metadata.Distribution) -> list[str]:
    """Return the names that a distribution requires, optional extras left out."""
    requirements = [line.partition(";") for line in distribution.requires or ()]
    wanted = [name for name, _, marker in requirements if "extra" not in marker]
    return [found[0] for name in wanted if (found := re.match(r"[\w.-]+", name))]


def _list_top_level(distribution: importlib.metadata.Distribution) -> list[Path]:
    """Return the top-level modules and folders that a distribution installed, metadata left out."""
    root = Path(str(distribution.locate_file("")))
    names = {Path(str(file)).parts[0] for file in distribution.files or ()}
    importable = [
        root / name
        for name in names
        if name not in {"..", "__pycache__", "/"} and not name.endswith((".dist-info", ".pth"))
    ]
    return [path for path in importable if path.exists()] or _find_by_import(distribution)


def _find_by_import(distribution: importlib.metadata.Distribution) -> list[Path]:
    """Find the modules of a distribution that keeps no list of files (a system package)."""
    listed = (distribution.read_text("top_level.txt") or "").split()
    name = distribution.metadata["Name"].lower().replace("-", "_")
    specs = [importlib.util.find_spec(module) for module in listed or [name]]
    origins = [Path(spec.origin) for spec in specs if spec is not None and spec.origin]
    return [path.parent if path.name == "__init__.py" else path for path in origins]


def list_masked() -> list[Path]:
    """Return folders of installed packages that lie inside what is mounted."""
    inside = [find_standard_library() / name for name in _PACKAGE_FOLDERS]
    return [folder for folder in inside if folder.is_dir()]


def list_import_folders(layers: Layers) -> list[str]:
    """Return where the sandbox's Python looks for packages, as paths inside."""
    if layers.bubblewrap:
        return [str(SITE)]
    # The folders as they are; past its own imports a worker can open only the listed entries.
    folders = {mount.source.parent for mount in _list_distribution_mounts()}
    searched = [Path(entry).resolve() for entry in sys.path if entry]
    own = _PACKAGE.parent
    return [str(path) for path in dict.fromkeys([*searched, own]) if path in folders | {own}]


def list_readable(layers: Layers) -> list[Path]:
    """Return what Landlock lets a worker read, as paths inside the sandbox."""
    if layers.bubblewrap:
        runtime = [find_executable(), find_standard_library(), *_list_shared_libraries()]
        return [*runtime, SITE]
    sources = [mount.source for mount in list_mounts()]
    library = find_standard_library()
    # Landlock grants whole trees only, and installed packages lie within the standard library's.
    entries = [path for path in library.iterdir() if path.name not in _PACKAGE_FOLDERS]
    return [path for path in sources if path != library] + entries
