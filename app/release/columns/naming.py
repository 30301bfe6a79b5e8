"""What a release refuses: a property that nothing names of the things that have it.

Such a column has neither a meaning nor a rule: it is a slip, or a shape is missing.
"""

import re
from collections.abc import Iterator

import pyoxigraph as ox

from app.errors import Fault
from app.rdf.prefixes import PrefixMap
from app.record.record import Record
from app.release.columns.survey import ReleaseColumns
from app.release.statistics import namespace


def unnamed(survey: ReleaseColumns, record: Record) -> Iterator[str]:
    """Yield a line for each property that things use and neither shape nor ontology names of them.

    It has the place of the first such fact: a line of a file, or the rule that concludes it. Of
    several classes of one thing, the first is told.
    """
    prefixes = PrefixMap(record.prefixes)
    seen: set[str] = set()
    for kind, field in survey.unnamed():
        if field.property in seen:
            continue
        seen.add(field.property)
        name, of = prefixes.iri(field.property), prefixes.iri(kind)
        place = _place(record, survey, ox.NamedNode(field.property), kind)
        yield f"{place}: {name} of a {of}: no shape and no domain names it"


def require_named(survey: ReleaseColumns, record: Record) -> None:
    """Raise Fault with those lines, if there are any."""
    if lines := list(unnamed(survey, record)):
        raise Fault("\n".join(lines))


def _place(record: Record, survey: ReleaseColumns, property: ox.NamedNode, kind: str) -> str:
    for document in (*record.data, *record.ontology):
        for statement in document.statements:
            subject = statement.quad.subject
            if statement.quad.predicate == property and isinstance(subject, ox.NamedNode):
                rows = survey.index.rows_in(survey.index.kinds(subject.value))
                if any(one.value == kind for one in rows):
                    return str(document.place(statement.predicate))
    # The two that no rule writes are worked out from dates, as the ontology says of them.
    written = re.compile(rf"[:#/]{re.escape(property.value[len(namespace(property)) :])}\b")
    for rule in record.rules:
        if written.search(rule.text):
            return str(rule.path)
    return str(record.root)
