"""Content codings: which one a client likes, and bytes in it (RFC 9110, 8.4 and 12.5.3)."""

import re
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

IDENTITY, GZIP = "identity", "gzip"
# In the order in which we like them: the first is as small as the second and quicker to make.
OFFERED = "zstd", "br", GZIP
_WEIGHT = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_REMEMBERED = 256
# Whole contents are compressed once and kept; a stream is compressed while somebody waits.
_GZIP, _BROTLI, _ZSTD = 6, 5, 9
_GZIP_STREAM, _BROTLI_STREAM, _ZSTD_STREAM = 3, 2, 3
_WITH_GZIP_HEADER = 31


@dataclass(frozen=True)
class Coding:
    """The content coding of a response; `required` where the client takes no other, not even none.

    `name` is that of the coding, `identity` for none. `gzip` tells whether that is taken too, by
    which a file may lie ready.
    """

    name: str
    required: bool = False
    gzip: bool = False


class Encoder(Protocol):
    """Compresses a stream, so that each part can be read when it has arrived."""

    def encode(self, data: bytes) -> bytes:
        """Return the next bytes, with all that was given."""

    def finish(self) -> bytes:
        """Return the last bytes."""


def choose(header: str | None) -> Coding | None:
    """Return the coding for an Accept-Encoding; None where the client takes none that we have.

    >>> choose("gzip, br;q=0.5").name, choose("gzip;q=0").name, choose(None).name
    ('gzip', 'identity', 'identity')
    >>> choose("identity;q=0") is None, choose("*").name
    (True, 'zstd')
    >>> choose("br, gzip;q=0.5").gzip, choose("gzip;q=0, *").gzip
    (True, False)
    """
    if header is None:
        return _NONE_ASKED
    return _choose(header) if len(header) > _REMEMBERED else _remembered(header)


def _weights(header: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for member in header.lower().split(","):
        name, _, parameter = member.partition(";")
        key, _, value = parameter.partition("=")
        weight = 1.0
        if parameter.strip():
            if key.strip() != "q" or not _WEIGHT.fullmatch(value.strip()):
                continue
            weight = float(value)
        weights.setdefault({"x-gzip": GZIP}.get(name.strip(), name.strip()), weight)
    return weights


def _choose(header: str) -> Coding | None:
    weights = _weights(header)
    others = weights.get("*", 0.0)
    gzip = weights.get(GZIP, others) > 0
    best = max(OFFERED, key=lambda name: weights.get(name, others))
    most = weights.get(best, others)
    # None at all is taken too, unless it is refused by its name or with all the others.
    if weights.get(IDENTITY, weights.get("*")) == 0:
        return Coding(best, required=True, gzip=gzip) if most > 0 else None
    # Who names a coding wants it, unless it likes none at all better.
    wanted = most > 0 and most >= weights.get(IDENTITY, 0.0)
    return Coding(best if wanted else IDENTITY, gzip=gzip)


_remembered = lru_cache(maxsize=512)(_choose)
_NONE_ASKED = Coding(IDENTITY)


def coded_tag(tag: str, coding: str) -> str:
    """Return the entity tag of a content in a coding, by that of the content.

    >>> coded_tag('"a"', "gzip"), coded_tag('"a"', "identity")
    ('"a-gzip"', '"a"')
    """
    return tag if coding == IDENTITY else f'{tag[:-1]}-{coding}"'


def compress(coding: str, content: bytes) -> bytes:
    """Return a whole content in a coding, the same bytes each time."""
    if coding == GZIP:
        maker = zlib.compressobj(_GZIP, zlib.DEFLATED, _WITH_GZIP_HEADER)
        return maker.compress(content) + maker.flush()
    if coding == "br":
        return bytes(brotli.compress(content, quality=_BROTLI))
    return bytes(zstd.compress(content, _ZSTD))


def encoder(coding: str) -> Encoder:
    """Return what compresses a stream in a coding."""
    return _ENCODERS[coding]()


class _Gzip:
    def __init__(self) -> None:
        self._maker = zlib.compressobj(_GZIP_STREAM, zlib.DEFLATED, _WITH_GZIP_HEADER)

    def encode(self, data: bytes) -> bytes:
        return self._maker.compress(data) + self._maker.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._maker.flush()


class _Brotli:
    def __init__(self) -> None:
        self._maker = brotli.Compressor(quality=_BROTLI_STREAM)

    def encode(self, data: bytes) -> bytes:
        return bytes(self._maker.process(data) + self._maker.flush())

    def finish(self) -> bytes:
        return bytes(self._maker.finish())


class _Zstd:
    def __init__(self) -> None:
        self._maker = zstd.ZstdCompressor(_ZSTD_STREAM)

    def encode(self, data: bytes) -> bytes:
        return self._maker.compress(data, self._maker.FLUSH_BLOCK)

    def finish(self) -> bytes:
        return self._maker.flush()


_ENCODERS: dict[str, Callable[[], Encoder]] = {GZIP: _Gzip, "br": _Brotli, "zstd": _Zstd}
