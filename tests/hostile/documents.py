"""Hostile documents, by class: small files that would nest, grow or fetch without end.

Each is a file name's suffix and its bytes. `BOMBS` grow in memory or in time, `DEEP` nest.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.example/"'
HEAD = "@prefix : <http://e.example/> .\n"
_CONTEXT = '"@context": {"@vocab": "http://e.example/"}'


@dataclass(frozen=True)
class Document:
    """A class of hostile documents: the suffix, how one of a size is made, the size in short.

    `largest` is the size at which the long form ends.
    """

    suffix: str
    make: Callable[[int], bytes]
    size: int
    largest: int

    def sizes(self, whole: bool) -> list[int]:
        """Return the sizes to try: the short one, or from 4 on each eight times the last."""
        if not whole:
            return [self.size]
        return [*(n for n in (4 * 8**i for i in range(7)) if n < self.largest), self.largest]


def text(
    suffix: str, make: Callable[[int], str], size: int, largest: int, encoding: str = "utf-8"
) -> Document:
    """Return a class of documents that are written as text."""
    return Document(suffix, lambda n: make(n).encode(encoding), size, largest)


def entities(levels: int) -> str:
    """Return RDF/XML whose one literal is ten times as long with each level of entities."""
    declared = "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "aaaaaaaaaa"}">' for n in range(levels)
    )
    return _with_entities(declared, f"&a{levels - 1};")


def _with_entities(declared: str, value: str) -> str:
    return (
        f"<!DOCTYPE rdf:RDF [{declared}]>\n<rdf:RDF {RDF}>"
        f'<rdf:Description rdf:about="http://e.example/a"><e:p>{value}</e:p></rdf:Description>'
        "</rdf:RDF>"
    )


def _nodes(n: int) -> str:
    opening, closing = "<rdf:Description><e:p>", "</e:p></rdf:Description>"
    return f"<rdf:RDF {RDF}>" + opening * n + "x" + closing * n + "</rdf:RDF>"


def _objects(n: int) -> str:
    return f'{{{_CONTEXT}, "p": ' + '{"p": ' * n + "1" + "}" * n + "}"


BOMBS = {
    "entities of entities": text(".rdf", entities, 10, 20),
    "entities of entities in UTF-16": text(
        ".rdf", lambda n: f'<?xml version="1.0" encoding="UTF-16"?>{entities(n)}', 10, 20, "utf-16"
    ),
    "entities behind a byte order mark": text(".rdf", entities, 10, 20, "utf-8-sig"),
    "one large entity many times": text(
        ".rdf", lambda n: _with_entities(f'<!ENTITY a "{"a" * n}">', "&a;" * n), 20_000, 40_000
    ),
    "entities of parameters": text(
        ".rdf",
        lambda n: _with_entities(
            "".join(f'<!ENTITY % p{i} "{f"%p{i - 1};" * 10 if i else "aaaa"}">' for i in range(n))
            + f"%p{n - 1};",
            "x",
        ),
        10,
        20,
    ),
    "an entity of itself": text(
        ".rdf", lambda n: _with_entities('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"), 4, 4
    ),
    "a long prefix many times": text(
        ".ttl",
        lambda n: (
            f"@prefix p: <http://e.example/{'x' * n}> .\n"
            + "".join(f"p:{i} p:p p:o .\n" for i in range(n // 5))
        ),
        10_000,
        200_000,
    ),
    "a long prefix many times in TriG": text(
        ".trig",
        lambda n: (
            f"@prefix p: <http://e.example/{'x' * n}> .\n"
            + "".join(f"p:{i} {{ p:s p:p p:o }}\n" for i in range(n // 5))
        ),
        10_000,
        200_000,
    ),
    "a long vocabulary many times": text(
        ".jsonld",
        lambda n: (
            '{"@context": {"@vocab": "http://e.example/'
            + "x" * n
            + '"}, "@graph": ['
            + ",".join(f'{{"p{i}": 1}}' for i in range(n // 5))
            + "]}"
        ),
        10_000,
        100_000,
    ),
    "a long base many times": text(
        ".ttl",
        lambda n: (
            f"@base <http://e.example/{'x' * n}/> .\n"
            + "".join(f"<{i}> <p> <o> .\n" for i in range(n // 5))
        ),
        10_000,
        200_000,
    ),
    "a number of many digits": text(".ttl", lambda n: f"{HEAD}:a :p {'9' * n} .", 10**6, 10**7),
    "a decimal of a large exponent": text(".ttl", lambda n: f"{HEAD}:a :p 1.0e{n} .", 10**9, 10**9),
    "a day far away": text(
        ".ttl",
        lambda n: f'{HEAD}:a :p "{"9" * n}-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .',
        10**5,
        10**6,
    ),
    "a literal without an end": text(".ttl", lambda n: f'{HEAD}:a :p """{"x" * n}', 10**6, 10**7),
    "many prefixes": text(
        ".ttl",
        lambda n: "".join(f"@prefix p{i}: <http://e.example/{i}> .\n" for i in range(n)),
        20_000,
        200_000,
    ),
    "many attributes": text(
        ".rdf",
        lambda n: (
            f"<rdf:RDF {RDF}><rdf:Description "
            + " ".join(f'e:p{i}="x"' for i in range(n))
            + "/></rdf:RDF>"
        ),
        5_000,
        100_000,
    ),
    "many declarations of a namespace": text(
        ".rdf",
        lambda n: (
            f"<rdf:RDF {RDF} "
            + " ".join(f'xmlns:n{i}="http://e.example/{i}"' for i in range(n))
            + "/>"
        ),
        5_000,
        50_000,
    ),
    "a clique of blank nodes": text(
        ".ttl",
        lambda n: (
            HEAD + "".join(f"_:n{i} :p _:n{j} .\n" for i in range(n) for j in range(n) if i != j)
        ),
        12,
        200,
    ),
    "zeros, packed": Document(
        ".ttl.gz", lambda n: gzip.compress(b"#" + b"0" * (n * 10**6), mtime=0), 60, 3_000
    ),
    "packed twice": Document(
        ".ttl.gz",
        lambda n: gzip.compress(gzip.compress(b"#" + b"0" * (n * 10**6), mtime=0), mtime=0),
        60,
        1_000,
    ),
}
DEEP = {
    "blank nodes": text(
        ".ttl", lambda n: f"{HEAD}:a :p " + "[ :p " * n + "1" + " ]" * n + " .", 50_000, 200_000
    ),
    "collections": text(
        ".ttl", lambda n: f"{HEAD}:a :p " + "( " * n + "1" + " )" * n + " .", 50_000, 200_000
    ),
    "triple terms": text(
        ".ttl",
        lambda n: f"{HEAD}:a :p " + "<<( :s :p " * n + "1" + " )>>" * n + " .",
        20_000,
        200_000,
    ),
    "triple terms in N-Triples": text(
        ".nt",
        lambda n: "<http://e.example/a> <http://e.example/p> "
        + "<<( <http://e.example/s> <http://e.example/p> " * n
        + '"1"'
        + " )>>" * n
        + " .\n",
        20_000,
        200_000,
    ),
    "reified triples": text(
        ".ttl",
        lambda n: f"{HEAD}:a :p " + "<< :s :p " * n + "1" + " >>" * n + " .",
        20_000,
        200_000,
    ),
    "annotations": text(
        ".ttl", lambda n: f"{HEAD}:a :p :o " + "{| :p :o " * n + "|}" * n + " .", 20_000, 200_000
    ),
    "formulae": text(".n3", lambda n: f"{HEAD}:a :p " + "{ :a :p " * n + "1" + " }" * n + " .",
                     20_000, 200_000),
    "elements": text(".rdf", _nodes, 20_000, 200_000),
    "an XML literal": text(
        ".rdf",
        lambda n: f'<rdf:RDF {RDF}><rdf:Description><e:p rdf:parseType="Literal">'
        + "<x>" * n
        + "</x>" * n
        + "</e:p></rdf:Description></rdf:RDF>",
        20_000,
        200_000,
    ),
    "objects": text(".jsonld", _objects, 3_000, 100_000),
    "arrays": text(
        ".jsonld", lambda n: f'{{{_CONTEXT}, "p": ' + "[" * n + "1" + "]" * n + "}", 20_000, 200_000
    ),
    "lists": text(
        ".jsonld",
        lambda n: f'{{{_CONTEXT}, "p": ' + '{"@list": [' * n + "1" + "]}" * n + "}",
        5_000,
        100_000,
    ),
    "graphs": text(
        ".jsonld",
        lambda n: f'{{{_CONTEXT}, "@graph": ' + '[{"@graph": ' * n + "[]" + "}]" * n + "}",
        5_000,
        100_000,
    ),
    "contexts": text(
        ".jsonld",
        lambda n: '{"@context": ' + '[{"p": {"@id": "x:p", "@context": ' * n + "{}" + "}}]" * n
        + ', "p": 1}',
        2_000,
        50_000,
    ),
    "a context at each level": text(
        ".jsonld", lambda n: f'{{{_CONTEXT}, "p": ' * n + "1" + "}" * n, 5_000, 50_000
    ),
    "graphs in TriG": text(".trig", lambda n: HEAD + ":g { " * n + "}" * n, 20_000, 200_000),
}  # fmt: skip
CLASSES = {"bombs": BOMBS, "deep": DEEP}
