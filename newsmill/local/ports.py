"""Free ports of loopback."""

import socket

LOOPBACK = "127.0.0.1"
LAST_PORT = 65_535


def free_ports(first: int, count: int) -> list[int]:
    """Returns the first `count` ports from `first` on that nobody listens on."""
    ports: list[int] = []
    for port in range(first, LAST_PORT + 1):
        if is_free(port):
            ports.append(port)
        if len(ports) == count:
            break
    return ports


def is_free(port: int) -> bool:
    """Returns whether nobody listens on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
