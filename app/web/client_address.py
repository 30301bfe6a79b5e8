"""Who a client is: the address that its requests count for."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from app.settings import Network, networks

__all__ = ["Network", "client_of", "counted", "counted_host", "is_trusted", "networks"]

# One household or office has the addresses of a /64 (RFC 4291, section 2.5.4; RFC 6177).
_PREFIX = 64


def client_of(scope: Scope, trusted: Sequence[Network] = ()) -> str:
    """Return the address that a request counts for, an IPv6 one as its /64; "" where none is known.

    A proxy that is `trusted` is no client: what it forwards counts for the last address of
    X-Forwarded-For that is not trusted itself, since only those behind it are the proxy's own word.
    From anybody else the header is ignored.
    """
    host, _ = scope.get("client") or ("", 0)
    if not trusted:
        return _direct(host)
    address = _address(host)
    if address is None or not is_trusted(address, trusted):
        return host if address is None else counted(address)
    forwarded = ", ".join(Headers(scope=scope).getlist("x-forwarded-for"))
    for written in reversed(forwarded.split(",")):
        named = _address(written)
        if named is None:
            break
        address = named
        if not is_trusted(address, trusted):
            break
    return counted(address)


@lru_cache(4096)
def _direct(host: str) -> str:
    address = _address(host)
    return host if address is None else counted(address)


def counted(address: IPv4Address | IPv6Address) -> str:
    """Return what requests from an address count for: itself, or the /64 of an IPv6 address.

    >>> counted(ip_address("2001:db8::1")), counted(ip_address("::ffff:192.0.2.1"))
    ('2001:db8::/64', '192.0.2.1')
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address, _PREFIX), strict=False))
    return str(address)


def is_trusted(address: IPv4Address | IPv6Address, trusted: Sequence[Network]) -> bool:
    """Return whether an address is one of the trusted proxies'."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in trusted)


def counted_host(host: str, trusted: Sequence[Network] = ()) -> str | None:
    """Return what a connection from `host` counts for; None for one of a trusted proxy.

    A host that is no address, as that of a socket in a file system, counts for its own text.
    """
    address = _address(host)
    if address is None:
        return host
    return None if is_trusted(address, trusted) else counted(address)


def _address(written: str) -> IPv4Address | IPv6Address | None:
    text = written.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None
