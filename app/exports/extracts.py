"""Parts of a dataset in the formats of everybody's tools: what each is made of, and by whom.

Whoever adds one adds a query that tells its members and a line to `EXTRACTS`, and nothing else.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.exports import bibtex, calendar, concepts, csl, geojson, network, quickstatements
from app.exports.things import Origin, Thing
from app.rdf.formats import BIBTEX, CSL_JSON, CSV, GEOJSON, GRAPHML, ICALENDAR, TEXT, TURTLE

Write = Callable[[Sequence[Thing], Origin, Sequence[Thing]], bytes]


@dataclass(frozen=True)
class Extract:
    """A format of a list: `suffix` of its address, and the queries that tell its things.

    `label` is what people call it. Each query takes a set of IRIs for its variable `of`. `write`
    makes the bytes of the things, of where they come from, and of what the query `beside` tells of
    those that they lead to.
    """

    suffix: str
    media: str
    label: str
    queries: tuple[str, ...]
    write: Write
    of: str = "subject"
    beside: str = ""


SOURCES, DOCUMENTS = "references_sources", "references_documents"
_REFERENCES = SOURCES, DOCUMENTS
NETWORK = "network_participation", "network_membership", "network_documents"
NODES = "network_nodes"
_WIKIDATA = ("wikidata",)


def _csl(things: Sequence[Thing], origin: Origin, beside: Sequence[Thing]) -> bytes:
    return csl.write(things, origin)


def _bibtex(things: Sequence[Thing], origin: Origin, beside: Sequence[Thing]) -> bytes:
    return bibtex.write(things, origin)


def _graphml(things: Sequence[Thing], origin: Origin, beside: Sequence[Thing]) -> bytes:
    return network.as_graphml(things, beside, origin.base)


def _edges(things: Sequence[Thing], origin: Origin, beside: Sequence[Thing]) -> bytes:
    return network.as_csv(things, beside)


def _concepts(things: Sequence[Thing], origin: Origin, beside: Sequence[Thing]) -> bytes:
    return concepts.write(things, origin)


def _quickstatements(facts: Sequence[Thing], origin: Origin, beside: Sequence[Thing]) -> bytes:
    return quickstatements.write(facts)


def _left_out(facts: Sequence[Thing], origin: Origin, beside: Sequence[Thing]) -> bytes:
    return quickstatements.left_out(facts)


EXTRACTS = (
    Extract(
        "ics",
        ICALENDAR,
        "calendar",
        ("calendar",),
        lambda things, origin, _: calendar.write(things, origin),
    ),
    Extract("csl.json", CSL_JSON, "references (CSL)", _REFERENCES, _csl),
    Extract("bib", BIBTEX, "references (BibTeX)", _REFERENCES, _bibtex),
    Extract("graphml", GRAPHML, "network", NETWORK, _graphml, "end", NODES),
    Extract("edges.csv", CSV, "edges (CSV)", NETWORK, _edges, "end", NODES),
    Extract("geojson", GEOJSON, "map", ("map",), lambda things, *_: geojson.write(things)),
    Extract("ttl", TURTLE, "concepts (SKOS)", ("concepts",), _concepts),
    Extract(
        "quickstatements.txt",
        TEXT,
        "statements for Wikidata",
        _WIKIDATA,
        _quickstatements,
        "thing",
    ),
    Extract("left-out.csv", CSV, "what Wikidata cannot have", _WIKIDATA, _left_out, "thing"),
)
ORIGIN = "origin"
"""The query that tells what the dataset is called."""
BY_SUFFIX = {extract.suffix: extract for extract in EXTRACTS}


def ends(things: Iterable[Thing]) -> list[str]:
    """Return the IRIs of what things lead from and to, each once."""
    iris = (iri for thing in things for name in ("source", "target") for iri in thing.texts(name))
    return sorted(set(iris))
