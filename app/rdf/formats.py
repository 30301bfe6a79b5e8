"""The formats: their media types, suffixes and names, and what each can write.

The one table of them. A media type is written nowhere else.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from app.errors import not_expressible
from app.namespaces import RDF as RDF_NAMESPACE
from app.rdf.prefixes import declarable

HTML, JSON, TEXT = "text/html", "application/json", "text/plain"
XML, TEXT_XML = "application/xml", "text/xml"
CSS, SVG = "text/css", "image/svg+xml"
ATOM, MARKDOWN = "application/atom+xml", "text/markdown"
PROBLEM = "application/problem+json"
CSV, TSV = "text/csv", "text/tab-separated-values"
RESULTS_JSON, RESULTS_XML = "application/sparql-results+json", "application/sparql-results+xml"
TURTLE, TRIG = "text/turtle", "application/trig"
N_TRIPLES, N_QUADS = "application/n-triples", "application/n-quads"
RDF_XML, JSON_LD = "application/rdf+xml", "application/ld+json"
# What is packed, whatever it is.
GZIP, GZIP_SUFFIX = "application/gzip", ".gz"
# Several parts of one content (RFC 9110, section 14.6).
MULTIPART = "multipart/byteranges"
FORM, QUERY = "application/x-www-form-urlencoded", "application/sparql-query"
UPDATE = "application/sparql-update"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SQLITE, PARQUET = "application/vnd.sqlite3", "application/vnd.apache.parquet"
# What tables of CSV say of themselves (CSV on the Web).
CSVW = "application/csvm+json"
# What everybody's tools read: calendars, maps, networks, lists of references.
ICALENDAR, GEOJSON = "text/calendar", "application/geo+json"
GRAPHML = "application/graphml+xml"
CSL_JSON, BIBTEX = "application/vnd.citationstyles.csl+json", "application/x-bibtex"
# What figures are written in: the format of Prometheus, and the one that was made of it.
PROMETHEUS = "text/plain; version=0.0.4"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


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
LABELS: Mapping[str, str] = {
    **{form.media: form.label for form in RDF},
    JSON: "JSON",
    XML: "XML",
    TEXT_XML: "XML",
    TEXT: "text",
}
NAMES: Mapping[str, ox.RdfFormat] = {form.name: form.rdf for form in RDF}

# What a client may ask by that is the registered name of no format of ours. It gets the format, by
# its registered name: readers choose their parser by that, and few know more than one name. (N3
# reads Turtle.)
ALIASES: Mapping[str, str] = {
    "application/turtle": TURTLE,
    "application/x-turtle": TURTLE,
    "text/n3": TURTLE,
    "text/rdf+n3": TURTLE,
    "application/n3": TURTLE,
    "application/x-trig": TRIG,
    "text/ntriples": N_TRIPLES,
    "text/x-nquads": N_QUADS,
    "text/rdf+xml": RDF_XML,
    "application/x-json+ld": JSON_LD,
    "application/xhtml+xml": HTML,
}
# The general types that answers are as well: who asks for one gets it by this name, since a reader
# that knows no more than JSON, XML or text looks for it. They come last in our own order.
_AS_ROWS: Mapping[str, str] = {
    JSON: RESULTS_JSON,
    XML: RESULTS_XML,
    TEXT_XML: RESULTS_XML,
    TEXT: TSV,
}
_AS_GRAPH: Mapping[str, str] = {JSON: JSON_LD, XML: RDF_XML, TEXT_XML: RDF_XML, TEXT: N_TRIPLES}

# The answers of SPARQL, in the order of preference of its endpoint.
_ROWS: Mapping[str, ox.QueryResultsFormat] = {
    RESULTS_JSON: ox.QueryResultsFormat.JSON,
    RESULTS_XML: ox.QueryResultsFormat.XML,
    CSV: ox.QueryResultsFormat.CSV,
    TSV: ox.QueryResultsFormat.TSV,
}
RESULTS: Mapping[str, ox.QueryResultsFormat] = {
    **_ROWS,
    **{media: _ROWS[form] for media, form in _AS_ROWS.items()},
}
GRAPHS: Mapping[str, ox.RdfFormat] = {
    **{media: FORMATS[media] for media in (TURTLE, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)},
    **{media: FORMATS[form] for media, form in _AS_GRAPH.items()},
}
# All that an answer may be, whatever is asked.
ANSWERS = tuple(dict.fromkeys([*RESULTS, *GRAPHS]))
_VAGUE = (XML, TEXT_XML, TEXT)


def or_page(offered: Iterable[str]) -> tuple[str, ...]:
    """Return types with a page among them, in our order of preference.

    The page comes before what is no more than XML or text: of those, browsers and their likes take
    whatever there is.

    >>> or_page([TURTLE, TEXT])
    ('text/turtle', 'text/html', 'text/plain')
    """
    types = [*offered]
    plain = [media for media in types if media in _VAGUE]
    return (*(media for media in types if media not in _VAGUE), HTML, *plain)


ANSWERS_OR_PAGE = or_page(ANSWERS)
# What a document is offered in: in JSON, it is our own.
DOCUMENTS = (*SUFFIXES.values(), *_VAGUE)
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
# What else clients call them.
_OTHER_NAMES: Mapping[str, str] = {
    "ttl": "turtle",
    "n3": "turtle",
    "nt": "ntriples",
    "n-triples": "ntriples",
    "nq": "nquads",
    "n-quads": "nquads",
    "rdf": "rdfxml",
    "rdf+xml": "rdfxml",
    "json-ld": "jsonld",
    "text": TEXT,
}
_ROW_SUFFIXES: Mapping[str, str] = {
    RESULTS_JSON: "json",
    RESULTS_XML: "xml",
    CSV: "csv",
    TSV: "tsv",
    TEXT: "txt",
}
_FILES: Mapping[str, str] = {
    **{form.suffixes[0]: form.media for form in RDF},
    "json": JSON,
    "rq": QUERY,
    "md": MARKDOWN,
    "atom": ATOM,
    GZIP_SUFFIX[1:]: GZIP,
    "csv": CSV,
    "xlsx": XLSX,
    "sqlite": SQLITE,
    "parquet": PARQUET,
    "ics": ICALENDAR,
    "geojson": GEOJSON,
    "graphml": GRAPHML,
    "csl.json": CSL_JSON,
    "bib": BIBTEX,
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
    textual = media.startswith("text/") or media in (QUERY, BIBTEX)
    return f"{media}; charset=utf-8" if textual else media


def compressible(content_type: str) -> bool:
    """Return whether contents of a type grow smaller when they are compressed.

    >>> compressible("text/csv; charset=utf-8"), compressible("image/png")
    (True, False)
    """
    media = content_type.partition(";")[0].strip()
    textual = media.startswith("text/") or media == BIBTEX
    return textual or media in FORMATS or media.endswith(("json", "xml"))


def choice(name: str) -> FormatChoice | None:
    """Return what a client calls by this name, which may be a media type; None for nothing.

    >>> choice("csv").rows, choice("text/turtle").graph, choice("pdf")
    ('text/csv', 'text/turtle', None)
    """
    # In an address a bare plus sign means a space.
    known = name.replace(" ", "+").lower()
    known = _OTHER_NAMES.get(known, known)
    if known in CHOICES:
        return CHOICES[known]
    media = ALIASES.get(known, known)
    if media == HTML:
        return CHOICES["html"]
    if media not in ANSWERS:
        return None
    return FormatChoice(media if media in RESULTS else None, media if media in GRAPHS else None)


def file_suffix(media: str) -> str:
    """Return the suffix of a file with an answer, without its dot."""
    graphs = {form.media: form.suffixes[0] for form in RDF}
    return graphs.get(media) or _ROW_SUFFIXES.get(media) or media.rpartition("/")[2]


def suffix_of(media: str) -> str:
    """Return the suffix of the address at which a document has this type, or what it stands for.

    >>> suffix_of("text/turtle"), suffix_of("application/xml")
    ('ttl', 'rdf')
    """
    known = {named: suffix for suffix, named in SUFFIXES.items()}
    return known.get(media) or known[_AS_GRAPH[media]]


def of_file(name: str) -> str:
    """Return the media type of a file of a release, by its suffix, which may have two parts.

    >>> of_file("tables/tables.json"), of_file("sources.csl.json")
    ('application/json', 'application/vnd.citationstyles.csl+json')
    """
    suffixes = name.rpartition("/")[2].split(".")
    double = _FILES.get(".".join(suffixes[-2:]))
    return double or _FILES.get(suffixes[-1], TEXT)


def rdf_of_file(name: str) -> ox.RdfFormat:
    """Return the format of RDF of a file of a release. Raises KeyError for another file."""
    return FORMATS[of_file(name)]


def is_rdf_file(name: str) -> bool:
    """Return whether a file of a release is RDF, and not packed.

    >>> is_rdf_file("dialogue.nq"), is_rdf_file("dialogue.nq.gz"), is_rdf_file("release.json")
    (True, False, False)
    """
    return of_file(name) in FORMATS


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

    Raises Rejected (406) for quads that the format cannot hold: RDF/XML not every character and
    property, JSON-LD nothing of RDF 1.2.
    """
    form = GRAPHS[media]
    if not form.supports_datasets:
        quads = [quad for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)]
    if form == ox.RdfFormat.RDF_XML:
        _require_xml(quads)
    text = "\n".join(map(str, quads))
    # Where rdf: is declared, the serialiser writes rdf:type in the place of “a”.
    used = {p: n for p, n in prefixes.items() if f"<{n}" in text and n != str(RDF_NAMESPACE)}
    try:
        return ox.serialize(quads, format=form, prefixes=declarable(used, form)) or b""
    except OSError:
        # The only thing that can fail where bytes are returned: the serialiser has no words for it.
        raise not_expressible(
            f"This holds terms of RDF 1.2, which {LABELS[media]} has no way to write; ask for "
            "another format.",
            [other for other in FORMATS if other != media],
        ) from None


