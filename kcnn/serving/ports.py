"""Taking a port before anything slow begins."""

import errno
import socket

from kcnn.errors import InputError


def claim(host: str, port: int) -> socket.socket:
    """A listening socket on `host` and `port` (0: any free one).

    Raises `InputError` if the port is in use or may not be used, or the address is not this machine's.
    """
    if not 0 <= port <= 65535:
        raise InputError(f"port must be in 0..65535, got {port}")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise InputError(f"host {host!r} is not an address") from None
    listening = socket.socket(family, kind)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"port {port} on {host} is in use: choose another with --port") from None
        raise InputError(f"cannot listen on {host} port {port}: {error.strerror}") from None
    return listening


def url(listening: socket.socket) -> str:
    """Where a browser on this machine reaches the socket."""
    host, port = listening.getsockname()[:2]
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{local}]:{port}" if ":" in local else f"http://{local}:{port}"
