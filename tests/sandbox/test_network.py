"""Attacks over the network and sockets of this machine."""

# ruff: noqa: SIM105
# Attacks call the system as plainly as they can.

from __future__ import annotations

import socket

import pytest

pytestmark = pytest.mark.usefixtures("leaves_nothing")


def attack_tcp(port):
    import socket

    got = []
    for address in ("127.0.0.1", "10.0.0.1", "8.8.8.8"):
        try:
            got.append(str(socket.create_connection((address, port), timeout=1)))
        except OSError:
            pass
    return got


def attack_udp(port):
    import socket

    channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    return [channel.sendto(b"x", ("127.0.0.1", port))]


def attack_listen(_):
    import socket

    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    return ["listening"]


def attack_resolve(_):
    """Look a name up, and make the sockets that this takes: without a network only these tell."""
    import socket

    got = []
    try:
        got.append(str(socket.getaddrinfo("example.org", 80)))
    except OSError:
        pass
    # Of the name server, of the cache daemon, of the routing table.
    for family, kind in ((2, 2), (2, 1), (1, 1), (16, 3)):
        try:
            got.append(str(socket.socket(family, kind)))
        except PermissionError:
            pass
    return got


def attack_unix(address):
    import socket

    got = []
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            channel = socket.socket(socket.AF_UNIX, kind)
            channel.connect(address)
            got.append(address)
        except OSError:
            pass
    return got


def attack_unix_by_pair(address):
    import socket

    one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return [one.sendto(b"forged", address)]


def attack_pass_descriptor(_):
    import socket

    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=3)
    try:
        return [socket.send_fds(channel, [b"x"], [0])]
    finally:
        channel.detach()


def attack_receive_descriptor(_):
    import socket

    one, _ = socket.socketpair(socket.AF_UNIX)
    return [socket.recv_fds(one, 1, 1)]


def attack_change_the_socket(_):
    import socket

    got = []
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=3)
    changes = {
        "a larger buffer": lambda: channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30),
        "whose it is": lambda: channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12),
        "its peer": channel.getpeername,
        "an end of writing": lambda: channel.shutdown(socket.SHUT_RD),
        "another peer": lambda: channel.connect("\0quizzer-test"),
    }
    for name, change in changes.items():
        try:
            change()
            got.append(name)
        except OSError:
            pass
    channel.detach()
    return got


def attack_other_families(_):
    import socket

    got = []
    for family, kind in ((16, 3), (17, 3), (40, 1), (38, 5), (44, 3), (29, 3)):
        try:
            got.append(str(socket.socket(family, kind)))
        except OSError:
            pass
    return got


@pytest.fixture(scope="module")
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def datagrams(tmp_path):
    """Sockets of the host, by path and by abstract name, that anybody may write to."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    path = tmp_path / "log"
    by_path = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    by_path.bind(str(path))
    path.chmod(0o777)
    by_name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    by_name.bind("\0quizzer-test")
    for channel in (by_path, by_name):
        channel.setblocking(False)
    with by_path, by_name:
        yield {"path": (by_path, str(path)), "name": (by_name, "\0quizzer-test")}


@pytest.mark.parametrize("attack", [attack_tcp, attack_udp])
def test_no_packet_leaves(pool, hold, attack, listener):
    hold(pool, attack, listener)


@pytest.mark.parametrize(
    "attack",
    [attack_listen, attack_resolve, attack_other_families],
)
def test_no_socket_is_made(pool, hold, attack):
    hold(pool, attack)


@pytest.mark.parametrize(
    "attack",
    [attack_pass_descriptor, attack_receive_descriptor, attack_change_the_socket],
)
def test_the_socket_carries_bytes_and_nothing_else(pool, hold, attack):
    hold(pool, attack)


@pytest.mark.parametrize("attack", [attack_unix, attack_unix_by_pair])
@pytest.mark.parametrize("kind", ["path", "name"])
def test_no_socket_of_the_host_is_reached(pool, hold, attack, kind, datagrams):
    channel, address = datagrams[kind]
    hold(pool, attack, address)
    with pytest.raises(BlockingIOError):
        channel.recv(10)
