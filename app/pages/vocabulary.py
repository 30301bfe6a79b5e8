"""The page of the ontology or of the shapes, with an anchor for each term."""

import pyoxigraph as ox

from app.catalog.graph import ReleasedGraph
from app.catalog.labels import best
from app.catalog.vocabulary import Glossary, VocabularyTerm
from app.namespaces import DCTERMS, OWL, RDF
from app.pages.display import Display, Shown
from app.pages.renderer import Renderer, as_json
from app.rdf.terms import Term, node

_FIRST = (
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.NamedIndividual,
)


async def page(renderer: Renderer, graph: ReleasedGraph, name: str) -> str:
    """Return the page of a vocabulary."""
    glossary = await _glossary(renderer, graph, name)
    view = await renderer.display(list(glossary.mentioned()))
    return await renderer.render(
        "vocabulary.html",
        view=view,
        name=name,
        glossary=glossary,
        title=title(glossary, view),
        sections=sections(glossary, view),
        described=lambda entry: described(entry, view),
        path=name,
    )


async def json_page(renderer: Renderer, graph: ReleasedGraph, name: str) -> str:
    """Return the terms of a vocabulary, by kind, as JSON."""
    glossary = await _glossary(renderer, graph, name)
    view = await renderer.display(list(glossary.mentioned()))
    return as_json(
        {
            "iri": f"{renderer.released.base}{name}",
            "terms": [
                {
                    "iri": t.iri.value,
                    "name": view.name(t.iri).text,
                    "kind": view.name(kind).text,
                }
                for kind, terms in sections(glossary, view)
                for t in terms
            ],
        }
    )


async def _glossary(renderer: Renderer, graph: ReleasedGraph, name: str) -> Glossary:
    base = renderer.released.base
    rows = await graph.ask("terms", graph=ox.NamedNode(f"{base}graph/{name}"))
    return Glossary(ox.NamedNode(base + name), rows)


def described(entry: VocabularyTerm, view: Display) -> list[tuple[ox.NamedNode, list[Term]]]:
    """Return the properties of a term in the order of pages, with their values sorted."""
    return [
        (property, sorted(values, key=view.order))
        for property, values in sorted(entry.properties.items(), key=lambda i: view.rank(i[0]))
    ]


def title(glossary: Glossary, view: Display) -> Shown:
    """Return what the vocabulary is called, by itself."""
    titles = glossary.header.properties.get(DCTERMS.title, [])
    named = [title for title in titles if isinstance(title, ox.Literal)]
    return view.show(best(named)) if named else view.name(glossary.header.iri)


def sections(glossary: Glossary, view: Display) -> list[tuple[ox.NamedNode, list[VocabularyTerm]]]:
    """Return the terms by their kind, classes and properties first, each by its IRI."""
    found: dict[ox.NamedNode, list[VocabularyTerm]] = {}
    for entry in glossary.entries:
        kinds = [kind for kind in map(node, entry.properties.get(RDF.type, [])) if kind]
        kind = min(kinds, key=_standing) if kinds else RDF.Resource
        found.setdefault(kind, []).append(entry)
    for entries in found.values():
        entries.sort(key=lambda entry: entry.anchor.casefold())
    return sorted(found.items(), key=lambda item: (_standing(item[0])[0], view.name(item[0]).text))


def _standing(kind: ox.NamedNode) -> tuple[int, str]:
    return (_FIRST.index(kind) if kind in _FIRST else len(_FIRST)), kind.value
