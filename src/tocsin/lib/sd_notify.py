"""A word to the service manager that started us: ready, stopping. Without one, nothing happens.

The protocol is systemd's sd_notify(3): one datagram to the Unix socket that NOTIFY_SOCKET names.
"""

import socket
from collections.abc import Mapping


def tell(environment: Mapping[str, str], state: str) -> bool:
    """Send `state`, such as `READY=1`; whether anybody asked to be told. A socket that is gone is nobody's trouble."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    name = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.connect(name)
            line.sendall(state.encode())
    except OSError:
        return False
    return True
