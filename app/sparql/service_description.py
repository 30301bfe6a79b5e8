"""The service description: what the endpoint can do (SPARQL 1.1 Service Description).

It is what a client reads first, so it stays small whatever the dataset: it tells how many graphs
there are of each kind, and where all of them are listed.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox

from app.engine.engine import Engine
from app.manifest import Release
from app.namespaces import DLG, FORMATS, OWL, RDF, RDFS, SD, XSD
from app.rdf.formats import GRAPHS
from app.rdf.prefixes import well_known
from app.rdf.terms import lexical
from app.settings import Settings
from app.sparql import named_graphs
from app.sparql.named_graphs import GraphKind
from app.sparql.protocol import MAX_ADDRESS

_OFFERED = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
    "TriG",
    "N-Quads",
)
# The second is a term of the W3C's draft of the vocabulary for 1.2, where it is an sd:Language.
_LANGUAGES = SD.SPARQL11Query, SD.SPARQL12Query
_SIMPLE = ox.NamedNode("http://www.w3.org/ns/entailment/Simple")
# The graphs' own protocol and the list of all graphs, below the public address: the vocabulary has
# no words for these. What else there is, the description of the dataset and questions, is asked.
_ALWAYS = "graphs", "graph/"
_BESIDE = Path(__file__).parents[1] / "queries" / "beside.rq"


class ServiceDescription:
    """The description of the endpoint over one release.

    It names no feature of the vocabulary, because each would be untrue: nothing is fetched, the
    default graph is not the union of the others, and no other service is asked.
    """

    def __init__(self, engine: Engine, release: Release, settings: Settings) -> None:
        self._engine, self._release, self._settings = engine, release, settings
        self._kinds: Sequence[GraphKind] | None = None
        self._paths: list[str] = [*_ALWAYS]

    @property
    def limits(self) -> dict[str, float | int | None]:
        """The limits of the endpoint by the names of their terms; None where there is none."""
        return {
            "querySeconds": float(self._settings.query_seconds),
            "queryBytes": int(self._settings.max_query),
            "addressBytes": MAX_ADDRESS,
            "answerRows": self._settings.max_rows,
        }

    async def describe(self, endpoint: str, media: str) -> bytes:
        """Return the description of the service at `endpoint`, in one of the graph formats."""
        if self._kinds is None:
            rows = await self._engine.select(_BESIDE.read_text(encoding="utf-8"))
            self._paths = [*_ALWAYS, *(lexical(row["path"]) for row in rows)]
            self._kinds = await named_graphs.kinds(self._engine.select)
        triples = self._triples(ox.NamedNode(endpoint), self._kinds)
        prefixes = well_known("dcterms", "dlg", "formats", "owl", "rdfs", "sd", "xsd")
        return ox.serialize(triples, format=GRAPHS[media], prefixes=prefixes) or b""

    def _triples(self, endpoint: ox.NamedNode, kinds: Sequence[GraphKind]) -> Iterator[ox.Triple]:
        yield ox.Triple(endpoint, RDF.type, SD.Service)
        yield ox.Triple(endpoint, SD.endpoint, endpoint)
        for language in _LANGUAGES:
            yield ox.Triple(endpoint, SD.supportedLanguage, language)
        yield ox.Triple(endpoint, SD.defaultEntailmentRegime, _SIMPLE)
        for name in _OFFERED:
            yield ox.Triple(endpoint, SD.resultFormat, FORMATS[name])
        for name, limit in self.limits.items():
            if limit is not None:
                kind = XSD.integer if isinstance(limit, int) else XSD.decimal
                # A decimal has no exponent.
                text = format(Decimal(str(limit)), "f")
                yield ox.Triple(endpoint, DLG[name], ox.Literal(text, datatype=kind))
        public = endpoint.value.removesuffix("sparql")
        for path in self._paths:
            yield ox.Triple(endpoint, RDFS.seeAlso, ox.NamedNode(public + path))
        canonical = ox.NamedNode(f"{self._release.base}sparql")
        if canonical != endpoint:
            yield ox.Triple(canonical, OWL.sameAs, endpoint)
        yield from self._dataset(endpoint, kinds)

    def _dataset(self, endpoint: ox.NamedNode, kinds: Sequence[GraphKind]) -> Iterator[ox.Triple]:
        dataset = ox.NamedNode(self._release.dataset)
        graphs = named_graphs.collection(self._release.base)
        yield ox.Triple(endpoint, SD.defaultDataset, dataset)
        yield ox.Triple(endpoint, SD.availableGraphs, graphs)
        yield ox.Triple(dataset, RDF.type, SD.Dataset)
        yield ox.Triple(dataset, RDF.type, SD.GraphCollection)
        default = ox.BlankNode("default")
        yield ox.Triple(dataset, SD.defaultGraph, default)
        yield ox.Triple(default, RDF.type, SD.Graph)
        for kind in kinds:
            yield from named_graphs.listed(dataset, kind.graphs)
        yield from named_graphs.counted(self._release.base, kinds)
