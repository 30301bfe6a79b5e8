"""Content codings: which is chosen, and that others read what is written."""

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from app.web.compression import IDENTITY, Coding, choose, coded_tag, compress, encoder

TEXT = "".join(
    f"<http://example.org/{n}> a <http://example.org/é> .\n" for n in range(2000)
).encode()
READERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, "identity"),
        ("", "identity"),
        ("identity", "identity"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0.5, zstd;q=0.50, br;q=0.499", "zstd"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0, *", "zstd"),
        ("*", "zstd"),
        ("*;q=0.1, br;q=0.2", "br"),
        ("deflate, compress", "identity"),
        ("identity;q=1, gzip;q=0.5", "identity"),
        ("identity;q=0.5, gzip;q=1", "gzip"),
        ("gzip;q=2", "identity"),
        ("gzip;q=nan", "identity"),
        ("gzip;q=0.0001", "identity"),
        ("gzip;level=1", "identity"),
        (",, gzip ;q=0.3 ,", "gzip"),
        ("gzip" + ", x" * 2000, "gzip"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_client_chooses_the_coding(header: str | None, name: str) -> None:
    coding = choose(header)
    assert coding is not None
    assert (coding.name, coding.required) == (name, False)


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        (None, False),
        ("identity", False),
        ("identity, gzip;q=0.1", True),
        ("zstd, gzip;q=0.1", True),
        ("zstd, x-gzip;q=0.1", True),
        ("zstd, *;q=0.1", True),
        ("zstd", False),
        ("gzip;q=0, *", False),
    ],
)
def test_whether_gzip_is_taken_beside_what_is_liked_best(header: str | None, taken: bool) -> None:
    coding = choose(header)
    assert coding is not None
    assert coding.gzip == taken


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("identity;q=0, gzip", Coding("gzip", required=True, gzip=True)),
        ("identity;q=0, *", Coding("zstd", required=True, gzip=True)),
        ("*;q=0, br", Coding("br", required=True)),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("deflate, identity;q=0", None),
        ("*;q=0, identity", Coding(IDENTITY)),
    ],
)
def test_who_refuses_what_is_not_coded_gets_it_coded_or_nothing(
    header: str, coding: Coding | None
) -> None:
    assert choose(header) == coding


@pytest.mark.parametrize("coding", READERS)
@pytest.mark.parametrize("content", [b"", b"x", TEXT], ids=["empty", "short", "long"])
def test_what_is_compressed_is_read_by_others(coding: str, content: bytes) -> None:
    coded = compress(coding, content)
    assert READERS[coding](coded) == content
    assert compress(coding, content) == coded
    if content is TEXT:
        assert len(coded) * 4 < len(content)


@pytest.mark.parametrize("coding", READERS)
def test_each_part_of_a_stream_can_be_read_when_it_is_there(coding: str) -> None:
    partial: dict[str, Callable[[], Callable[[bytes], bytes]]] = {
        "gzip": lambda: zlib.decompressobj(31).decompress,
        "br": lambda: brotli.Decompressor().process,
        "zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress,
    }
    read, made = partial[coding](), encoder(coding)
    parts = [TEXT[start : start + 9000] for start in range(0, len(TEXT), 9000)]
    stream = b""
    for part in parts:
        coded = made.encode(part)
        assert read(coded) == part
        stream += coded
    cut, stream = stream, stream + made.finish()
    assert READERS[coding](stream) == TEXT
    if coding == "gzip":
        # Without its end it is no whole file.
        with pytest.raises(EOFError):
            gzip.decompress(cut)


def test_a_tag_is_that_of_a_coding() -> None:
    assert coded_tag('"a"', "gzip") == '"a-gzip"'
    assert coded_tag('"a"', IDENTITY) == '"a"'
