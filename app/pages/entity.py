"""The page of a thing, whatever it is."""

from collections.abc import Sequence
from typing import Any

import pyoxigraph as ox

from app.catalog.description import Description, is_evidence
from app.catalog.graph import Properties, ReleasedGraph
from app.catalog.questions import declared
from app.namespaces import RDF, SH
from app.pages import entity_json, evidence, lists
from app.pages.display import Display
from app.pages.extracts import CALENDAR, lists_of
from app.pages.renderer import Renderer, as_json
from app.rdf.formats import CSV
from app.rdf.terms import lexical

MANY_TRIPLES = 500
_TEXTS = frozenset({SH.select, SH.ask, SH.construct})


async def page(renderer: Renderer, graph: ReleasedGraph, found: Description, path: str) -> str:
    """Return the page of a thing, at `path` below the root."""
    view = await renderer.display(found=found)
    about = found.contents.get(found.subject)
    # Evidence shows these at its head, as a quotation.
    cited = is_evidence(found.graphs.get(found.subject, {}))
    query = _query(found)
    properties = await graph.innermost(found.subject, _held(found))
    structured = await renderer.structured(found.subject, properties)
    kinds = [s.value for s in found.statements if s.property == RDF.type and s.held]
    # What nothing leads to has no lists of its own.
    belonging = await lists_of(graph, found.subject) if found.incoming else []
    return await renderer.render(
        "entity.html",
        view=view,
        found=found,
        path=path,
        structured=structured,
        title=view.name(found.subject),
        kinds=[view.name(kind) for kind in dict.fromkeys(kinds)],
        groups=evidence.groups(
            view, found, without=evidence.UNSHOWN | (evidence.CITED if cited else frozenset())
        ),
        disputes=evidence.disputes(found),
        apart=evidence.not_held(found),
        belonging=belonging,
        has_calendar=any(one.has(CALENDAR) for one in belonging),
        table=CSV,
        of=found.subject.value.removeprefix(graph.things),
        about=_by_subject(about[:MANY_TRIPLES]) if about is not None else None,
        about_cut=about is not None and len(about) > MANY_TRIPLES,
        citation=lambda graph: evidence.citation(view, found, graph),
        query=declared(query, renderer.released.prefixes) if query else None,
        rule=lambda graph: evidence.rule(view, found, graph),
        listing=lambda property, inverse: _listing(view, found, property, inverse=inverse),
    )


async def json_page(renderer: Renderer, found: Description) -> str:
    """Return the description of a thing as JSON: facts, citations, what is not held, links."""
    return as_json(entity_json.members(await renderer.display(found=found), found))


def _listing(
    view: Display, found: Description, property: ox.NamedNode, *, inverse: bool
) -> str | None:
    known = lists.beside(found.lists, property, inverse=inverse)
    return lists.words(view, known) if known else None


def _query(found: Description) -> str:
    """Return the query that asks a question, where the subject is one; else nothing."""
    if not any(s.value == SH.SPARQLExecutable for s in found.statements):
        return ""
    texts = (s.value for s in found.statements if s.held and s.property in _TEXTS)
    return next(map(lexical, texts), "")


def _held(found: Description) -> Properties:
    properties: Properties = {}
    for statement in found.statements:
        values = properties.setdefault(statement.property, [])
        if statement.held and statement.value not in values:
            values.append(statement.value)
    return properties


def _by_subject(triples: Sequence[ox.Triple]) -> dict[Any, list[ox.Triple]]:
    found: dict[Any, list[ox.Triple]] = {}
    for triple in triples:
        found.setdefault(triple.subject, []).append(triple)
    return found