def why_not_rdf_xml(quads: Iterable[ox.Quad]) -> str:
    """Return why RDF/XML cannot hold the default graph of these quads, nothing where it can."""
    named: set[str] = set()
    for quad in quads:
        if not isinstance(quad.graph_name, ox.DefaultGraph):
            continue
        predicate, value = quad.predicate.value, quad.object
        if predicate not in named:
            if not _XML_NAME.search(predicate):
                return f"{predicate} ends in no name of XML"
            named.add(predicate)
        if isinstance(value, ox.Triple):
            return "it holds terms of RDF 1.2"
        if isinstance(value, ox.Literal) and (found := _NOT_XML.search(value.value)):
            return f"a value of {predicate} holds U+{ord(found[0]):04X}, which XML cannot write"
    return ""


def why_not_json_ld(quads: Iterable[ox.Quad]) -> str:
    """Return why JSON-LD cannot hold these quads, nothing where it can."""
    for quad in quads:
        value = quad.object
        if isinstance(value, ox.Triple) or (isinstance(value, ox.Literal) and value.direction):
            return "it holds terms of RDF 1.2"
    return ""


def _require_xml(quads: Sequence[ox.Quad | ox.Triple]) -> None:
    for quad in quads:
        value = quad.object
        if isinstance(value, ox.Triple):
            _require_xml([value])
        if not _XML_NAME.search(quad.predicate.value) or (
            isinstance(value, ox.Literal) and _NOT_XML.search(value.value)
        ):
            raise not_expressible(
                f"RDF/XML cannot hold what is said with {quad.predicate.value}; ask for another "
                "format.",
                [media for media in FORMATS if media != RDF_XML],
            )
