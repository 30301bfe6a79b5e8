"""Every finding points at what is to be mended: the value first, the way to it after.

`►` marks a value at fault, `▷` the way; everything without a mark must stay silent.
"""

import gzip
from pathlib import Path

import pytest
from marked import HEAD, SUFFIXES, in_syntax, unmarked

from app.cli.main import main
from app.errors import Fault
from app.validation.check import Options, examine
from app.validation.findings import Checked

S = ":S a sh:NodeShape ; sh:targetClass :C ; "
P = S + "sh:property [ sh:path :p ; %s ] ."

# What a shape asks, and data in which the places are marked. Each has a neighbour without fault.
CASES = {
    "datatype": (
        P % "sh:datatype xsd:integer",
        ':a a :C ; :p ►"x" , 7 .\n:b a :C ; :p 8 .\n:c :p "x" .',
    ),
    "class": (
        P % "sh:class :D",
        ":a a :C ; :p :d , ►:e .\n:d a :D .\n:e a :C ; :p :d .",
    ),
    "minCount": (
        P % "sh:minCount 1",
        ":b a :C ; :p 1 ; :q :a .\n►:a a :C ; :q 1 .",
    ),
    "minCount of what has no type": (
        ":S a sh:NodeShape ; sh:targetObjectsOf :q ; sh:property [ sh:path :p ; sh:minCount 1 ] .",
        ":b :q :a , :c .\n►:a :r 1 ; :s 2 .\n:c :p 1 .",
    ),
    "minCount of what is only an object": (
        ":S a sh:NodeShape ; sh:targetObjectsOf :q ; sh:property [ sh:path :p ; sh:minCount 1 ] .",
        ":b :q :c .\n:b :q ►:a .\n:d :r :a .\n:c :p 1 .",
    ),
    "maxCount": (
        P % "sh:maxCount 1",
        ':a a :C ; :p ►"one" ; :q 1 ; :p ►"two" .\n:b a :C ; :p "one" .',
    ),
    "uniqueLang": (
        P % "sh:uniqueLang true",
        ':a a :C ; :p ►"one"@en , "un"@fr , ►"two"@en , "eins" , "zwei" .\n:b a :C ; :p "un"@fr .',
    ),
    "inverse path": (
        S + "sh:property [ sh:path [ sh:inversePath :p ] ; sh:class :D ] .",
        ":a a :C .\n►:d :p :a .\n:e :p :a .\n:e a :D .",
    ),
    "sequence path": (
        S + "sh:property [ sh:path ( :p :q ) ; sh:datatype xsd:integer ] .",
        ':a a :C ; :p ▷:m , :n .\n:m :q ►"x" .\n:n :q 1 .',
    ),
    "alternative path": (
        S + "sh:property [ sh:path [ sh:alternativePath ( :p :q ) ] ; sh:datatype xsd:integer ] .",
        ':a a :C ; :p 1 ; :q ►"x" , 2 ; :r "x" .',
    ),
    "repeated path": (
        S + "sh:property [ sh:path [ sh:oneOrMorePath :p ] ; sh:class :C ] .",
        ":a a :C ; :p ▷:b .\n:b a :C ; :p ▷:c .\n:c a :C ; :p ►:d .\n:d :q 1 .",
    ),
    "repeated inverse path": (
        S + "sh:property [ sh:path [ sh:zeroOrMorePath [ sh:inversePath :p ] ] ;"
        " sh:not [ sh:in ( :c ) ] ] .",
        ":a a :C .\n▷:b :p :a .\n:d :p :a .\n►:c :p :b .",
    ),
    "closed": (
        S + "sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:property [ sh:path :p ] .",
        ":a a :C ; :p 1 ; :q ►2 .\n:b a :C ; :p 1 .\n:c :q 2 .",
    ),
    "closed inside": (
        S
        + "sh:property [ sh:path :p ; sh:node [ sh:closed true ; sh:property [ sh:path :q ] ] ] .",
        ":a a :C ; :p ▷[ :q 1 ; :r ►2 ] , [ :q 1 ] .",
    ),
    "node inside": (
        S + "sh:property [ sh:path :p ; sh:node"
        " [ sh:property [ sh:path :q ; sh:datatype xsd:integer ] ] ] .",
        ':a a :C ; :p ▷[ :q ►"x" ; :r "y" ] , [ :q 1 ] .',
    ),
    "node described elsewhere": (
        S + "sh:property [ sh:path :p ; sh:node"
        " [ sh:property [ sh:path :q ; sh:datatype xsd:integer ] ] ] .",
        ':a a :C ; :p ▷:m , :n .\n:m :q ►"x" .\n:n :q 1 .',
    ),
    "or": (
        P % "sh:or ( [ sh:datatype xsd:integer ] [ sh:datatype xsd:date ] )",
        ':a a :C ; :p 1 , ►"x" .\n:b a :C ; :p 2 .',
    ),
    "xone": (
        P % "sh:xone ( [ sh:minInclusive 1 ] [ sh:minInclusive 5 ] )",
        ":a a :C ; :p 1 , ►7 , 2 .",
    ),
    "not": (
        P % "sh:not [ sh:datatype xsd:string ]",
        ':a a :C ; :p 1 , ►"x" .',
    ),
    "not of a node": (
        S + "sh:not [ sh:property [ sh:path :p ; sh:minCount 1 ] ] .",
        ":b a :C ; :q 1 .\n►:a a :C ; :p 1 .",
    ),
    "qualified, too few": (
        P % "sh:qualifiedMinCount 1 ; sh:qualifiedValueShape [ sh:class :D ]",
        "►:a a :C ; :p :e .\n:b a :C ; :p :d .\n:d a :D .",
    ),
    "qualified, too many": (
        P % "sh:qualifiedMaxCount 1 ; sh:qualifiedValueShape [ sh:class :D ]",
        ":a a :C ; :p ►:d , :e , ►:f .\n:b a :C ; :p :d , :e .\n:d a :D .\n:f a :D .",
    ),
    "lessThan": (
        P % "sh:lessThan :q",
        ":a a :C ; :p ►7 , 1 ; :q ▷5 .\n:b a :C ; :p 1 ; :q 5 .",
    ),
    "equals": (
        P % "sh:equals :q",
        ":a a :C ; :p 1 , ►2 ; :q ▷1 .\n:b a :C ; :p 1 ; :q 1 .",
    ),
    "equals, of the other property": (
        P % "sh:equals :q",
        ":a a :C ; :p 1 ; :q 1 , ►2 .\n:b a :C ; :p 1 ; :q 1 .",
    ),
    "disjoint": (
        P % "sh:disjoint :q",
        ":a a :C ; :p 1 , ►2 ; :q ▷2 , 3 .\n:b a :C ; :p 1 ; :q 3 .",
    ),
    "hasValue": (
        P % "sh:hasValue 1",
        "►:a a :C ; :p 2 .\n:b a :C ; :p 1 .",
    ),
    "query with value and path": (
        S + 'sh:sparql [ sh:select """SELECT $this ?value ?path { $this ?path ?value'
        ' FILTER(?path = <http://example.org/p> && ?value > 5) }""" ] .',
        ":a a :C ; :p 1 , ►7 ; :q 7 .\n:b a :C ; :p 1 .",
    ),
    "query without": (
        S + 'sh:sparql [ sh:select "SELECT $this { $this <http://example.org/p> 7 }" ] .',
        ":b a :C ; :p 1 .\n►:a a :C ; :p 7 .",
    ),
}


