"""Files: their formats, their text, their statements."""

import gzip
import random
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Fault, ParseFault
from app.rdf.source import Source, format_of, read_source, unpacked

LINE = b"<http://e/s> <http://e/p> <http://e/o> .\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.ttl", ox.RdfFormat.TURTLE),
        ("a.TRIG", ox.RdfFormat.TRIG),
        ("a.b.nt.gz", ox.RdfFormat.N_TRIPLES),
        ("a.nq.GZ", ox.RdfFormat.N_QUADS),
        ("a.jsonld", ox.RdfFormat.JSON_LD),
        ("a.json.gz", ox.RdfFormat.JSON_LD),
        ("a.rdf", ox.RdfFormat.RDF_XML),
        ("a.owl", ox.RdfFormat.RDF_XML),
        ("a.xml", ox.RdfFormat.RDF_XML),
    ],
)
def test_the_suffix_tells_the_format(name: str, expected: ox.RdfFormat) -> None:
    assert format_of(name) == expected


@pytest.mark.parametrize("name", ["a.csv", "a", "a.gz", "a.ttl.zip", ".ttl"])
def test_a_suffix_of_no_format_is_refused(name: str) -> None:
    with pytest.raises(Fault, match="unknown kind of file"):
        format_of(name)


def test_a_media_type_counts_more_than_the_suffix() -> None:
    assert format_of("a.nt", "text/turtle; charset=utf-8") == ox.RdfFormat.TURTLE
    assert format_of("-", "Application/LD+JSON") == ox.RdfFormat.JSON_LD
    with pytest.raises(Fault, match="text/csv is no media type"):
        format_of("a.ttl", "text/csv")


def test_a_compressed_file_is_read_with_all_its_members(tmp_path: Path) -> None:
    path = tmp_path / "a.nt.gz"
    path.write_bytes(gzip.compress(LINE) + gzip.compress(LINE * 2) + b"\0" * 8)
    assert read_source(path).text == (LINE * 3).decode()
    # What is not compressed is read too, whatever it is called.
    path.write_bytes(LINE)
    assert read_source(path).text == LINE.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(LINE)[:-9], "the compressed file ends too early"),
        (gzip.compress(LINE)[:-3] + b"abc", "damaged"),
        (gzip.compress(LINE) + b"rubbish", "damaged"),
        (b"\x1f\x8b", "the compressed file ends too early"),
        (gzip.compress(b" \n"), "the file is empty"),
        (b"", "the file is empty"),
    ],
    # By numbers: gzip writes the time into its bytes, and a name has to be the same every time.
    ids=range(6),
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.nt.gz"
    path.write_bytes(content)
    with pytest.raises(Fault) as fault:
        read_source(path)
    assert str(fault.value).startswith(f"{path}: ")
    assert message in str(fault.value)


def test_a_file_that_grows_too_large_is_refused_before_it_is_there() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(unpacked(gzip.compress(b"a" * 1000), "a.nt.gz", 1000)) == 1000
    with pytest.raises(Fault, match="larger than 1,000,000 bytes"):
        unpacked(bomb, "a.nt.gz", 1_000_000)
    with pytest.raises(Fault, match="larger than 1,500 bytes"):
        unpacked(gzip.compress(b"a" * 1000) * 2, "a.nt.gz", 1500)


@pytest.mark.parametrize("inner", [b"", b"a"], ids=["empty", "of a byte"])
def test_many_members_take_a_time_that_grows_with_their_number_alone(inner: bytes) -> None:
    member = gzip.compress(inner, mtime=0)

    def seconds(count: int) -> float:
        content = member * count
        start = time.process_time()
        assert unpacked(content, "a.nt.gz") == inner * count
        return time.process_time() - start

    # The square would be four hundred times as much.
    assert seconds(100_000) < 100 * min(seconds(5_000) for _ in range(3))


@given(st.lists(st.binary(max_size=100) | st.just(bytes(3_000_000)), max_size=4))
@settings(max_examples=30, deadline=None)
def test_members_of_any_size_are_unpacked_whole(members: list[bytes]) -> None:
    noise = random.Random(7).randbytes(20_000)
    packed = [gzip.compress(noise), *map(gzip.compress, members)]
    assert unpacked(b"".join(packed) + b"\0" * 9, "a.gz") == noise + b"".join(members)


def test_what_is_not_utf_8_is_refused_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_bytes(LINE + b"# caf\xe9")
    with pytest.raises(ParseFault) as fault:
        read_source(path)
    assert str(fault.value) == f"{path}:2:6: not UTF-8 (byte 0xE9); save it as UTF-8"
    path.write_bytes(b"\xef\xbb\xbf" + LINE)
    assert read_source(path).text == LINE.decode()


def test_files_that_are_not_there_are_faults(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.ttl", tmp_path):
        with pytest.raises(Fault):
            read_source(path, format=ox.RdfFormat.TURTLE)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (ox.RdfFormat.TURTLE, "<http://e/s>\n  <http://e/p> ; ."),
        (ox.RdfFormat.JSON_LD, '{"@id": "http://e/s",\n "http://e/p" 1}'),
        (ox.RdfFormat.JSON_LD, '{"http://e/p": 1,\n "http://e/p": 1}'),
        (ox.RdfFormat.JSON_LD, "[1,\n NaN]"),
        (ox.RdfFormat.RDF_XML, '<e xmlns="http://e/"\n><e:p/></e>'),
        (
            ox.RdfFormat.RDF_XML,
            '<T xmlns="http://e/" xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
            '<p r:resource="a b"/></T>',
        ),
        (ox.RdfFormat.N_QUADS, LINE.decode() + "<http://e/s> ."),
    ],
)
def test_a_text_that_breaks_its_grammar_is_refused_at_its_place(
    form: ox.RdfFormat, text: str
) -> None:
    with pytest.raises(ParseFault) as fault:
        list(Source("x", text, form).quads())
    assert (fault.value.path, fault.value.line) == ("x", 2)


def test_relative_iris_are_relative_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("<#s> <p> <> .")
    (quad,) = read_source(path).quads()
    assert quad.object.value == path.as_uri()
