"""The port: bound before anything is loaded, so that who asks early is told to come again."""

import errno
import socket

from app.errors import Fault

_BACKLOG = 2048


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens at a host's port, any free one for 0.

    Raises Fault, in one line, if the port is taken or may not be had.
    """
    try:
        (family, _, _, _, address), *_ = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except socket.gaierror:
        raise Fault(f"--host {host}: there is no such address") from None
    # By its protocol, or the event loop takes it for no TCP socket and lets small writes wait.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        why = error.strerror
        if error.errno == errno.EADDRINUSE:
            why = "another program listens there; choose another with --port"
        raise Fault(f"port {port} of {host} cannot be had: {why}") from None
    return sock


def address_of(sock: socket.socket) -> str:
    """Return the address at which a socket is reached.

    >>> with bind("127.0.0.1", 0) as sock:
    ...     address_of(sock) == f"http://127.0.0.1:{sock.getsockname()[1]}/"
    True
    """
    host, port, *_ = sock.getsockname()
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
