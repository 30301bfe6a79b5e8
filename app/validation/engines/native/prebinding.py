"""Queries of shapes, read with their prefixes and held against the restrictions of SHACL.

Source: SHACL, sections 5.2.1 and 5.3.1, and appendix A.
"""

import re
from collections.abc import Iterable

import pyoxigraph as ox

from app.namespaces import OWL, SH, XSD
from app.rdf.sparql import paths
from app.rdf.sparql.paths import Path
from app.rdf.terms import Term
from app.validation.engines.native.graph import Graph
from app.validation.engines.native.query import ParsedQuery
from app.validation.engines.native.vocabulary import short

SHAPES_VARIABLES = frozenset({"shapesGraph", "currentShape"})
"""Variables that a query may have bound beforehand and need not project."""

_PREFIX = re.compile(r"(?:[^\W\d_](?:[\w.\-]*[\w\-])?)?\Z")
# Whether "<" begins an IRI or compares, only a parser of the grammar can tell, and what follows may
# be a comment or a text: so what looks like a service is refused wherever it stands.
_SPACE = r"(?:\s|#[^\n\r]*[\n\r])*"
_SERVICE = re.compile(
    rf"(?<![\w:?$#/.-])SERVICE{_SPACE}(?:SILENT{_SPACE})?(?:<|[?$]\w|[\w.-]*:)", re.IGNORECASE
)
_PLACE = re.compile(r"error at (\d+):(\d+)")


class NoQuery(Exception):
    """A query cannot be used; the message says why.

    `refused` says that it is in order, but will not be run.
    """

    def __init__(self, sentence: str, *, refused: bool = False) -> None:
        super().__init__(sentence)
        self.refused = refused


def literals(graph: Graph, node: Term, predicate: ox.NamedNode) -> tuple[ox.Literal, ...]:
    """Return the values of a property that are literals."""
    return tuple(v for v in graph.objects(node, predicate) if isinstance(v, ox.Literal))


def prefixes(graph: Graph, node: Term) -> dict[str, str]:
    """Return the prefixes for the query of a node, with those that its ontologies import.

    Raises NoQuery for a declaration that is ill-formed. Source: SHACL, section 5.2.1.
    """
    known: dict[str, str] = {}
    seen = dict.fromkeys(graph.objects(node, SH.prefixes))
    queue = list(seen)
    while queue:
        ontology = queue.pop(0)
        for declaration in graph.objects(ontology, SH.declare):
            names = literals(graph, declaration, SH.prefix)
            spaces = literals(graph, declaration, SH.namespace)
            if len(names) != 1 or len(spaces) != 1 or not _PREFIX.match(names[0].value):
                raise NoQuery(
                    "each sh:declare needs one sh:prefix, such as “ex”, and one sh:namespace"
                )
            name, space = names[0].value, spaces[0].value
            if known.setdefault(name, space) != space:
                raise NoQuery(f"the prefix “{name}:” is declared twice, for different namespaces")
        for imported in graph.objects(ontology, OWL.imports):
            if imported not in seen:
                seen[imported] = None
                queue.append(imported)
    return known


def read_query(
    graph: Graph,
    node: Term,
    predicate: ox.NamedNode,
    path: Path | None,
    bound: Iterable[str],
    *,
    prebinding: bool = True,
) -> ParsedQuery:
    """Return the query of a node: the value of `sh:select` or `sh:ask`.

    `bound` are the variables that will be bound beforehand. Raises NoQuery if the query cannot be
    used: not one text, not SPARQL, or against the restrictions of SHACL, section 5.2.1 and
    appendix A.
    """
    form = short(predicate)[3:].upper()
    values = graph.objects(node, predicate)
    texts = [v for v in literals(graph, node, predicate) if v.datatype == XSD.string]
    if len(texts) != 1 or len(values) != 1:
        raise NoQuery(f"a query has one {short(predicate)}, a text in quotes")
    known = prefixes(graph, node)
    prologue = "".join(f"PREFIX {name}: <{space}> " for name, space in known.items())
    query = ParsedQuery(prologue + texts[0].value, known)
    if "PATH" in query.variables:
        query = ParsedQuery(_with_path(query, path), known)
    _check_words(query)
    if (prefix := query.undeclared()) is not None:
        raise NoQuery(f"the prefix “{prefix}:” of the query is not declared: add it by sh:prefixes")
    _check_syntax(query, form, len(prologue))
    if prebinding:
        _check_binding(query, frozenset(bound))
    return query


def _with_path(query: ParsedQuery, path: Path | None) -> str:
    if path is None:
        raise NoQuery("$PATH stands for the path of a property shape, and this is a node shape")
    written = paths.text(path)
    if not isinstance(path, paths.PredicatePath):
        written = f"({written})"
    text, position = "", 0
    for token in query.tokens:
        if token.variable == "PATH":
            text += f"{query.text[position : token.start]} {written} "
            position = token.end
    return text + query.text[position:]


def _check_words(query: ParsedQuery) -> None:
    for word in ("SERVICE", "FROM"):
        if word in query.words or (word == "SERVICE" and _SERVICE.search(query.text)):
            raise NoQuery(f"a query asks the data alone: take {word} out", refused=True)


def _check_syntax(query: ParsedQuery, form: str, prologue: int) -> None:
    if query.form != form:
        raise NoQuery(f"it has to be {'an' if form == 'ASK' else 'a'} {form} query")
    try:
        ox.Store().query(query.text)
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        place = _PLACE.search(str(error))
        if place is None:
            raise NoQuery(
                f"the query is no SPARQL: {' '.join(str(error).split())[:200]}"
            ) from error
        line, column = int(place[1]), int(place[2]) - (prologue if place[1] == "1" else 0)
        raise NoQuery(f"the query is no SPARQL near its line {line}, column {column}") from error


def _check_binding(query: ParsedQuery, bound: frozenset[str]) -> None:
    """Raise NoQuery for what cannot be combined with variables bound beforehand."""
    for word in ("MINUS", "VALUES"):
        if word in query.words:
            raise NoQuery(f"SHACL allows no {word}: write FILTER NOT EXISTS or FILTER (… IN (…))")
    tokens = query.tokens
    for number, token in enumerate(tokens[:-1]):
        name = tokens[number + 1].variable
        if token.word == "AS" and name in bound | SHAPES_VARIABLES:
            raise NoQuery(f"?{name} has a value already: let AS name another variable")
    for start, end in list(query.selections())[1:]:
        projected = {token.variable for token in tokens[start:end]}
        missing = sorted((bound - SHAPES_VARIABLES) - projected)
        if missing or tokens[start].text == "*":
            names = " ".join(f"${name}" for name in missing or sorted(bound - SHAPES_VARIABLES))
            raise NoQuery(f"an inner SELECT has to name what is bound beforehand: add {names}")
