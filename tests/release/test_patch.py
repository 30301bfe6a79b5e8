"""The patch between two releases: an independent reader gets from the one to the other by it."""

import gzip
import hashlib
import re
from itertools import pairwise
from pathlib import Path

import pytest
import rdflib
from succession import three

from app.errors import Fault
from app.release.history import patch

OLD = b'<urn:a> <urn:p> "1" .\n<urn:b> <urn:p> "x\\u2028y" .\n'
NEW = b'<urn:a> <urn:p> "2" .\n<urn:b> <urn:p> "x\\u2028y" .\n'


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def applied(rows: str, old: str) -> tuple[dict[str, str], str]:
    """Return the headers of a patch, and what it makes of N-Quads: read by the specification.

    It knows nothing of ours: a row is a letter, terms and a point; the order of rows is kept.
    """
    headers: dict[str, str] = {}
    quads = dict.fromkeys(old.split("\n")[:-1])
    inside = False
    for row in rows.split("\n")[:-1]:
        letter, _, rest = row.partition(" ")
        assert rest.endswith("."), row
        if letter == "H":
            name, value = rest.removesuffix(" .").split(" ")
            headers[name] = value
        elif letter == "TX":
            inside = True
        elif letter == "TC":
            inside = False
        elif letter == "A":
            assert inside
            assert rest not in quads
            quads[rest] = None
        else:
            assert (letter, inside) == ("D", True)
            del quads[rest]
    assert not inside
    return headers, "".join(f"{quad}\n" for quad in sorted(quads))


def test_an_independent_reader_gets_from_each_release_to_the_next(tmp_path: Path) -> None:
    folder = three(tmp_path)
    days = ["2026-01-01", "2026-01-02", "2026-01-03"]
    for before, after in pairwise(days):
        old = (folder / before / "dialogue.nq").read_bytes()
        new = (folder / after / "dialogue.nq").read_bytes()
        file = folder / after / f"from-{before}.patch.gz"
        headers, made = applied(gzip.decompress(file.read_bytes()).decode(), old.decode())
        assert headers == {
            "id": f"<urn:sha256:{digest(new)}>",
            "prev": f"<urn:sha256:{digest(old)}>",
        }
        assert made.encode() == new
        assert patch.apply(file.read_bytes(), old) == new
    assert not list((folder / days[0]).glob("from-*"))


def test_every_row_is_a_quad_to_another_reader(tmp_path: Path) -> None:
    folder = three(tmp_path)
    file = folder / "2026-01-02" / "from-2026-01-01.patch.gz"
    rows = gzip.decompress(file.read_bytes()).decode()
    quads = re.findall(r"^[AD] (.*)$", rows, re.M)
    dataset = rdflib.Dataset()
    dataset.parse(data="\n".join(quads), format="nquads")
    assert len(list(dataset.quads())) == len(quads) > 20


def test_the_patch_is_whole_and_always_the_same() -> None:
    made = patch.between(OLD, NEW)
    assert made == patch.between(OLD, NEW)
    assert gzip.decompress(made).decode() == (
        f"H id <urn:sha256:{digest(NEW)}> .\n"
        f"H prev <urn:sha256:{digest(OLD)}> .\n"
        "TX .\n"
        'D <urn:a> <urn:p> "1" .\n'
        'A <urn:a> <urn:p> "2" .\n'
        "TC .\n"
    )
    assert patch.apply(made, OLD) == NEW


def test_no_difference_is_a_patch_too() -> None:
    made = patch.between(OLD, OLD)
    assert patch.apply(made, OLD) == OLD


def test_a_patch_from_elsewhere_is_refused() -> None:
    made = patch.between(OLD, NEW)
    with pytest.raises(Fault) as fault:
        patch.apply(made, NEW)
    assert str(fault.value) == (
        f"the patch starts from {digest(OLD)[:12]}, and this is {digest(NEW)[:12]}"
    )


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda rows: rows.replace(b'"2"', b'"3"'), "the patch leads to "),
        (lambda rows: rows.replace(b"TC .\n", b""), "the patch is damaged: it does not say"),
        (lambda rows: rows.replace(b"H id", b"H it"), "the patch is damaged: it does not say"),
    ],
)
def test_a_damaged_patch_is_refused(damage: object, why: str) -> None:
    rows = gzip.decompress(patch.between(OLD, NEW))
    with pytest.raises(Fault, match=why):
        patch.apply(gzip.compress(damage(rows)), OLD)  # type: ignore[operator]
    with pytest.raises(Fault, match="it cannot be decompressed"):
        patch.apply(rows, OLD)
