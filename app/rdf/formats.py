"""The formats: their media types, suffixes and names, and what each can write.

The one table of them. A media type is written nowhere else.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from app.errors import not_expressible
from app.namespaces import RDF as RDF_NAMESPACE

HTML, JSON, TEXT = "text/html", "application/json", "text/plain"
CSS, SVG = "text/css", "image/svg+xml"
PROBLEM = "application/problem+json"
CSV, TSV = "text/csv", "text/tab-separated-values"
RESULTS_JSON, RESULTS_XML = "application/sparql-results+json", "application/sparql-results+xml"
TURTLE, TRIG = "text/turtle", "application/trig"
N_TRIPLES, N_QUADS = "application/n-triples", "application/n-quads"
RDF_XML, JSON_LD = "application/rdf+xml", "application/ld+json"
FORM, QUERY = "application/x-www-form-urlencoded", "application/sparql-query"
UPDATE = "application/sparql-update"


@dataclass(frozen=True)
class Format:
    """A format of RDF: `suffixes` of its files without dots, the one that we write first.

    `name` is what the command line and a query's `format` call it, `label` what people do.
    """

    media: str
    name: str
    label: str
    suffixes: tuple[str, ...]
    rdf: ox.RdfFormat


# In our own order of preference, which decides where a client has none.
RDF = (
    Format(TURTLE, "turtle", "Turtle", ("ttl",), ox.RdfFormat.TURTLE),
    Format(TRIG, "trig", "TriG", ("trig",), ox.RdfFormat.TRIG),
    Format(N_TRIPLES, "ntriples", "N-Triples", ("nt",), ox.RdfFormat.N_TRIPLES),
    Format(N_QUADS, "nquads", "N-Quads", ("nq",), ox.RdfFormat.N_QUADS),
    Format(RDF_XML, "rdfxml", "RDF/XML", ("rdf", "owl", "xml"), ox.RdfFormat.RDF_XML),
    Format(JSON_LD, "jsonld", "JSON-LD", ("jsonld", "json"), ox.RdfFormat.JSON_LD),
)
FORMATS: Mapping[str, ox.RdfFormat] = {form.media: form.rdf for form in RDF}
# Formats that keep graphs apart; the others hold what we hold, the default graph.
OF_QUADS = frozenset(form.media for form in RDF if form.rdf.supports_datasets)
# What a document is offered in: pages first, since browsers ask for nothing in particular.
SUFFIXES: Mapping[str, str] = {
    "html": HTML,
    **{form.suffixes[0]: form.media for form in RDF},
    "json": JSON,
}
LABELS: Mapping[str, str] = {**{form.media: form.label for form in RDF}, JSON: "JSON"}
NAMES: Mapping[str, ox.RdfFormat] = {form.name: form.rdf for form in RDF}

# The answers of SPARQL, in the order of preference of its endpoint.
RESULTS: Mapping[str, ox.QueryResultsFormat] = {
    RESULTS_JSON: ox.QueryResultsFormat.JSON,
    JSON: ox.QueryResultsFormat.JSON,
    RESULTS_XML: ox.QueryResultsFormat.XML,
    "application/xml": ox.QueryResultsFormat.XML,
    CSV: ox.QueryResultsFormat.CSV,
    TSV: ox.QueryResultsFormat.TSV,
}
GRAPHS: Mapping[str, ox.RdfFormat] = {
    media: FORMATS[media] for media in (TURTLE, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)
}
RESULT_NAMES: Mapping[str, ox.QueryResultsFormat] = {
    "json": ox.QueryResultsFormat.JSON,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "xml": ox.QueryResultsFormat.XML,
}


@dataclass(frozen=True)
class FormatChoice:
    """What a name of a format means: the media type for rows, and yes or no, and for graphs."""

    rows: str | None = None
    graph: str | None = None


# What a client may call a format in an address. A name that fits both kinds of answers has both.
CHOICES: Mapping[str, FormatChoice] = {
    "json": FormatChoice(RESULTS_JSON, JSON_LD),
    "csv": FormatChoice(CSV, N_TRIPLES),
    "tsv": FormatChoice(TSV, TURTLE),
    "xml": FormatChoice(RESULTS_XML, RDF_XML),
    **{form.name: FormatChoice(graph=form.media) for form in RDF},
    "html": FormatChoice(HTML, HTML),
}
_ROW_SUFFIXES: Mapping[str, str] = {
    RESULTS_JSON: "json",
    RESULTS_XML: "xml",
    CSV: "csv",
    TSV: "tsv",
}
_FILES: Mapping[str, str] = {
    **{form.suffixes[0]: form.media for form in RDF},
    "json": JSON,
    "rq": QUERY,
}
# RDF/XML writes a property as an element, so its IRI must end in an XML name; and XML 1.0 has no
# way to write these characters.
_XML_NAME = re.compile(r"[^\W\d][\w.\-]*$")
_NOT_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")


def content_type(media: str) -> str:
    """Return a media type as the header of a response says it: with its character set if textual.

    >>> content_type("text/turtle"), content_type("application/trig")
    ('text/turtle; charset=utf-8', 'application/trig')
    """
    if media == CSV:
        # RFC 4180: the first row names the columns.
        return f"{CSV}; charset=utf-8; header=present"
    return f"{media}; charset=utf-8" if media.startswith("text/") or media == QUERY else media


def choice(name: str) -> FormatChoice | None:
    """Return what a client calls by this name, which may be a media type; None for nothing.

    >>> choice("csv").rows, choice("text/turtle").graph, choice("pdf")
    ('text/csv', 'text/turtle', None)
    """
    if name in CHOICES:
        return CHOICES[name]
    # In an address a bare plus sign means a space.
    media = name.strip().replace(" ", "+").lower()
    if media not in RESULTS and media not in GRAPHS and media != HTML:
        return None
    if media == HTML:
        return CHOICES["html"]
    return FormatChoice(media if media in RESULTS else None, media if media in GRAPHS else None)


def file_suffix(media: str) -> str:
    """Return the suffix of a file with an answer, without its dot."""
    graphs = {form.media: form.suffixes[0] for form in RDF}
    return graphs.get(media) or _ROW_SUFFIXES.get(media) or media.rpartition("/")[2]


def of_file(name: str) -> str:
    """Return the media type of a file of a release, by its suffix."""
    return _FILES.get(name.rpartition(".")[2], TEXT)


def split(name: str) -> tuple[str, str | None]:
    """Return a name without its suffix and the suffix, if it is one of our formats.

    >>> split("lisbon-declaration-2015.fr.ttl"), split("cimo-16.PRT")
    (('lisbon-declaration-2015.fr', 'ttl'), ('cimo-16.PRT', None))
    """
    stem, dot, suffix = name.rpartition(".")
    return (stem, suffix) if dot and stem and suffix in SUFFIXES else (name, None)


def without_illegal_xml(text: str, instead: str = "\ufffd") -> str:
    """Return a text without the characters that XML 1.0 has no way to write (section 2.2)."""
    return _NOT_XML.sub(instead, text)


def serialise(quads: Sequence[ox.Quad], media: str, prefixes: Mapping[str, str]) -> bytes:
    """Return quads in one of the formats; only the default graph where it knows no other.

    Raises Rejected (406) for quads that RDF/XML cannot hold.
    """
    form = FORMATS[media]
    if not form.supports_datasets:
        quads = [quad for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)]
    if form == ox.RdfFormat.RDF_XML:
        _require_xml(quads)
    text = "\n".join(map(str, quads))
    # Where rdf: is declared, the serialiser writes rdf:type in the place of “a”.
    used = {p: n for p, n in prefixes.items() if f"<{n}" in text and n != str(RDF_NAMESPACE)}
    return ox.serialize(quads, format=form, prefixes=used) or b""


def _require_xml(quads: Sequence[ox.Quad]) -> None:
    for quad in quads:
        value = quad.object
        if not _XML_NAME.search(quad.predicate.value) or (
            isinstance(value, ox.Literal) and _NOT_XML.search(value.value)
        ):
            raise not_expressible(
                f"RDF/XML cannot hold what is said with {quad.predicate.value}; ask for another "
                "format.",
                [media for media in FORMATS if media != RDF_XML],
            )
