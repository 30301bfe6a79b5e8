"""The heads of requests: what is one, and how long its body is (RFC 9112).

Whoever stands between us and the client must see the same requests as we do. So whatever can be
read in two ways is refused here, before a parser sees it, and the parsers behind are given one
form of what remains; which of them it is changes nothing.
"""

import re
from dataclasses import dataclass

from app import errors
from app.sparql.protocol import MAX_ADDRESS

HEAD_BYTES = 64 * 1024
FIELDS = 100
METHODS = frozenset(
    (b"GET", b"HEAD", b"POST", b"QUERY", b"OPTIONS", b"PUT", b"PATCH", b"DELETE", b"TRACE")
)
# The path beside the longest query.
_TARGET_BYTES = MAX_ADDRESS + 1024
_LENGTH_DIGITS = 15
_VERSION = re.compile(rb"HTTP/[0-9]\.[0-9]")
_NAME = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TOKEN = re.compile(_NAME)
_TOKENS = re.compile(rb"%b(?:[ \t]*,[ \t]*%b)*" % (_NAME, _NAME))
_FIELD = re.compile(rb"(%b):([\t -~\x80-\xff]*)" % _NAME)
_TARGET = re.compile(rb"[!-~]+")
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)([^#]*)", re.IGNORECASE)
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~%!$&'()*+,;=]*)(?::[0-9]*)?")
# Offers of another protocol are declined by not passing them on (RFC 9110, section 7.8).
_UPGRADE = frozenset((b"upgrade", b"http2-settings"))
_REWRITTEN = _UPGRADE | {b"host", b"connection"}
_FORWARDED = frozenset((b"forwarded", b"x-forwarded-for"))


@dataclass(frozen=True)
class RequestHead:
    """A head that is well-formed.

    `length` is the bytes of the body, None where it comes in chunks; `text` the head in the form
    that parsers are given; `forwarded` whether it names somebody else as its sender; `expects`
    whether the body waits for our word.
    """

    text: bytes
    length: int | None
    forwarded: bool
    expects: bool


def read_head(head: bytes) -> RequestHead:
    """Return what the head says, which ends with its empty line. Raises Rejected."""
    line, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    method, target, version = read_line(line)
    if len(lines) > FIELDS:
        raise errors.head_too_large(f"A request may have {FIELDS} header fields.")
    fields = [_field(field) for field in lines]
    host = _host([value for name, value in fields if name == b"host"], version)
    length = _length(fields, version)
    asked = target
    if target == b"*":
        if method != b"OPTIONS":
            raise errors.request_malformed("The target * is for OPTIONS alone.")
        target = b"/"
    elif not target.startswith(b"/"):
        host, target = _absolute(target)
    upgrades = [name for name, _ in fields if name in _UPGRADE]
    text = head
    if upgrades or target != asked:
        passed = [field for field in fields if field[0] not in _REWRITTEN]
        passed += [(b"host", host)] if host is not None else []
        connection = [v for v in _connection(fields) if v not in _UPGRADE]
        passed += [(b"connection", b", ".join(connection))] if connection else []
        text = b"%b %b %b\r\n" % (method, target, version)
        text += b"".join(b"%b: %b\r\n" % field for field in passed) + b"\r\n"
    return RequestHead(
        text,
        length,
        any(name in _FORWARDED for name, _ in fields),
        any(name == b"expect" and value.lower() == b"100-continue" for name, value in fields),
    )


def read_line(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Return method, target and version of a request line. Raises Rejected."""
    parts = line.split(b" ")
    if len(parts) != 3 or not _VERSION.fullmatch(parts[2]):
        raise errors.request_malformed("The first line is not “method target HTTP/1.1”.")
    method, target, version = parts
    if version not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise errors.protocol_version()
    if not _TOKEN.fullmatch(method):
        raise errors.request_malformed("The method is no name.")
    if method not in METHODS:
        raise errors.not_implemented("No address here knows this method.")
    if len(target) > _TARGET_BYTES:
        raise errors.address_too_long(MAX_ADDRESS)
    if not _TARGET.fullmatch(target) or b"#" in target:
        detail = "The target holds what an address cannot hold; percent-encode the bytes of UTF-8."
        raise errors.request_malformed(detail)
    return method, target, version


def too_long(start: bytes) -> errors.Rejected | None:
    """Return the refusal of a head that begins so and has not ended, if it is too long already."""
    if b"\n" not in start[: _TARGET_BYTES + 64] and len(start) > _TARGET_BYTES + 64:
        return errors.address_too_long(MAX_ADDRESS)
    if len(start) > HEAD_BYTES:
        return errors.head_too_large(f"The head of a request may have {HEAD_BYTES} bytes.")
    return None


def _field(line: bytes) -> tuple[bytes, bytes]:
    match = _FIELD.fullmatch(line)
    if match is None:
        raise errors.request_malformed("A line of the head is not “name: value”.")
    return match[1].lower(), match[2].strip(b" \t")


def _host(hosts: list[bytes], version: bytes) -> bytes | None:
    if len(hosts) > 1 or (not hosts and version == b"HTTP/1.1"):
        raise errors.request_malformed("A request has one Host.")
    if hosts and not _HOST.fullmatch(hosts[0]):
        raise errors.request_malformed("Host is no name and port.")
    return hosts[0] if hosts else None


def _absolute(target: bytes) -> tuple[bytes, bytes]:
    """Return the authority of an absolute target, which counts for more than Host, and its rest."""
    match = _ABSOLUTE.fullmatch(target)
    if match is None or not match[1] or not _HOST.fullmatch(match[1]):
        raise errors.request_malformed("The target is neither a path nor an http address.")
    rest = match[2]
    return match[1], rest if rest.startswith(b"/") else b"/" + rest


def _length(fields: list[tuple[bytes, bytes]], version: bytes) -> int | None:
    lengths = [value for name, value in fields if name == b"content-length"]
    codings = [value for name, value in fields if name == b"transfer-encoding"]
    if codings:
        if lengths or len(codings) > 1 or version == b"HTTP/1.0":
            raise errors.request_malformed("The length of the body can be read in two ways.")
        if codings[0].lower() == b"chunked":
            return None
        if not _TOKENS.fullmatch(codings[0]):
            raise errors.request_malformed("Transfer-Encoding is no list of codings.")
        raise errors.not_implemented("The only transfer coding is chunked.")
    if not lengths:
        return 0
    # Digits of ASCII; of two lengths, even two equal ones, somebody may count another.
    if len(lengths) > 1 or not re.fullmatch(rb"[0-9]{1,%d}" % _LENGTH_DIGITS, lengths[0]):
        raise errors.request_malformed("Content-Length is no length, or not the only one.")
    return int(lengths[0])


def _connection(fields: list[tuple[bytes, bytes]]) -> list[bytes]:
    values = b",".join(value for name, value in fields if name == b"connection")
    return [token.strip().lower() for token in values.split(b",") if token.strip()]
