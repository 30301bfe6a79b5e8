"""What shapes say of themselves: their names, their messages, their place."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from app.namespaces import SH
from app.rdf.parser import Document, Place
from app.rdf.prefixes import PrefixMap
from app.rdf.terms import Term
from app.validation.findings import Severity

_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
_SEVERITIES: dict[Term, Severity] = {SH.Info: Severity.INFO, SH.Warning: Severity.WARNING}


class Shapes:
    """The shapes of documents."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._said: dict[Term, dict[ox.NamedNode, list[Term]]] = defaultdict(dict)
        self._places: dict[Term, tuple[Document, int]] = {}
        self._parents: dict[Term, Term] = {}
        self.triples: list[ox.Triple] = []
        for document in documents:
            for statement in document.statements:
                subject, predicate, value, _ = statement.quad
                self.triples.append(statement.quad.triple)
                self._said[subject].setdefault(predicate, []).append(value)
                self._places.setdefault(subject, (document, statement.subject))
                if isinstance(value, ox.BlankNode):
                    self._parents[value] = subject

    def about(self, node: Term, predicate: ox.NamedNode) -> list[Term]:
        """Return the values of a property of a node."""
        return self._said.get(node, {}).get(predicate, [])

    def values(self, predicate: ox.NamedNode) -> set[Term]:
        """Return every value of a property."""
        return {value for about in self._said.values() for value in about.get(predicate, ())}

    def named(self, node: Term) -> Term:
        """Return the shape with a name in which a shape stands, or the shape itself."""
        seen: set[Term] = set()
        while isinstance(node, ox.BlankNode) and node in self._parents and node not in seen:
            seen.add(node)
            node = self._parents[node]
        return node

    def message(self, node: Term | None) -> str:
        """Return the message of a shape or constraint: in English, else in any language."""
        literals = (
            [m for m in self.about(node, SH.message) if isinstance(m, ox.Literal)] if node else []
        )
        best = min(literals, key=_strangeness, default=None)
        return best.value if best else ""

    def severity(self, node: Term) -> Severity:
        """Return the severity that a shape declares; a violation where it declares none."""
        declared = self.about(node, SH.severity)
        return severity(declared[0]) if declared else Severity.VIOLATION

    def place(self, node: Term) -> Place | None:
        """Return where a shape is declared; None if it is not."""
        found = self._places.get(node)
        return found and found[0].place(found[1])

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


def _strangeness(literal: ox.Literal) -> tuple[int, str]:
    language = literal.language or ""
    order = {"en": 0, "": 2}.get(language, 1 if language.startswith("en-") else 3)
    return order, literal.value


def fill(template: str, bindings: Mapping[str, Term], names: PrefixMap) -> str:
    """Return a message with its placeholders filled; one without a value reads as “…”.

    Source: SHACL (W3C Recommendation of 2017-07-20), section 5.3.2.
    """

    def value(found: re.Match[str]) -> str:
        term = bindings.get(found[1])
        return "…" if term is None else names.plain(term)

    return _PLACEHOLDER.sub(value, template)
