"""What a connection's socket can tell and be told beyond its transport."""

import asyncio
import os
import socket
import struct


def reset_on_close(transport: asyncio.Transport) -> None:
    """End by RST instead of FIN."""
    linger = struct.pack("ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def is_left(transport: asyncio.Transport) -> bool:
    """Whether the other side has closed its end already, and this one has yet to notice."""
    number = transport.get_extra_info("socket").fileno()
    with socket.socket(fileno=os.dup(number)) as look:
        try:
            return look.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
