"""What a jail may do: the levels of containment, their layers, and the allowed system calls.

The filter is an allow-list. A call that is listed nowhere seems not to exist (ENOSYS), so that
libc falls back to an older one; a call that is known and refused gives EPERM, which names the
reason in a traceback.
"""

# ruff: noqa: ANN401, SIM905 - the binding of libseccomp has no types; long lists read best as words

from __future__ import annotations

import errno
import importlib
import os
import tempfile
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from graders import kernel
from graders.errors import SandboxError

# The user that a submission runs as where the grader itself is root. Nobody owns files under it.
SUBMISSION_UID: Final = 64123
# Namespaces of the sandbox as a whole; every worker inherits its empty network.
SANDBOX_NAMESPACES: Final = (
    "--unshare-user",
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-uts",
    "--unshare-cgroup-try",
)


class Level(StrEnum):
    """How well this machine can contain a submission, best first."""

    A = "A"
    A_MINUS = "A-"
    B = "B"
    B0 = "B0"
    C = "C"
    NONE = "none"


class Device(StrEnum):
    """What a worker computes on."""

    CPU = "cpu"
    CUDA = "cuda"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Which walls stand at a level. Resource limits and the one-shot process always do.

    Attributes:
        bubblewrap: namespaces and a file system of its own around the zygote and its workers.
        namespaces: a pid, mount, ipc and user namespace and a scratch folder for each worker.
        landlock: files, TCP, signals and abstract sockets ruled by Landlock.
        seccomp: system calls on the allow-list only.
        solo: each worker is started in a sandbox of its own, instead of forked in a common one.
    """

    bubblewrap: bool
    namespaces: bool
    landlock: bool
    seccomp: bool
    solo: bool = False


LAYERS: Final[dict[Level, Layers]] = {
    Level.A: Layers(bubblewrap=True, namespaces=True, landlock=True, seccomp=True),
    Level.A_MINUS: Layers(bubblewrap=True, namespaces=True, landlock=False, seccomp=True),
    Level.B: Layers(bubblewrap=True, namespaces=False, landlock=True, seccomp=True),
    Level.B0: Layers(bubblewrap=True, namespaces=False, landlock=False, seccomp=True, solo=True),
    Level.C: Layers(bubblewrap=False, namespaces=False, landlock=True, seccomp=True),
    Level.NONE: Layers(bubblewrap=False, namespaces=False, landlock=False, seccomp=False),
}


def get_layers(level: Level, device: Device = Device.CPU) -> Layers:
    """Return the walls of a level.

    CUDA cannot be used in a fork of a process that started it: its workers are started one by
    one, which gives each what a fork would need namespaces for.
    """
    layers = LAYERS[level]
    return layers if device is Device.CPU else replace(layers, namespaces=False, solo=True)


def list_drop_arguments() -> list[str]:
    """Return the command prefix under which root becomes an ordinary user; empty if not root."""
    if os.geteuid() != 0:
        return []
    uid = SUBMISSION_UID
    return [
        "setpriv",
        f"--reuid={uid}",
        f"--regid={uid}",
        "--clear-groups",
        "--inh-caps=-all",
        "--ambient-caps=-all",
        "--",
    ]


_ALLOWED: Final = """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 close close_range
    fstat stat lstat newfstatat statx lseek access faccessat faccessat2 readlink readlinkat
    getcwd chdir fchdir open openat openat2 getdents getdents64 mkdir mkdirat rmdir unlink
    unlinkat rename renameat renameat2 symlink symlinkat link linkat ftruncate fallocate fsync
    fdatasync fadvise64 dup dup2 dup3 pipe pipe2 umask statfs fstatfs sendfile
    mmap munmap mprotect mremap madvise brk msync membarrier get_mempolicy
    set_robust_list get_robust_list set_tid_address futex futex_waitv rseq sched_yield
    sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max
    sched_get_priority_min sched_rr_get_interval
    gettid getpid getppid getpgrp getpgid getsid exit exit_group arch_prctl restart_syscall
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack rt_sigpending rt_sigtimedwait
    rt_sigsuspend pause
    clock_gettime gettimeofday time clock_getres nanosleep clock_nanosleep times getitimer
    setitimer alarm
    uname sysinfo getrusage getrlimit getuid geteuid getgid getegid getgroups getresuid
    getresgid capget getrandom getcpu getpriority
    poll ppoll select pselect6 epoll_create1 epoll_create epoll_ctl epoll_wait epoll_pwait
    epoll_pwait2 eventfd2 eventfd recvfrom
""".split()

# Changes to a file's metadata, which Landlock does not rule (truncate only from its third version):
# allowed only where the worker sees no file system but its own.
_METADATA: Final = """
    chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat truncate
