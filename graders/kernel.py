"""The few calls of the Linux kernel that Python has no name for, through ctypes.

Numbers are those of `linux/*.h`; manual pages: unshare(2), setns(2), mount(2), prctl(2),
capset(2), madvise(2), seccomp(2), mallopt(3).
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
import struct
from pathlib import Path
from typing import Final

CLONE_NEWNS: Final = 0x00020000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWPID: Final = 0x20000000
CLONE_NEWIPC: Final = 0x08000000

MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_NOEXEC: Final = 8

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_SECCOMP: Final = 22
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47

_SECCOMP_MODE_FILTER: Final = 2
_SECCOMP_SET_MODE_FILTER: Final = 1
_SECCOMP_FILTER_FLAG_TSYNC: Final = 1
_SYS_SECCOMP: Final = {"x86_64": 317}  # else the number of newer architectures
_SYS_SECCOMP_OF_OTHERS: Final = 277
_CAP_AMBIENT_CLEAR_ALL: Final = 4
_CAPABILITY_VERSION_3: Final = 0x20080522
_MNT_DETACH: Final = 2
_MADV_POPULATE_WRITE: Final = 23
_MADV_COLLAPSE: Final = 25
_M_TRIM_THRESHOLD: Final = -1
_M_TOP_PAD: Final = -2
_M_MMAP_THRESHOLD: Final = -3
_HUGE_PAGE: Final = 2 << 20
_SYS_LANDLOCK_CREATE_RULESET: Final = 444  # the same on every architecture

_libc = ctypes.CDLL(None, use_errno=True)
_libc.malloc.restype = ctypes.c_void_p
_libc.malloc.argtypes = [ctypes.c_size_t]
_libc.free.argtypes = [ctypes.c_void_p]
_libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
_libc.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]


class _FilterProgram(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _require_done(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Move this process (its children, for a pid namespace) into new namespaces."""
    _require_done(_libc.unshare(flags), "unshare")


def setns(descriptor: int, flags: int) -> None:
    """Join the namespaces of a pidfd."""
    _require_done(_libc.setns(descriptor, flags), "setns")


def mount_tmpfs(target: str, *, size_bytes: int, inodes: int) -> None:
    """Mount an empty private file system where nothing can be executed."""
    options = f"size={size_bytes},nr_inodes={inodes},mode=0700".encode()
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    _require_done(_libc.mount(b"tmpfs", target.encode(), b"tmpfs", flags, options), "mount tmpfs")


def detach_mount(target: str) -> None:
    """Take a mount out of the tree at once."""
    _require_done(_libc.umount2(target.encode(), _MNT_DETACH), f"umount {target}")


def prctl(option: int, argument: int = 0) -> None:
    """Set a property of this process."""
    _require_done(_libc.prctl(option, argument, 0, 0, 0), f"prctl({option})")


def drop_capabilities() -> None:
    """Empty every capability set, for good."""
    _libc.prctl(PR_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    # Fails at the first number that the kernel does not know, or at once without CAP_SETPCAP;
    # no_new_privs and the emptied sets below hold without it.
    capability = 0
    while _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    header = struct.pack("<Ii", _CAPABILITY_VERSION_3, 0)
    _require_done(_libc.capset(header, bytes(24)), "capset")


def install_filter(program: bytes) -> None:
    """Put a seccomp filter (BPF, 8 bytes an instruction) on this thread and its children."""
    instructions = ctypes.create_string_buffer(program, len(program))
    fprog = _FilterProgram(len(program) // 8, ctypes.cast(instructions, ctypes.c_void_p))
    address = ctypes.addressof(fprog)
    result = _libc.prctl(PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, address, 0, 0)
    _require_done(result, "seccomp")


def install_filter_on_all_threads(program: bytes) -> None:
    """Put a seccomp filter on every thread that this process has, and on their children."""
    instructions = ctypes.create_string_buffer(program, len(program))
    fprog = _FilterProgram(len(program) // 8, ctypes.cast(instructions, ctypes.c_void_p))
    number = _SYS_SECCOMP.get(platform.machine(), _SYS_SECCOMP_OF_OTHERS)
    arguments = (_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(fprog))
    result = _libc.syscall(number, *arguments)
    _require_done(result, "seccomp")
    if result:  # the number of a thread that has another filter
        raise OSError(f"seccomp: thread {result} kept its own filter")


def get_landlock_abi() -> int:
    """Return the version of Landlock that the running kernel offers, 0 if none."""
    version = _libc.syscall(_SYS_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    return max(0, int(version))


def collapse_heap() -> int:
    """Ask for huge pages under this process's heap, which makes fork four times cheaper.

    Only speed is at stake: a kernel before 6.1 refuses, and that is no error.

    Returns:
        mebibytes now in huge pages.
    """
    pattern = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ 00:00 0\s*(?:\[heap\])?$")
    mebibytes = 0
    for line in Path("/proc/self/maps").read_text().splitlines():
        if found := pattern.match(line):
            start = -(-int(found[1], 16) // _HUGE_PAGE) * _HUGE_PAGE
            for address in range(start, int(found[2], 16) - _HUGE_PAGE + 1, _HUGE_PAGE):
                mebibytes += 2 * (_libc.madvise(address, _HUGE_PAGE, _MADV_COLLAPSE) == 0)
    return mebibytes


def keep_freed_memory() -> None:
    """Let malloc keep what is freed, so that touched pages are used again."""
    _libc.mallopt(_M_MMAP_THRESHOLD, 32 << 20)
    _libc.mallopt(_M_TRIM_THRESHOLD, 1 << 30)
    _libc.mallopt(_M_TOP_PAD, 1 << 20)


def prefault_heap(size_bytes: int) -> None:
    """Touch memory that malloc will hand out next, before anybody waits for it."""
    address = _libc.malloc(size_bytes)
    if not address:
        return
    start = (address + 4095) & ~4095
    length = ((address + size_bytes) & ~4095) - start
    if _libc.madvise(start, length, _MADV_POPULATE_WRITE) != 0:  # before Linux 5.14
        ctypes.memset(address, 0, size_bytes)
    _libc.free(address)
