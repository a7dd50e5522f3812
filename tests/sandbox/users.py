"""How root becomes somebody else, so that what is tried as root is tried as an ordinary user too."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from graders.jail.command import list_view_arguments
from graders.jail.mounts import Mount

UID = 64321


def list_become_arguments() -> list[str]:
    """Return the prefix of a command that an ordinary user shall run; empty for one."""
    if os.geteuid() != 0:
        return []
    python = Path(sys.base_prefix).resolve()
    # Where Python lies in root's own folder, show it to the user; then become that user.
    view = list_view_arguments([Mount(python, python)])
    rights = ["--clear-groups", "--inh-caps=-all"]
    return [*view, "setpriv", f"--reuid={UID}", f"--regid={UID}", *rights, "--"]
