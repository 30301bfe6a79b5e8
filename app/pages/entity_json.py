"""A description as JSON: what its page says, with every IRI in full."""

import pyoxigraph as ox

from app.catalog.description import Description, is_evidence
from app.namespaces import DLG, SKOS
from app.pages.display import Display
from app.pages.evidence import Claim, Facts, disputes, groups, not_held
from app.pages.lists import members as list_members
from app.rdf.terms import Term


def members(view: Display, found: Description) -> dict[str, object]:
    """Return what a page says of a subject as members for JSON, terms in full."""

    def term(value: Term) -> dict[str, object]:
        if isinstance(value, ox.NamedNode):
            return {"iri": value.value, "name": view.name(value).text}
        if isinstance(value, ox.Literal):
            if value.direction:
                direction = str(value.direction)
                return {"text": value.value, "language": value.language, "direction": direction}
            if value.language:
                return {"text": value.value, "language": value.language}
            return {"text": value.value, "datatype": value.datatype.value}
        if isinstance(value, ox.Triple):
            return {"triple": [term(value.subject), term(value.predicate), term(value.object)]}
        return {"blank": True}

    def listed(facts: list[Facts]) -> list[dict[str, object]]:
        return [
            {
                "property": term(one.property),
                "value": term(fact.value),
                **({"inner": listed(fact.inner)} if fact.inner else {}),
                "evidence": [graph.value for graph in fact.evidence],
                "rules": [graph.value for graph in fact.rules],
                "premises": [graph.value for graph in fact.premises],
                "stance": fact.stance and term(fact.stance),
                "disputed": fact.disputed,
            }
            for one in facts
            for fact in one.facts
        ]

    def claim(one: Claim) -> dict[str, object]:
        triples = [[term(t.subject), term(t.predicate), term(t.object)] for t in one.triples]
        return {"evidence": one.evidence.value, "triples": triples}

    def cited(graph: ox.NamedNode) -> dict[str, object]:
        properties = found.graphs[graph]
        return {
            "iri": graph.value,
            "stance": [term(v) for v in properties.get(DLG.stance, [])],
            "quotes": [term(v) for v in properties.get(DLG.quote, [])],
            "records": [term(v) for v in properties.get(DLG.record, [])],
            "notes": [term(v) for v in properties.get(SKOS.editorialNote, [])],
            "sources": [term(v) for v in properties.get(DLG.source, [])],
        }

    return {
        "iri": found.subject.value,
        "name": view.name(found.subject).text,
        "facts": [fact for group in groups(view, found) for fact in listed(group.properties)],
        "lists": [list_members(view, known) for known in found.lists],
        "disputes": [[claim(one) for one in dispute] for dispute in disputes(found)],
        "not_held": [claim(one) for one in not_held(found)],
        "says": [
            [term(t.subject), term(t.predicate), term(t.object)]
            for t in found.contents.get(found.subject, [])
        ],
        "evidence": [
            cited(graph)
            for graph in sorted(found.graphs, key=str)
            if is_evidence(found.graphs[graph])
        ],
        "incoming": [
            {
                "property": term(link.property),
                "count": link.count,
                "first": [term(thing) for thing in link.things],
            }
            for link in found.incoming
        ],
    }
