"""The transport of a connection, which knows how much its client has taken."""

import asyncio
import socket
import struct
import sys
from array import array
from collections.abc import Callable
from contextlib import suppress
from typing import Any

if sys.platform == "linux":
    import fcntl
    import termios


class MeteredTransport(asyncio.Transport):
    """Passes everything on to a transport; counts what is written; asks before it closes.

    `may_close` returns whether the connection may close now, and sees to it otherwise. A head
    waits for its body as long as nothing else has to be done in between: to hand both to the
    system at once costs half as much.
    """

    def __init__(self, transport: asyncio.Transport, may_close: Callable[[], bool]) -> None:
        super().__init__()
        self._transport, self._may_close = transport, may_close
        self._written = 0
        self._head: bytes | bytearray | memoryview = b""
        self.ended = False

    def taken(self) -> int:
        """Return how many bytes the client's side has taken, as far as this system can tell."""
        return self._written - self.get_write_buffer_size() - self._in_kernel()

    def _in_kernel(self) -> int:
        if sys.platform == "linux":
            waiting = array("i", [0])
            with suppress(OSError, ValueError, AttributeError):
                descriptor = self._transport.get_extra_info("socket").fileno()
                fcntl.ioctl(descriptor, termios.TIOCOUTQ, waiting)
                return waiting[0]
        return 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write, unless the last word has been said."""
        if self.ended:
            return
        self._written += len(data)
        if self._head:
            head, self._head = self._head, b""
            self._transport.writelines([head, data] if data else [head])
        elif data[-4:] == b"\r\n\r\n" and data[:5] == b"HTTP/":
            self._head = data
            asyncio.get_running_loop().call_soon(self._flush)
        else:
            self._transport.write(data)

    def _flush(self) -> None:
        """Send a head whose body lets wait for itself."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def end(self, data: bytes = b"") -> None:
        """Write the last word; reading goes on until somebody closes."""
        self.write(data)
        self._flush()
        self.ended = True
        with suppress(OSError, RuntimeError):
            self._transport.write_eof()

    def close(self) -> None:
        """Close when what is written has been sent, and if it may be."""
        if self._may_close():
            self._flush()
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._head = b""
        self._transport.abort()

    def reset(self) -> None:
        """Close at once and forget what the client has not taken, in the system too."""
        self._head = b""
        with suppress(OSError, AttributeError):
            at_once = struct.pack("ii", 1, 0)
            sock = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self._transport.abort()

    def is_closing(self) -> bool:
        """Return whether nothing more can be answered."""
        return self.ended or self._transport.is_closing()

    def pause_reading(self) -> None:
        """Read no more for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait to be sent."""
        return len(self._head) + self._transport.get_write_buffer_size()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows of itself."""
        return self._transport.get_extra_info(name, default)
