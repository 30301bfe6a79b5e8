"""The service description: what the endpoint can do (SPARQL 1.1 Service Description)."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from app.engine.engine import Engine
from app.manifest import Release
from app.namespaces import FORMATS, RDF, RDFS, SD
from app.rdf.formats import GRAPHS
from app.rdf.prefixes import well_known

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
_QUERY = Path(__file__).parents[1] / "queries" / "graphs.rq"


class ServiceDescription:
    """The description of the endpoint over one release."""

    def __init__(self, engine: Engine, release: Release) -> None:
        self._engine, self._release = engine, release
        self._graphs: list[ox.NamedNode] | None = None

    async def describe(self, endpoint: str, media: str) -> bytes:
        """Return the description of the service at `endpoint`, in one of the graph formats."""
        if self._graphs is None:
            rows = await self._engine.select(_QUERY.read_text(encoding="utf-8"))
            found = (row["graph"] for row in rows)
            self._graphs = [graph for graph in found if isinstance(graph, ox.NamedNode)]
        triples = self._triples(ox.NamedNode(endpoint), self._graphs)
        return (
            ox.serialize(
                triples, format=GRAPHS[media], prefixes=well_known("formats", "rdfs", "sd")
            )
            or b""
        )

    def _triples(self, endpoint: ox.NamedNode, graphs: list[ox.NamedNode]) -> Iterator[ox.Triple]:
        dataset = ox.NamedNode(self._release.dataset)
        yield ox.Triple(endpoint, RDF.type, SD.Service)
        yield ox.Triple(endpoint, SD.endpoint, endpoint)
        yield ox.Triple(endpoint, SD.supportedLanguage, SD.SPARQL11Query)
        # The vocabulary has no word for the graphs' own protocol.
        graphs_at = ox.NamedNode(endpoint.value.removesuffix("sparql") + "graphs")
        yield ox.Triple(endpoint, RDFS.seeAlso, graphs_at)
        for name in _OFFERED:
            yield ox.Triple(endpoint, SD.resultFormat, FORMATS[name])
        yield ox.Triple(endpoint, SD.defaultDataset, dataset)
        yield ox.Triple(endpoint, SD.availableGraphs, dataset)
        yield ox.Triple(dataset, RDF.type, SD.Dataset)
        yield ox.Triple(dataset, RDF.type, SD.GraphCollection)
        default = ox.BlankNode("default")
        yield ox.Triple(dataset, SD.defaultGraph, default)
        yield ox.Triple(default, RDF.type, SD.Graph)
        for number, graph in enumerate(graphs, start=1):
            named = ox.BlankNode(f"g{number}")
            yield ox.Triple(dataset, SD.namedGraph, named)
            yield ox.Triple(named, RDF.type, SD.NamedGraph)
            yield ox.Triple(named, SD.name, graph)
