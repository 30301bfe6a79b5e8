"""What shapes say of themselves: their names, their messages, their place."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import pyoxigraph as ox

from app.namespaces import SH
from app.rdf.parser import Place
from app.rdf.prefixes import PrefixMap, well_known
from app.rdf.terms import Term
from app.validation.findings import Severity
from app.validation.languages import best

STANDARD = well_known("owl", "rdf", "rdfs", "sh", "xsd")
"""The prefixes that everybody means alike."""

_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
_SEVERITIES: dict[Term, Severity] = {SH.Info: Severity.INFO, SH.Warning: Severity.WARNING}


class Shapes:
    """The shapes of a graph; `place` tells where a node of it is introduced."""

    def __init__(
        self, statements: Iterable[ox.Quad], place: Callable[[Term], Place | None] = lambda _: None
    ) -> None:
        self._described: dict[Term, dict[ox.NamedNode, list[Term]]] = defaultdict(dict)
        self._parents: dict[Term, Term] = {}
        self.place = place
        self.triples: list[ox.Triple] = []
        for subject, predicate, value, _ in statements:
            self.triples.append(ox.Triple(subject, predicate, value))
            self._described[subject].setdefault(predicate, []).append(value)
            if isinstance(value, ox.BlankNode):
                self._parents[value] = subject

    def about(self, node: Term, predicate: ox.NamedNode) -> list[Term]:
        """Return the values of a property of a node."""
        return self._described.get(node, {}).get(predicate, [])

    def values(self, predicate: ox.NamedNode) -> set[Term]:
        """Return every value of a property."""
        return {value for about in self._described.values() for value in about.get(predicate, ())}

    def named(self, node: Term) -> Term:
        """Return the shape with a name in which a shape stands, or the shape itself."""
        seen: set[Term] = set()
        while isinstance(node, ox.BlankNode) and node in self._parents and node not in seen:
            seen.add(node)
            node = self._parents[node]
        return node

    def messages(self, node: Term | None) -> list[ox.Literal]:
        """Return the messages of a shape or constraint, in every language."""
        about = self.about(node, SH.message) if node else []
        return [message for message in about if isinstance(message, ox.Literal)]

    def message(self, node: Term | None, languages: Sequence[str] = ()) -> str:
        """Return the message of a shape or constraint: in the first of `languages`, else English.

        Else the one in no language, else any; nothing where there is none.
        """
        chosen = best(self.messages(node), languages)
        return chosen.value if chosen else ""

    def severity(self, node: Term) -> Severity:
        """Return the severity that a shape declares; a violation where it declares none."""
        declared = self.about(node, SH.severity)
        return severity(declared[0]) if declared else Severity.VIOLATION

    def mentions(self, term: ox.NamedNode) -> bool:
        """Return whether a term, or a SPARQL query's name for it, occurs in the shapes."""
        local = re.compile(rf"[:#/]{re.escape(re.split('[#/]', term.value)[-1])}\b")
        return any(
            term in triple
            or (isinstance(triple.object, ox.Literal) and local.search(triple.object.value))
            for triple in self.triples
        )


def severity(term: Term) -> Severity:
    """Return the severity that an IRI names; one that SHACL does not know is a violation."""
    return _SEVERITIES.get(term, Severity.VIOLATION)


def fill(template: str, bindings: Mapping[str, Term], names: PrefixMap) -> str:
    """Return a message with its placeholders filled; one without a value reads as “…”.

    Source: SHACL (W3C Recommendation of 2017-07-20), section 5.3.2.
    """

    def value(found: re.Match[str]) -> str:
        term = bindings.get(found[1])
        return "…" if term is None else names.plain(term)

    return _PLACEHOLDER.sub(value, template)