""".split()

_REFUSED: Final = """
    socket connect bind listen accept accept4 sendmsg recvmsg sendmmsg recvmmsg setsockopt
    getsockopt getsockname getpeername shutdown
    flock execve execveat fork vfork
    unshare setns mount umount2 pivot_root chroot move_mount open_tree fsopen fsmount fsconfig
    fspick mount_setattr
    ptrace process_vm_readv process_vm_writev kcmp pidfd_open pidfd_getfd pidfd_send_signal
    process_madvise process_mrelease kill tkill rt_sigqueueinfo rt_tgsigqueueinfo setpgid setsid
    memfd_create memfd_secret shmget shmat shmctl shmdt msgget msgsnd msgrcv msgctl semget semop
    semctl semtimedop mq_open mq_unlink
    io_uring_setup io_uring_enter io_uring_register userfaultfd perf_event_open bpf keyctl
    add_key request_key seccomp personality
    mknod mknodat name_to_handle_at open_by_handle_at fanotify_init fanotify_mark inotify_init
    inotify_init1 inotify_add_watch
    setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset chown
    fchown lchown fchownat setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
    splice vmsplice tee setpriority sched_setscheduler sched_setparam sched_setattr
    sched_setaffinity ioprio_set setrlimit
    mlock mlock2 mlockall mbind set_mempolicy migrate_pages move_pages io_setup io_submit
    timer_create timerfd_create signalfd signalfd4 mincore
    sethostname setdomainname reboot init_module finit_module delete_module kexec_load
    kexec_file_load swapon swapoff acct quotactl settimeofday clock_settime adjtimex clock_adjtime
    iopl ioperm modify_ldt syslog vhangup
""".split()

_CLONE_THREAD: Final = 0x00010000
_CLONE_NEW_ANYTHING: Final = 0x7E020080
_PRCTL_NAMES: Final = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA
# Duplicate and flags. Locks are left out: on a file that all jails read, one submission could tell
# another by them what it has seen, and keep a program of the host waiting.
_FCNTL_PLAIN: Final = (0, 1, 2, 3, 4, 1030)
_IOCTL_PLAIN: Final = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # isatty, size, non-block
_AF_UNIX: Final = 1
_MSG_OOB: Final = 1


def build_filter(layers: Layers, device: Device = Device.CPU) -> bytes:
    """Return the seccomp filter of a worker as BPF.

    Raises:
        SandboxError: if libseccomp is missing.
    """
    seccomp = _load_seccomp()
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    builder = _FilterBuilder(seccomp, rules)
    builder.allow(*_ALLOWED)
    if layers.namespaces or (layers.solo and layers.bubblewrap):
        # abort() and raise(): the worker is pid 1 of its own namespace and knows no other pid.
        builder.allow_if("tgkill", seccomp.Arg(0, seccomp.EQ, 1))
    if layers.namespaces:
        builder.allow(*_METADATA)
    else:
        builder.refuse(*_METADATA)
    builder.refuse(*_REFUSED)
    builder.allow_threads_only()
    builder.allow_harmless_variants(any_request=device is Device.CUDA)
    return _export(rules)


def _load_seccomp() -> Any:
    """Import libseccomp's binding only here: the doctor must run where the library is missing."""
    try:
        return importlib.import_module("pyseccomp")
    except (ImportError, OSError, RuntimeError) as error:
        raise SandboxError(f"libseccomp cannot be loaded: {error}") from error


def _export(rules: Any) -> bytes:
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


class _FilterBuilder:
    """Adds rules for the system calls that this architecture has."""

    def __init__(self, seccomp: Any, rules: Any) -> None:
        self._seccomp = seccomp
        self._rules = rules
        self._eperm = seccomp.ERRNO(errno.EPERM)
        self._architecture = seccomp.system_arch()

    def allow(self, *names: str) -> None:
        for name in names:
            self._add(self._seccomp.ALLOW, name)

    def refuse(self, *names: str) -> None:
        for name in names:
            self._add(self._eperm, name)

    def allow_if(self, name: str, *conditions: Any) -> None:
        """Allow a call whose arguments meet every condition."""
        self._add(self._seccomp.ALLOW, name, *conditions)

    def allow_threads_only(self) -> None:
        """Let clone make threads, never processes or namespaces.

        clone3 hides its flags behind a pointer; told that it is missing, libc uses clone.
        """
        seccomp = self._seccomp
        mask = _CLONE_THREAD | _CLONE_NEW_ANYTHING
        self.allow_if("clone", seccomp.Arg(0, seccomp.MASKED_EQ, mask, _CLONE_THREAD))
        self._add(
            self._eperm,
            "clone",
            seccomp.Arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, 0),
        )

    def allow_harmless_variants(self, *, any_request: bool) -> None:
        """Allow the harmless uses of calls that can do much more.

        Args:
            any_request: of ioctl, which is how CUDA speaks to its driver.
        """
        argument, equal = self._seccomp.Arg, self._seccomp.EQ
        for option in _PRCTL_NAMES:
            self.allow_if("prctl", argument(0, equal, option))
        # Reading one's own limits: no pid, no new limits.
        self.allow_if("prlimit64", argument(0, equal, 0), argument(2, equal, 0))
        self.allow_if("socketpair", argument(0, equal, _AF_UNIX))
        # send() without an address: a socket pair could otherwise write to sockets of the host. Nor
        # out of band, which makes the other end readable with nothing there to read.
        in_band = argument(3, self._seccomp.MASKED_EQ, _MSG_OOB, 0)
        self.allow_if("sendto", in_band, argument(4, equal, 0))
        for command in _FCNTL_PLAIN:
            self.allow_if("fcntl", argument(1, equal, command))
        if any_request:
            self.allow("ioctl")
            return
        for request in _IOCTL_PLAIN:
            self.allow_if("ioctl", argument(1, equal, request))

    def _add(self, action: int, name: str, *conditions: Any) -> None:
        # Negative: not a system call of this architecture (`time` on ARM, say).
        if self._seccomp.resolve_syscall(self._architecture, name) >= 0:
            self._rules.add_rule(action, name, *conditions)


def install_filter(program: bytes) -> None:
    """Put a filter on this process, for good."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.install_filter(program)
