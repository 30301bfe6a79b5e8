"""The files of a release that lie ready, packed by gzip: whole as they are, plain in parts."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import Shop, web
from website import website


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packed") / "release"


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Shop]:
    with website(folder) as found:
        yield found


def raw(shop: Shop, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return what comes, not unpacked."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    with web.stream("GET", shop.url + path, headers={"Accept-Encoding": "", **sent}) as answer:
        content = b"".join(answer.iter_raw())
    return answer.status_code, dict(answer.headers), content


@pytest.mark.parametrize("name", ["dialogue.nq", "dialogue.rdf", "dialogue-rdf12.ttl"])
def test_who_takes_gzip_gets_the_file_that_lies_ready(shop: Shop, folder: Path, name: str) -> None:
    status, headers, content = raw(shop, f"dump/{name}", Accept_Encoding="gzip")
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert content == (folder / f"{name}.gz").read_bytes()
    assert "Accept-Encoding" in headers["vary"]
    status, plain, content = raw(shop, f"dump/{name}", Accept_Encoding="identity")
    assert (status, content) == (200, (folder / name).read_bytes())
    assert "content-encoding" not in plain
    assert plain["etag"] != headers["etag"]
    assert plain["content-type"] == headers["content-type"]


def test_the_packed_file_is_a_file_too_and_is_not_packed_again(shop: Shop, folder: Path) -> None:
    packed = (folder / "dialogue.nq.gz").read_bytes()
    status, headers, content = raw(shop, "dump/dialogue.nq.gz", Accept_Encoding="gzip, br, zstd")
    assert (status, content) == (200, packed)
    assert headers["content-type"] == "application/gzip"
    assert "content-encoding" not in headers
    part = raw(shop, "dump/dialogue.nq.gz", Range="bytes=2-5", Accept_Encoding="gzip")
    assert (part[0], part[2]) == (206, packed[2:6])


def test_a_part_is_of_the_plain_file_whatever_is_taken(shop: Shop, folder: Path) -> None:
    plain = (folder / "dialogue.nq").read_bytes()
    status, headers, content = raw(shop, "dump/dialogue.nq", Accept_Encoding="gzip")
    rest = raw(shop, "dump/dialogue.nq", Accept_Encoding="gzip", Range="bytes=100-")
    assert (rest[0], rest[2]) == (206, plain[100:])
    assert "content-encoding" not in rest[1]
    # Who holds the packed file and asks for more of it gets all anew.
    tag = headers["etag"]
    again = raw(
        shop, "dump/dialogue.nq", Accept_Encoding="identity", Range="bytes=9-", If_Range=tag
    )
    assert (again[0], again[2]) == (200, plain)
    assert (status, gzip.decompress(content)) == (200, plain)
