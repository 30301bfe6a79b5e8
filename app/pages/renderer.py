"""Pages for people: a home, lists by kind, a page for every thing, a search; each as JSON too."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pyoxigraph as ox
from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from app import __version__
from app.catalog.coverage import Coverage, Edition, covered
from app.catalog.description import Description, is_evidence
from app.catalog.graph import QUERIES, Graph, Row, node
from app.catalog.listing import Item, List, listed, nested, spans
from app.catalog.vocabulary import Glossary
from app.engine.query import Term
from app.errors import Rejected
from app.manifest import Release
from app.namespaces import DCTERMS, RDF
from app.pages import dates, evidence
from app.pages import entity_json as summary
from app.pages.display import Display, Layout, layout
from app.settings import Settings
from app.web import responses
from app.web.cache import ByteCache
from app.web.problems import document

if TYPE_CHECKING:
    from app.pages.downloads import File

_FOLDER = Path(__file__).parents[1]
_STATIC = {"style.css": "text/css; charset=utf-8", "favicon.svg": "image/svg+xml"}
_WORDS = 5
_LONGEST = 200
MANY_TRIPLES = 500


class Pages:
    """The pages of one release. `root` begins the addresses of this server, as paths.

    `shelf` keeps what was answered, a part of the room that the settings give to answers.
    """

    def __init__(self, graph: Graph, released: Release, settings: Settings) -> None:
        self._graph, self._released = graph, released
        self.shelf = ByteCache(settings.cache_memory // 4)
        self.root = urlsplit(settings.public_url or "/").path or "/"
        self.static = {name: (_FOLDER / "static" / name).read_bytes() for name in _STATIC}
        self.examples = [
            (_first_line(text), text)
            for path in sorted((QUERIES / "examples").glob("*.rq"))
            for text in [path.read_text(encoding="utf-8")]
        ]
        self._layout: Layout | None = None
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["query"] = lambda text: quote(text, safe="")
        self._templates.filters["witness"] = lambda graph, witness: witness(graph)
        self._templates.globals.update(
            root=self.root,
            released=released,
            program=__version__,
            language=dates.language,
            versions={name: _mark(content) for name, content in self.static.items()},
            media=responses.SUFFIXES,
            formats={
                s: responses.NAMES[m] for s, m in responses.SUFFIXES.items() if m in responses.NAMES
            },
        )

    def render(self, template: str, **said: object) -> str:
        """Return a page."""
        return self._templates.get_template(template).render(said)

    def tag(self, *parts: object) -> str:
        """Return the entity tag of a page of this release."""
        return responses.tag(self._released.digest, self.root, *parts)

    async def view(self, things: Sequence[Term] = (), found: Description | None = None) -> Display:
        """Return what shows terms: `things` by their names, or all that a description mentions."""
        if self._layout is None:
            self._layout = layout(await self._graph.ask("layout"))
        names = found.names if found else await self._graph.names(things)
        return Display(names, self._layout, self._released.base, self.root, self._released.prefixes)

    async def entity(self, found: Description, path: str) -> str:
        """Return the page of a thing, at `path` below the root."""
        view = await self.view(found=found)
        about = found.contents.get(found.subject)
        # Evidence shows these at its head, as a quotation.
        is_told = is_evidence(found.graphs.get(found.subject, {}))
        kinds = [s.value for s in found.statements if s.property == RDF.type and s.held]
        # In a thread, because a long page takes long enough to keep others waiting.
        return await asyncio.to_thread(
            self.render,
            "entity.html",
            view=view,
            found=found,
            path=path,
            title=view.name(found.subject),
            kinds=[view.name(kind) for kind in dict.fromkeys(kinds)],
            groups=evidence.groups(view, found, without=evidence.TOLD if is_told else ()),
            disputes=evidence.disputes(found),
            apart=evidence.not_held(found),
            about=_by_subject(about[:MANY_TRIPLES]) if about is not None else None,
            about_cut=about is not None and len(about) > MANY_TRIPLES,
            witness=lambda graph: evidence.witness(view, found, graph),
            rule=lambda graph: evidence.rule(view, found, graph),
        )

    async def entity_json(self, found: Description) -> str:
        """Return the description of a thing as JSON: facts, witnesses, what is not held, links."""
        return _json(summary.members(await self.view(found=found), found))

    async def home(self, media: str) -> str:
        """Return the first page: what this is, how much of it there is, and the ways in."""
        kinds = await self._kinds()
        total = (await self._graph.ask("totals"))[0]
        counts = {name: int(_text(term)) for name, term in total.items()}
        rows = await self._graph.ask("timeline")
        things = [term for row in rows for term in row.values()]
        dataset = ox.NamedNode(self._released.dataset)
        view = await self.view([*things, dataset])
        timeline: dict[str, list[tuple[str | None, Row]]] = {}
        for row in rows:
            timeline.setdefault(f"{_text(row['begins'])[:3]}0s", []).append((spans(row), row))
        if media == responses.JSON:
            return _json(
                {
                    "title": view.name(dataset).text,
                    "dataset": dataset.value,
                    **counts,
                    "quads": self._released.quads,
                    "kinds": [{"kind": k, "count": n, "href": self._browse(k)} for k, n in kinds],
                }
            )
        said = await self._graph.ask("properties", thing=dataset)
        # Its first sentence: the rest may say what this page says already.
        descriptions = [
            row["value"].value.partition(". ")[0].removesuffix(".") + "."
            for row in said
            if row["property"] == DCTERMS.description
            and isinstance(row["value"], ox.Literal)
            and row["value"].language == "en"
        ]
        return self.render(
            "home.html",
            view=view,
            kinds=kinds,
            counts=counts,
            timeline=timeline,
            described=descriptions[:1],
            example=self.examples[0] if self.examples else None,
        )

    async def browse(self, media: str) -> str:
        """Return the kinds of things."""
        kinds = await self._kinds()
        if media == responses.JSON:
            return _json([{"kind": k, "count": n, "href": self._browse(k)} for k, n in kinds])
        return self.render("browse.html", kinds=kinds)

    async def kind(self, kind: str, after: str, media: str) -> str:
        """Return the things of one kind, from behind the key `after`. Raises Rejected (404)."""
        root = ox.Literal(f"{self._released.base}id/{kind}/")
        found = listed(await self._graph.ask("list", root=root, after=ox.Literal(after)))
        if not found.items and not after:
            raise Rejected(404, "not-found", "There is no such kind of thing.")
        view = await self.view([term for item in found.items for term in item.terms()])
        if media == responses.JSON:
            return _json(self._list_json(view, kind, found))
        tree = nested(found) if not after and found.more is None else None
        return self.render("kind.html", view=view, kind=kind, list=found, tree=tree, after=after)

    def _list_json(self, view: Display, kind: str, found: List) -> dict[str, object]:
        def one(item: Item) -> dict[str, object]:
            days = {"begins": item.begins, "ends": item.ends}
            known = {name: day for name, day in days.items() if day}
            return {"iri": item.thing.value, "name": view.name(item.thing).text, **known}

        more = f"{self._browse(kind)}?after={quote(found.more, safe='')}" if found.more else None
        return {"kind": kind, "items": [one(item) for item in found.items], "next": more}

    def _browse(self, kind: str) -> str:
        return f"{self.root}browse/{quote(kind, safe='')}"

    async def search(self, text: str, media: str) -> str:
        """Return what is named, described or quoted with all the words of a text."""
        sought = text[:_LONGEST].lower().split()[:_WORDS]
        found: dict[ox.NamedNode, ox.Literal] = {}
        cut = False
        if sought:
            padded = [*sought, *[""] * _WORDS][:_WORDS]
            terms = dict(zip("abcde", map(ox.Literal, padded), strict=True))
            rows = await self._graph.ask("search", **terms)
            cut = len(rows) > 300
            for row in rows:
                if (thing := node(row["thing"])) and isinstance(row["text"], ox.Literal):
                    found.setdefault(thing, row["text"])
        view = await self.view([*found])
        if media == responses.JSON:
            items = [
                {"iri": t.value, "name": view.name(t).text, "text": said.value}
                for t, said in found.items()
            ]
            return _json({"query": text, "items": items, "complete": not cut})
        return self.render("search.html", view=view, text=text, found=found, sought=sought, cut=cut)

    async def links(self, to: str, by: str, after: str, media: str) -> str:
        """Return what leads to a thing by a property, behind the IRI `after`."""
        try:
            thing, property = ox.NamedNode(to), ox.NamedNode(by)
        except ValueError as error:
            raise Rejected(400, "parameters", f"“to” and “by” are IRIs: {error}.") from None
        found = await self._graph.linked(thing, property, after)
        more = found[-2].value if len(found) > 100 else None
        found = found[:100]
        view = await self.view([thing, property, *found])
        if media == responses.JSON:
            items = [{"iri": t.value, "name": view.name(t).text} for t in found]
            return _json({"to": to, "by": by, "items": items, "next": more})
        return self.render(
            "links.html", view=view, thing=thing, property=property, found=found, more=more
        )

    async def coverage(self, media: str) -> str:
        """Return what is known of each framework's editions, and what is missing."""
        editions, counted, conflicts = [
            await self._graph.ask(f"coverage_{what}") for what in ("editions", "facts", "conflicts")
        ]
        known = covered(editions, counted, conflicts)
        rows = [*editions, *conflicts]
        view = await self.view([term for row in rows for term in row.values()])
        if media == responses.JSON:
            return _json([_coverage(view, one) for one in known])
        return await asyncio.to_thread(self.render, "coverage.html", view=view, coverage=known)

    async def vocabulary(self, name: str) -> str:
        """Return the page of the ontology or of the shapes, with an anchor for each term."""
        said = await self._vocabulary(name)
        view = await self.view(list(said.mentioned()))
        return await asyncio.to_thread(
            self.render,
            "vocabulary.html",
            view=view,
            name=name,
            said=said,
            title=said.title(view),
            sections=said.sections(view),
            path=name,
        )

    async def vocabulary_json(self, name: str) -> str:
        """Return the terms of the ontology or of the shapes, by kind, as JSON."""
        said = await self._vocabulary(name)
        view = await self.view(list(said.mentioned()))
        return _json(
            {
                "iri": f"{self._released.base}{name}",
                "terms": [
                    {
                        "iri": t.iri.value,
                        "name": view.name(t.iri).text,
                        "kind": view.name(kind).text,
                    }
                    for kind, terms in said.sections(view)
                    for t in terms
                ],
            }
        )

    async def _vocabulary(self, name: str) -> Glossary:
        graph = ox.NamedNode(f"{self._released.base}graph/{name}")
        return Glossary(
            ox.NamedNode(self._released.base + name), await self._graph.ask("terms", graph=graph)
        )

    def dump(self, files: Sequence["File"], media: str) -> str:
        """Return the list of the files of the release."""
        if media == responses.JSON:
            return _json([{"name": f.name, "bytes": f.size, "sha256": f.digest} for f in files])
        return self.render("dump.html", files=files)

    def problem(self, problem: Rejected, public_url: str) -> str:
        """Return the page that tells a browser what went wrong."""
        return self.render("problem.html", problem=document(problem, public_url))

    async def _kinds(self) -> list[tuple[str, int]]:
        rows = await self._graph.ask("kinds", root=ox.Literal(f"{self._released.base}id/"))
        return [(_text(row["kind"]), int(_text(row["count"]))) for row in rows if row.get("kind")]


