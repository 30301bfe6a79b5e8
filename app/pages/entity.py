"""The page of a thing, whatever it is."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pyoxigraph as ox

from app.catalog.description import Description, is_evidence
from app.namespaces import RDF
from app.pages import entity_json, evidence
from app.pages.renderer import Renderer, as_json

MANY_TRIPLES = 500


async def page(renderer: Renderer, found: Description, path: str) -> str:
    """Return the page of a thing, at `path` below the root."""
    view = await renderer.display(found=found)
    about = found.contents.get(found.subject)
    # Evidence shows these at its head, as a quotation.
    cited = is_evidence(found.graphs.get(found.subject, {}))
    kinds = [s.value for s in found.statements if s.property == RDF.type and s.held]
    # In a thread, because a long page takes long enough to keep others waiting.
    return await asyncio.to_thread(
        renderer.render,
        "entity.html",
        view=view,
        found=found,
        path=path,
        title=view.name(found.subject),
        kinds=[view.name(kind) for kind in dict.fromkeys(kinds)],
        groups=evidence.groups(view, found, without=evidence.CITED if cited else ()),
        disputes=evidence.disputes(found),
        apart=evidence.not_held(found),
        about=_by_subject(about[:MANY_TRIPLES]) if about is not None else None,
        about_cut=about is not None and len(about) > MANY_TRIPLES,
        citation=lambda graph: evidence.citation(view, found, graph),
        rule=lambda graph: evidence.rule(view, found, graph),
    )


async def json_page(renderer: Renderer, found: Description) -> str:
    """Return the description of a thing as JSON: facts, citations, what is not held, links."""
    return as_json(entity_json.members(await renderer.display(found=found), found))


def _by_subject(triples: Sequence[ox.Triple]) -> dict[Any, list[ox.Triple]]:
    found: dict[Any, list[ox.Triple]] = {}
    for triple in triples:
        found.setdefault(triple.subject, []).append(triple)
    return found
