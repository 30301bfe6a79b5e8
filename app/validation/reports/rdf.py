"""Findings as the validation report of SHACL, in Turtle.

What the program checks itself is a result like any other. A remark about a shape is none, since it
is not about the data.

Source: SHACL (W3C Recommendation of 2017-07-20), section 3.6.
"""

from collections.abc import Iterator
from itertools import count

import pyoxigraph as ox

from app.namespaces import RDF, SH, XSD
from app.rdf.prefixes import well_known
from app.rdf.sparql import paths
from app.rdf.terms import Term
from app.validation.engines.base import Result
from app.validation.findings import Checked

_UNARY = {
    paths.InversePath: SH.inversePath,
    paths.ZeroOrMorePath: SH.zeroOrMorePath,
    paths.OneOrMorePath: SH.oneOrMorePath,
    paths.ZeroOrOnePath: SH.zeroOrOnePath,
}


def render(checked: Checked) -> str:
    """Return the report as Turtle; blank nodes of data and shapes are as they are there."""
    prefixes = {**checked.prefixes, **well_known("sh", "xsd")}
    chosen = {prefix: space for prefix, space in prefixes.items() if prefix}
    triples = list(_Report().triples(checked))
    data = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=chosen)
    return (data or b"").decode()


class _Report:
    """The report; its own nodes have names that neither data nor shapes use."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def _node(self) -> ox.BlankNode:
        return ox.BlankNode(f"report.{next(self._numbers)}")

    def triples(self, checked: Checked) -> Iterator[ox.Triple]:
        """Yield the triples of the report."""
        report = self._node()
        results = [finding.result for finding in checked.findings if finding.result]
        conforms = "false" if results or checked.faults else "true"
        yield ox.Triple(report, RDF.type, SH.ValidationReport)
        yield ox.Triple(report, SH.conforms, ox.Literal(conforms, datatype=XSD.boolean))
        for result in results:
            node = self._node()
            yield ox.Triple(report, SH.result, node)
            yield from self._result(node, result)

    def _result(self, node: ox.BlankNode, result: Result) -> Iterator[ox.Triple]:
        yield ox.Triple(node, RDF.type, SH.ValidationResult)
        values: list[tuple[ox.NamedNode, Term | None]] = [
            (SH.focusNode, result.focus),
            (SH.value, result.value),
            (SH.sourceShape, result.shape),
            (SH.sourceConstraintComponent, result.component),
            (SH.sourceConstraint, result.constraint),
            (SH.resultSeverity, result.severity),
        ]
        for predicate, value in values:
            if value is not None:
                yield ox.Triple(node, predicate, value)
        for message in result.messages:
            yield ox.Triple(node, SH.resultMessage, message)
        if result.path is not None:
            term, triples = self._path(result.path)
            yield ox.Triple(node, SH.resultPath, term)
            yield from triples

    def _path(self, path: paths.Path) -> tuple[ox.NamedNode | ox.BlankNode, list[ox.Triple]]:
        if isinstance(path, paths.PredicatePath):
            return path.iri, []
        if isinstance(path, paths.SequencePath):
            return self._list(path.parts)
        node = self._node()
        if isinstance(path, paths.AlternativePath):
            members, triples = self._list(path.parts)
            return node, [ox.Triple(node, SH.alternativePath, members), *triples]
        inner, triples = self._path(path.path)
        return node, [ox.Triple(node, _UNARY[type(path)], inner), *triples]

    def _list(
        self, parts: tuple[paths.Path, ...]
    ) -> tuple[ox.NamedNode | ox.BlankNode, list[ox.Triple]]:
        node: ox.NamedNode | ox.BlankNode = RDF.nil
        triples: list[ox.Triple] = []
        for part in reversed(parts):
            first, inside = self._path(part)
            cell = self._node()
            triples += [ox.Triple(cell, RDF.first, first), ox.Triple(cell, RDF.rest, node), *inside]
            node = cell
        return node, triples