def _coverage(view: Display, known: Coverage) -> dict[str, object]:
    def iris(editions: Sequence[Edition]) -> list[str]:
        return [_text(edition.iri) for edition in editions]

    return {
        "framework": _text(known.framework),
        "name": view.name(known.framework).text,
        "editions": iris(known.editions),
        "documents": known.documents,
        "without": {w: iris(known.without(w)) for w in ("number", "day", "place", "document")},
        "missing numbers": {_text(series): numbers for series, numbers in known.gaps},
        "facts by sources": dict(sorted(known.facts.items())),
        "conflicts": {
            "decided": sorted(map(_text, known.decided)),
            "open": sorted(map(_text, known.undecided)),
        },
    }


def _by_subject(triples: Sequence[ox.Triple]) -> dict[Any, list[ox.Triple]]:
    found: dict[Any, list[ox.Triple]] = {}
    for triple in triples:
        found.setdefault(triple.subject, []).append(triple)
    return found


def _first_line(text: str) -> str:
    return text.partition("\n")[0].removeprefix("#").strip()


def _mark(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _text(term: Term) -> str:
    return "" if isinstance(term, ox.Triple) else term.value


def router(pages: Pages) -> APIRouter:
    """Return the routes of the pages that belong to no one thing."""
    routes = APIRouter(tags=["Pages"], default_response_class=Response)
    both = [responses.HTML, responses.JSON]
    told = responses.answers("The page, or the same as JSON", both)
    found = responses.answers("The page, or the same as JSON", both, not_found=True)

    async def answer(request: Request, suffix: str, write: Any, *parts: object) -> Response:
        media = responses.JSON if suffix == ".json" else responses.media_type(request, both)
        tag = pages.tag(media, *parts)
        return await responses.reply(request, pages.shelf, media, tag, lambda: write(media))

    @routes.get("/", summary="The first page: what this is, and the ways in", responses=told)
    @routes.get("/index.json", include_in_schema=False)
    async def home(request: Request) -> Response:
        return await answer(request, _suffix(request), pages.home, "home")

    @routes.get("/coverage", summary="What is known, and what is missing", responses=told)
    @routes.get("/coverage.json", include_in_schema=False)
    async def coverage(request: Request) -> Response:
        return await answer(request, _suffix(request), pages.coverage, "coverage")

    @routes.get("/browse", summary="The kinds of things", responses=told)
    @routes.get("/browse.json", include_in_schema=False)
    async def browse(request: Request) -> Response:
        return await answer(request, _suffix(request), pages.browse, "browse")

    @routes.get("/browse/{kind}", summary="The things of one kind", responses=found)
    async def kind(request: Request, kind: str, after: str = "") -> Response:
        plain = kind.removesuffix(".json")
        suffix = kind[len(plain) :]

        async def write(media: str) -> str:
            return await pages.kind(plain, after, media)

        return await answer(request, suffix, write, "kind", plain, after)

    @routes.get("/search", summary="What is named, described or quoted so", responses=told)
    @routes.get("/search.json", include_in_schema=False)
    async def search(request: Request, q: str = "") -> Response:
        async def write(media: str) -> str:
            return await pages.search(q, media)

        return await answer(request, _suffix(request), write, "search", q)

    @routes.get("/links", summary="What leads to a thing by a property", responses=told)
    async def links(request: Request, to: str, by: str, after: str = "") -> Response:
        async def write(media: str) -> str:
            return await pages.links(to, by, after, media)

        return await answer(request, "", write, "links", to, by, after)

    @routes.get("/static/{name}", include_in_schema=False)
    async def static(request: Request, name: str) -> Response:
        if name not in pages.static:
            raise Rejected(404, "not-found", "There is no such file.")
        content = pages.static[name]
        headers = {"ETag": f'"{_mark(content)}"', "Cache-Control": "public, max-age=3600"}
        if responses.is_held(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(content, headers={**headers, "Content-Type": _STATIC[name]})

    return routes


def _suffix(request: Request) -> str:
    return ".json" if request.url.path.endswith(".json") else ""