def found(checked: Checked) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    places = {p for f in checked.findings for p in f.places}
    also = {p for f in checked.findings for p in f.also} - places
    return tuple([(p.line, p.column) for p in sorted(some)] for some in (places, also))  # type: ignore[return-value]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", CASES)
def test_a_finding_points_at_the_value_and_then_at_the_way(
    name: str, suffix: str, tmp_path: Path
) -> None:
    shapes, data = CASES[name]
    marked = unmarked(HEAD + data if suffix == "ttl" else in_syntax(data, suffix))
    (tmp_path / "shapes.ttl").write_text(HEAD + shapes)
    (tmp_path / f"data.{suffix}").write_text(marked.text)
    checked = examine([tmp_path / f"data.{suffix}"], [tmp_path / "shapes.ttl"])
    assert checked.faults == ()
    assert found(checked) == (marked.faults, marked.way), marked.text


LIST = (
    S + "sh:property [ sh:path ( :p [ sh:zeroOrMorePath rdf:rest ] rdf:first ) ;"
    " sh:datatype xsd:integer ] ."
)
INSIDE = (
    S + "sh:property [ sh:path :p ; sh:node [ sh:closed true ; sh:property [ sh:path :q ] ] ] ."
)
RDF_XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://example.org/">\n'
)
INTEGER = 'rdf:datatype="http://www.w3.org/2001/XMLSchema#integer"'
CONTEXT = '"@context": {"@vocab": "http://example.org/", "@base": "http://example.org/"}'
NUMBER = P % "sh:datatype xsd:integer"

