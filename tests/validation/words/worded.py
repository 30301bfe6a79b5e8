"""Shapes and data of one prefix, run through the evaluator and put into words."""

from collections.abc import Sequence

import pyoxigraph as ox

from app.rdf.prefixes import PrefixMap, well_known
from app.validation.engines import native
from app.validation.engines.base import Result
from app.validation.words import Labels, Words
from app.validation.words.catalogue_en import catalogue

PREFIXES = {"e": "http://example.org/", **well_known("sh", "rdf", "rdfs", "xsd", "skos", "dcterms")}
_PROLOGUE = "".join(f"@prefix {prefix}: <{space}> . " for prefix, space in PREFIXES.items())


def triples(turtle: str) -> list[ox.Triple]:
    """Return the triples of a text in Turtle without its prefixes."""
    return [q.triple for q in ox.parse(_PROLOGUE + turtle, format=ox.RdfFormat.TURTLE)]


class Worded:
    """The results of shapes on data, and the words for them."""

    def __init__(
        self, shapes: str, data: str, languages: Sequence[str] = ("en",), known: str = ""
    ) -> None:
        plan = native.compile_shapes(triples(shapes))
        assert not [problem.sentence for problem in plan.problems if problem.blocking]
        graph = native.Graph(triples(data))
        self.results: list[Result] = list(native.evaluate(plan, graph))
        labels = Labels([plan.graph, graph, native.Graph(triples(known))], languages)
        self.words = Words(plan.graph, graph, labels, PrefixMap(PREFIXES), catalogue())

    @property
    def sentences(self) -> list[str]:
        """The sentence of each result."""
        return [self.words.sentence(result) for result in self.results]
