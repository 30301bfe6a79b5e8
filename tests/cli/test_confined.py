"""Shapes and data from strangers: within bounds, off the network, ended with one line."""

import gzip
import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.errors import Fault
from app.rdf.source import LARGEST, unpacked

ROOT = Path(__file__).parents[2]
HEAD = """\
@prefix : <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
DATA = HEAD + ':a a :C ;\n  :p "' + "a" * 40 + '!" .\n'
PATTERN = ":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:pattern {} ] .\n"
XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e#">'


def check(
    folder: Path, data: str | bytes, shapes: str, *options: str, suffix: str = ".ttl"
) -> subprocess.CompletedProcess[str]:
    """Return what a check by the command came to; it may take a minute at most."""
    content = data.encode() if isinstance(data, str) else data
    (folder / f"data{suffix}").write_bytes(content)
    (folder / "shapes.ttl").write_text(HEAD + shapes)
    command = [sys.executable, "-m", "app.cli", "check", str(folder / f"data{suffix}")]
    return subprocess.run(
        [*command, "--shapes", str(folder / "shapes.ttl"), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|aa|a?)*$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_pattern_that_others_never_finish_is_answered(pattern: str, tmp_path: Path) -> None:
    done = check(tmp_path, DATA, PATTERN.format(json.dumps(pattern)))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].startswith("1 violation, ")
    sound = check(tmp_path, DATA.replace("!", ""), PATTERN.format('"^(a+)+$"'))
    assert (sound.returncode, sound.stderr) == (0, "")


def test_a_pattern_that_would_grow_without_end_is_refused_by_name(tmp_path: Path) -> None:
    done = check(tmp_path, DATA, PATTERN.format('"^((((a{1,99}){1,99}){1,99}){1,99})$"'))
    assert done.returncode == 2
    assert "shapes.ttl:3:" in done.stdout.splitlines()[0]


LONG_QUERY = """:S sh:targetClass :C ; sh:sparql [ sh:select \"\"\"SELECT $this {
  ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . FILTER(?a = ?l && ?c = ?d && ?b = ?i)
}\"\"\" ] .
"""


def test_what_takes_too_long_is_stopped_with_one_line_and_leaves_no_process(
    tmp_path: Path,
) -> None:
    data = DATA + "".join(f":n{i} :q :m{i} .\n" for i in range(3000))
    before = time.monotonic()
    done = check(tmp_path, data, LONG_QUERY, "--seconds", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "dialogue: stopped after 1 seconds (--seconds)\n"
    assert time.monotonic() - before < 30
    assert _named(str(tmp_path)) == []
    # Without a thing to join, the same query is answered.
    assert check(tmp_path, DATA, LONG_QUERY, "--seconds", "30").returncode in (0, 1)


def _named(word: str) -> list[str]:
    """Return the command lines of the processes that name a word."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line and "app.cli" in line:
            lines.append(line)
    return lines


NESTED = "[ :p " * 5000 + "1" + " ]" * 5000
DEEP = {
    "brackets of the data": (f"{HEAD}:a a :C ; :p {NESTED} .", ".ttl", ""),
    "a context at each level": (
        '{"@context": {"@vocab": "http://example.org/"}, "p": ' * 5000 + "1" + "}" * 5000,
        ".jsonld",
        "",
    ),
    "brackets of the shapes": (
        DATA,
        ".ttl",
        ":S sh:targetClass :C ; sh:node " + "[ sh:node " * 5000 + ":T" + " ]" * 5000 + " .",
    ),
}


@pytest.mark.parametrize("name", DEEP)
def test_what_nests_without_end_is_refused_at_its_place(name: str, tmp_path: Path) -> None:
    data, suffix, shapes = DEEP[name]
    shapes = shapes or PATTERN.format('"a"')
    done = check(tmp_path, data, shapes, "--seconds", "30", suffix=suffix)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert ": brackets nest deeper than " in line


def test_a_long_list_is_walked_once(tmp_path: Path) -> None:
    rest = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest>"
    first = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#first>"
    size = 30_000
    cells = "".join(f"_:n{i} {first} {i} ; {rest} _:n{i + 1} .\n" for i in range(size))
    data = f"{HEAD}:a a :C ; :l _:n0 .\n{cells}_:n{size} {first} 'end' ; {rest} () .\n"
    shapes = (
        ":S sh:targetClass :C ; sh:property [ sh:nodeKind sh:Literal ; sh:class :C ; sh:path"
        f" ( :l [ sh:zeroOrMorePath {rest} ] {first} ) ; sh:datatype"
        " <http://www.w3.org/2001/XMLSchema#integer> ] .\n"
    ).replace("sh:class :C ; ", "")
    done = check(tmp_path, data, shapes, "--seconds", "50")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"data.ttl:{size + 4}:" in done.stdout.splitlines()[0]
    assert done.stdout.count("reached by ") <= 10


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "aaaaaaaaaa"}">' for n in range(10))


@pytest.mark.parametrize(
    ("entities", "reason"),
    [
        (BOMB, "no more than 1,000,000 are read"),
        ('<!ENTITY a9 SYSTEM "file:///etc/passwd">', "is outside the text and not loaded"),
        ('<!ENTITY a9 SYSTEM "http://127.0.0.1:9/x">', "is outside the text and not loaded"),
    ],
)
def test_entities_neither_explode_nor_load_anything(
    entities: str, reason: str, tmp_path: Path
) -> None:
    body = '<e:C rdf:about="http://example.org/a"><e:p>&a9;</e:p></e:C></rdf:RDF>'
    data = f"<!DOCTYPE x [{entities}]>{XML}{body}"
    done = check(tmp_path, data, PATTERN.format('"a"'), suffix=".rdf")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert reason in line


def test_what_is_compressed_grows_to_a_limit_only() -> None:
    content = gzip.compress(b"#" * 100_000)
    assert len(unpacked(content, "x.gz")) == 100_000
    with pytest.raises(Fault, match="larger than 1,000 bytes"):
        unpacked(content, "x.gz", 1_000)
    assert LARGEST <= 2**30


SERVICES = {
    "plain": "SERVICE <HERE> { ?a ?b ?c }",
    "silent, in lower case": "service silent <HERE> { ?a ?b ?c }",
    "behind a comment": "#\\n SeRvIcE # why\\n <HERE> { ?a ?b ?c }",
    "without a space": "FILTER(1<2)SERVICE<HERE>{ ?a ?b ?c }",
    "in escapes": "\\\\u0053ERVICE <HERE> { ?a ?b ?c }",
    "in EXISTS": "FILTER EXISTS { SERVICE <HERE> { ?a ?b ?c } }",
    "in a query within": "{ SELECT ?a { SERVICE <HERE> { ?a ?b ?c } } }",
    "by a variable": "BIND(<HERE> AS ?x) SERVICE ?x { ?a ?b ?c }",
    "FROM": "?a ?b ?c } FROM <HERE> {",
}


@pytest.mark.parametrize("engine", ["native", "pyshacl"])
@pytest.mark.parametrize("name", SERVICES)
def test_no_query_of_shapes_opens_a_connection(name: str, engine: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        query = f"SELECT $this {{ $this ?p ?o . {SERVICES[name]} }}".replace("HERE", address)
        shapes = f":S sh:targetClass :C ; sh:sparql [ sh:select '{query}' ] .\n"
        done = check(tmp_path, DATA, shapes, "--engine", engine, "--seconds", "40")
        assert done.returncode == 2, done.stdout
        assert "Nothing found:" not in done.stdout
        assert "Traceback" not in done.stderr
        with pytest.raises(TimeoutError):
            server.accept()