# What is written in a way of its own in one syntax.
WRITTEN = {
    "members of a list in Turtle": (
        "ttl",
        LIST,
        HEAD + ':a a :C ; :p ▷( 1 ►"x" 3 ) .\n:b a :C ; :p ( 1 2 ) .',
    ),
    "members of a list in N-Triples": (
        "nt",
        LIST.replace(" [ sh:zeroOrMorePath rdf:rest ]", " rdf:rest"),
        "<http://example.org/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
        "<http://example.org/C> .\n"
        "<http://example.org/a> <http://example.org/p> ▷_:c .\n"
        '_:d <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> ►"x" .\n'
        "_:c <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> ▷_:d .\n"
        '_:c <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "y" .\n',
    ),
    "members of a list in JSON-LD": (
        "jsonld",
        LIST,
        f'{{{CONTEXT}, "@graph": [\n{{"@id": "a", "@type": "C", "p": {{"@list": ▷[1, ►"x", 3]}}}},'
        '\n{"@id": "b", "@type": "C", "p": {"@list": [1, 2]}}]}',
    ),
    "members of a list in RDF/XML": (
        "rdf",
        S
        + "sh:property [ sh:path ( :p [ sh:zeroOrMorePath rdf:rest ] rdf:first ) ; sh:class :D ].",
        RDF_XML + '<C rdf:about="http://example.org/a">▷<p rdf:parseType="Collection">\n'
        "<D/>\n►<E/><D/>\n</p></C></rdf:RDF>",
    ),
    "closed inside, in JSON-LD": (
        "jsonld",
        INSIDE,
        f'{{{CONTEXT},\n"@id": "a", "@type": "C",\n"p": [▷{{"q": 1,\n"r": ►2}}, {{"q": 3}}]}}',
    ),
    "closed inside, in RDF/XML": (
        "rdf",
        INSIDE,
        RDF_XML + '<C rdf:about="http://example.org/a">\n<p>▷<rdf:Description><q>1</q>\n'
        "<r>►2</r></rdf:Description></p>\n</C></rdf:RDF>",
    ),
    "an attribute in RDF/XML": (
        "rdf",
        NUMBER,
        RDF_XML + '<C rdf:about="http://example.org/a" xmlns:e="http://example.org/"\n'
        f' e:p=►"x"><p {INTEGER}>1</p></C></rdf:RDF>',
    ),
    "an array of documents": (
        "jsonld",
        NUMBER,
        f'[\n{{{CONTEXT}, "@id": "a", "@type": "C", "p": 1}},\n'
        f'{{{CONTEXT}, "@id": "b", "@type": "C", "p": ►"x"}}\n]',
    ),
    "a graph with a name": (
        "jsonld",
        NUMBER,
        f'{{{CONTEXT}, "@id": "g", "@graph":\n [{{"@id": "a", "@type": "C", "p": [1, ►"x"]}}]}}',
    ),
    "what is included": (
        "jsonld",
        NUMBER,
        f'{{{CONTEXT}, "@id": "a", "@type": "C", "p": 1,\n'
        '"@included": [{"@id": "b", "@type": "C", "p": ►"x"}]}',
    ),
    "several contexts": (
        "jsonld",
        NUMBER,
        '{"@context": [{"@vocab": "http://example.org/"},\n'
        '{"value": {"@id": "http://example.org/p"}}, {"@base": "http://example.org/"}],\n'
        '"@id": "a", "@type": "C", "value": [1, ►"x"]}',
    ),
    "a coerced value": (
        "jsonld",
        P % "sh:class :D",
        '{"@context": {"@vocab": "http://example.org/", "@base": "http://example.org/",'
        ' "p": {"@type": "@id"}},\n"@id": "a", "@type": "C", "p": [►"e", "d"],\n'
        '"@included": [{"@id": "d", "@type": "D"}]}',
    ),
    "a reversed property": (
        "jsonld",
        S + "sh:property [ sh:path [ sh:inversePath :p ] ; sh:class :D ] .",
        f'{{{CONTEXT}, "@id": "a", "@type": "C",\n"@reverse": {{"p": [{{"@id": ►"e"}},'
        ' {"@id": "d", "@type": "D"}]}}',
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_finding_points_into_what_only_one_syntax_has(name: str, tmp_path: Path) -> None:
    suffix, shapes, data = WRITTEN[name]
    marked = unmarked(data)
    (tmp_path / "shapes.ttl").write_text(HEAD + shapes)
    (tmp_path / f"data.{suffix}").write_text(marked.text)
    checked = examine([tmp_path / f"data.{suffix}"], [tmp_path / "shapes.ttl"])
    assert checked.faults == ()
    assert found(checked) == (marked.faults, marked.way), marked.text


def test_blank_nodes_of_one_label_in_two_files_are_two_nodes(tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(HEAD + P % "sh:datatype xsd:integer ; sh:maxCount 1")
    folder = tmp_path / "data"
    folder.mkdir()
    one = unmarked(HEAD + "_:x a :C ;\n  :p 1 .\n[] a :C ; :p 2 .")
    two = unmarked(HEAD + '# Another.\n_:x a :C ;\n  :p ►"x" .\n[] a :C ; :p ►"y" .\n')
    (folder / "one.ttl").write_text(one.text)
    (folder / "two.ttl").write_text(two.text)
    (folder / "three.nt").write_text('_:x <http://example.org/p> "x" .\n')
    checked = examine([folder], [tmp_path / "shapes.ttl"])
    assert found(checked) == (two.faults, [])
    assert {Path(f.places[0].path).name for f in checked.findings} == {"two.ttl"}


def test_a_large_file_among_several_is_located_too(tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(HEAD + P % "sh:datatype xsd:integer")
    folder = tmp_path / "data"
    folder.mkdir()
    rows = "".join(f"_:n{i} a :C ;\n    :p {i} ;\n    :q [ :r {i} ] .\n\n" for i in range(3000))
    marked = unmarked(HEAD + rows + '_:x a :C ;\n  :p 1 , ►"x" .\n\n' + rows.replace("_:n", "_:m"))
    (folder / "one.ttl").write_text(HEAD + "_:x a :C ; :p 1 .")
    (folder / "two.ttl").write_text(marked.text)
    assert found(examine([folder], [tmp_path / "shapes.ttl"])) == (marked.faults, [])


def test_what_is_only_an_object_is_found_in_the_files_that_count(tmp_path: Path) -> None:
    shapes = (
        ":S a sh:NodeShape ; sh:targetObjectsOf :q ; sh:property [ sh:path :p ; sh:minCount 1 ]."
    )
    (tmp_path / "shapes.ttl").write_text(HEAD + shapes)
    marked = unmarked(HEAD + ":h { :b :q :a . }\n:g { :b :q ►:a . }\n")
    (tmp_path / "data.trig").write_text(marked.text)
    options = Options(graphs=("http://example.org/g",))
    checked = examine([tmp_path / "data.trig"], [tmp_path / "shapes.ttl"], options)
    assert found(checked) == (marked.faults, [])


REMOTE = '{"@context": ►"https://example.org/context.jsonld",\n"@id": "a", "@type": "C", "p": "x"}'


def test_a_remote_context_is_mapped_and_the_places_are_those_of_the_text(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shapes.ttl").write_text(HEAD + NUMBER)
    marked = unmarked(REMOTE.replace("►", "").replace('"x"', '►"x"'))
    (tmp_path / "data.jsonld").write_text(marked.text)
    (tmp_path / "context.jsonld").write_text(f"{{{CONTEXT}}}")
    command = ["check", str(tmp_path / "data.jsonld"), "--shapes", str(tmp_path / "shapes.ttl")]
    mapping = f"https://example.org/context.jsonld={tmp_path / 'context.jsonld'}"
    line, column = marked.faults[0]
    with pytest.raises(SystemExit) as end:
        main([*command, "--context", mapping])
    output = capfd.readouterr().out
    assert end.value.code == 1, output
    assert f"data.jsonld:{line}:{column}: violation" in output


def test_a_remote_context_without_a_mapping_is_never_fetched(tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(HEAD + NUMBER)
    marked = unmarked(REMOTE)
    (tmp_path / "data.jsonld").write_text(marked.text)
    with pytest.raises(Fault) as fault:
        examine([tmp_path / "data.jsonld"], [tmp_path / "shapes.ttl"])
    line, column = marked.faults[0]
    assert str(fault.value).startswith(f"{tmp_path}/data.jsonld:{line}:{column}: ")
    assert "https://example.org/context.jsonld" in str(fault.value)
    assert "--context" in str(fault.value)
    assert len(str(fault.value).splitlines()) == 1


def test_a_compressed_file_is_read_and_its_places_are_those_of_its_text(tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(HEAD + NUMBER)
    marked = unmarked(HEAD + ':a a :C ;\n  :p 1 , ►"x" .')
    (tmp_path / "data.ttl.gz").write_bytes(gzip.compress(marked.text.encode()))
    assert found(examine([tmp_path / "data.ttl.gz"], [tmp_path / "shapes.ttl"])) == (
        marked.faults,
        [],
    )


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_read_and_located(packed: bool, tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(HEAD + NUMBER)
    marked = unmarked(HEAD + ':a a :C ;\n  :p 1 , ►"x" .')
    content = gzip.compress(marked.text.encode()) if packed else marked.text.encode()
    options = Options(stdin=content)
    checked = examine([Path("-")], [tmp_path / "shapes.ttl"], options)
    assert found(checked) == (marked.faults, [])
    assert {place.path for f in checked.findings for place in f.places} == {"-"}
