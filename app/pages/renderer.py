"""Pages of a release, from templates."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.catalog.description import Description
from app.catalog.graph import Properties, ReleasedGraph, Row
from app.catalog.labels import Label, best
from app.catalog.questions import Question, questions
from app.manifest import Release, kind_of
from app.namespaces import DCTERMS
from app.pages import dates
from app.pages.display import Display, PropertyOrder, Shown, property_order
from app.pages.schema_org import Object, SchemaOrg, script
from app.rdf.formats import CSS, HTML, JSON, LABELS, SUFFIXES, SVG, of_file
from app.rdf.terms import Term, node
from app.settings import Settings
from app.templating import environment
from app.web import responses
from app.web.aside import Aside, AsideCache

PAGE = [HTML, JSON]
STATIC = {"style.css": CSS, "favicon.svg": SVG}
_STATIC = Path(__file__).parents[1] / "static"


@dataclass(frozen=True)
class About:
    """What a release holds of its own dataset, and its licences as pages name them."""

    properties: Properties
    licences: Sequence[Shown]

    @property
    def known(self) -> bool:
        """Whether anything is held of it, so that it has a page."""
        return bool(self.properties)


class Renderer:
    """The pages of one release. `root` begins the addresses of this server, as paths.

    `cache` keeps what was answered, with all else that is; whatever asks the graph is done `aside`.
    Where the release is served below its version, `newest` begins the addresses of the newest, and
    `is_newest` tells whether this is it. `dictionary` tells whether it explains its tables.
    """

    def __init__(
        self,
        graph: ReleasedGraph,
        released: Release,
        settings: Settings,
        cache: AsideCache,
        aside: Aside,
        *,
        newest: str | None = None,
        is_newest: bool = False,
        dictionary: bool = True,
    ) -> None:
        self._is_newest = is_newest
        self._graph, self.released = graph, released
        self.cache, self.aside = cache, aside
        self.root = urlsplit(settings.public_url or "/").path or "/"
        self.static = {name: (_STATIC / name).read_bytes() for name in STATIC}
        self._questions: list[Question] | None = None
        self._order: PropertyOrder | None = None
        self._schema_org: SchemaOrg | None = None
        self._about: About | None = None
        self._templates = environment()
        self._templates.filters["query"] = lambda text: quote(text, safe="")
        self._templates.filters["script"] = script
        self._templates.filters["citation"] = lambda graph, citation: citation(graph)
        self._templates.globals.update(
            root=self.root,
            released=released,
            newest=newest,
            is_newest=is_newest,
            dictionary=dictionary,
            browse=self.browse,
            program=__version__,
            language=dates.language,
            span=dates.span,
            versions={name: mark(content) for name, content in self.static.items()},
            media=SUFFIXES,
            formats={s: LABELS[m] for s, m in SUFFIXES.items() if m in LABELS},
        )

    async def render(self, template: str, **shown: object) -> str:
        """Return a page."""
        await self.about()
        return self.render_alone(template, **shown)

    def render_alone(self, template: str, **shown: object) -> str:
        """Return a page that asks the graph nothing: of its dataset it says what is read already.

        That is for what went wrong, where the graph may not answer.
        """
        about = self._about or About({}, ())
        shown |= {"licences": about.licences, "has_dataset": about.known}
        return self._templates.get_template(template).render(shown)

    async def about(self) -> About:
        """Return what the release holds of its own dataset, read once."""
        if self._about is None:
            # One question, since it is asked before whichever page is the first.
            dataset = ox.NamedNode(self.released.dataset)
            self._about = self._told(await self._graph.ask("about", dataset=dataset))
        return self._about

    def _told(self, rows: Sequence[Row]) -> About:
        properties: Properties = {}
        names: dict[ox.NamedNode, tuple[Label, ...]] = {}
        for row in rows:
            property, value, label = node(row["property"]), row["value"], row.get("label")
            if property and value not in properties.setdefault(property, []):
                properties[property].append(value)
            if isinstance(value, ox.NamedNode) and isinstance(label, ox.Literal):
                names[value] = (*names.get(value, ()), Label(label))
        view = Display(names, {}, self.released.base, self.root, self.released.prefixes)
        licences = properties.get(DCTERMS.license, [])
        shown = [view.licence(one) for one in licences if not isinstance(one, ox.BlankNode)]
        return About(properties, shown)

    def tag(self, *parts: object) -> str:
        """Return the entity tag of a page of this release."""
        return responses.tag(self.released.edition, self.root, self._is_newest, *parts)

    async def display(
        self, things: Sequence[Term] = (), found: Description | None = None
    ) -> Display:
        """Return what shows terms: `things` by their names, or all that a description mentions."""
        if self._order is None:
            self._order = property_order(await self._graph.ask("layout"))
        names = found.names if found else await self._graph.names(things)
        base, prefixes = self.released.base, self.released.prefixes
        return Display(names, self._order, base, self.root, prefixes)

    async def structured(self, thing: ox.NamedNode, properties: Properties) -> Object | None:
        """Return what we hold of a thing in the words of schema.org, as far as it has them.

        None where it has no class for it.
        """
        if self._schema_org is None:
            dataset = ox.NamedNode(self.released.dataset)
            self._schema_org = await SchemaOrg.read(self._graph, dataset)
        known = self._schema_org
        if not known.kinds(properties):
            return None
        names = await self._graph.names(known.references(properties))

        def name(value: ox.NamedNode) -> ox.Literal | None:
            return best([label.text for label in names[value]]) if value in names else None

        return known.describe(thing, properties, name)

    async def examples(self) -> list[Question]:
        """Return the questions to begin with, as the dataset has them in order."""
        if self._questions is None:
            asked = await questions(self._graph, self.released.prefixes)
            self._questions = [question for question in asked if question.first]
        return self._questions

    async def questions(self) -> str:
        """Return the address of the list of all questions; empty where they have none."""
        first = next(iter(await self.examples()), None)
        kind = kind_of(first.iri.value, self._graph.things) if first else ""
        return self.browse(kind) if kind else ""

    async def answer(
        self,
        request: Request,
        write: Callable[[str], Awaitable[str]],
        *parts: object,
        offered: Sequence[str] = PAGE,
    ) -> Response:
        """Return the response to a request for a page, or for the same in what else is `offered`.

        The suffix of an address chooses, if it is of one of these. `write` is given the media type;
        `parts` are what else determines the content.
        """
        media = of_file(request.url.path)
        if media not in offered:
            media = responses.media_type(request, offered)
        tag = self.tag(media, *parts)
        return await responses.reply(request, self.cache, media, tag, lambda: write(media))

    def browse(self, kind: str, suffix: str = "", **parameters: str | None) -> str:
        """Return the address of the list of one kind of things, or of a file of them."""
        ending = f".{suffix}" if suffix else ""
        return f"{self.root}browse/{quote(kind, safe='')}{ending}{_query(parameters)}"


def _query(parameters: Mapping[str, str | None]) -> str:
    given = {name: text for name, text in parameters.items() if text}
    return f"?{urlencode(given, quote_via=quote, safe='/')}" if given else ""


def page_answers(*, not_found: bool = False) -> responses.Answers:
    """Return what the address of a page answers, as OpenAPI describes it."""
    return responses.answers("The page, or the same as JSON", PAGE, not_found=not_found)


def as_json(value: object) -> str:
    """Return what a page says as JSON."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def mark(content: bytes) -> str:
    """Return what names a file as it is."""
    return hashlib.sha256(content).hexdigest()[:12]
