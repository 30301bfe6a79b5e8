"""The chunks of a body (RFC 9112, section 7.1): where they end, and what is in them."""

import re
from enum import Enum

from app import errors
from app.server.front.request_head import FIELDS, HEAD_BYTES

_LINE_BYTES = 256
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[\t -~\x80-\xff]*)?")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*")


class _Part(Enum):
    SIZE = "size"
    DATA = "data"
    END = "end of data"
    TRAILER = "trailer"
    DONE = "done"


class ChunkedBody:
    """Reads a body that comes in chunks, a piece at a time.

    Extensions of chunks and the fields behind the last one are checked and left out: nothing here
    asks for them.
    """

    def __init__(self) -> None:
        self._part = _Part.SIZE
        self._line = bytearray()
        self._left = 0
        self._trailers, self._trailer_bytes = 0, 0

    @property
    def done(self) -> bool:
        """Whether the body has ended."""
        return self._part is _Part.DONE

    def feed(self, data: bytes) -> tuple[bytes, int]:
        """Return what of the body a piece holds, and how many bytes of it belong to the body.

        Raises Rejected.
        """
        content, at = [], 0
        while at < len(data) and self._part is not _Part.DONE:
            if self._part is _Part.DATA:
                piece = data[at : at + self._left]
                content.append(piece)
                at += len(piece)
                self._left -= len(piece)
                if not self._left:
                    self._part = _Part.END
                continue
            end = data.find(b"\n", at)
            piece = data[at:] if end < 0 else data[at : end + 1]
            at += len(piece)
            self._line += piece
            if len(self._line) > (HEAD_BYTES if self._part is _Part.TRAILER else _LINE_BYTES):
                raise errors.request_malformed("A line between chunks is too long.")
            if end >= 0:
                self._end_line(bytes(self._line))
                self._line.clear()
        return b"".join(content), at

    def _end_line(self, line: bytes) -> None:
        text = line.removesuffix(b"\r\n")
        if len(text) != len(line) - 2:
            raise errors.request_malformed("A line between chunks does not end with CRLF.")
        if self._part is _Part.END:
            if text:
                raise errors.request_malformed("A chunk is longer than its size.")
            self._part = _Part.SIZE
        elif self._part is _Part.SIZE:
            match = _SIZE.fullmatch(text)
            if match is None:
                raise errors.request_malformed("The size of a chunk is no hexadecimal number.")
            self._left = int(match[1], 16)
            self._part = _Part.DATA if self._left else _Part.TRAILER
        elif not text:
            self._part = _Part.DONE
        else:
            self._trailers += 1
            self._trailer_bytes += len(line)
            if self._trailers > FIELDS or self._trailer_bytes > HEAD_BYTES:
                raise errors.head_too_large("There are too many fields behind the body.")
            if not _TRAILER.fullmatch(text):
                raise errors.request_malformed("A line behind the body is not “name: value”.")
