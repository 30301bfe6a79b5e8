"""Pages of a release, from templates."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.catalog.description import Description
from app.catalog.graph import QUERIES, ReleasedGraph
from app.manifest import Release
from app.pages import dates
from app.pages.display import Display, PropertyOrder, property_order
from app.rdf.formats import CSS, HTML, JSON, LABELS, SUFFIXES, SVG
from app.rdf.terms import Term
from app.settings import Settings
from app.web import responses
from app.web.cache import ByteCache

PAGE = [HTML, JSON]
STATIC = {"style.css": CSS, "favicon.svg": SVG}
_FOLDER = Path(__file__).parents[1]


class Renderer:
    """The pages of one release. `root` begins the addresses of this server, as paths.

    `cache` keeps what was answered, a part of the room that the settings give to answers.
    """

    def __init__(self, graph: ReleasedGraph, released: Release, settings: Settings) -> None:
        self._graph, self.released = graph, released
        self.cache = ByteCache(settings.cache_memory // 4)
        self.root = urlsplit(settings.public_url or "/").path or "/"
        self.static = {name: (_FOLDER / "static" / name).read_bytes() for name in STATIC}
        self.examples = [
            (_first_line(text), text)
            for path in sorted((QUERIES / "examples").glob("*.rq"))
            for text in [path.read_text(encoding="utf-8")]
        ]
        self._order: PropertyOrder | None = None
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["query"] = lambda text: quote(text, safe="")
        self._templates.filters["citation"] = lambda graph, citation: citation(graph)
        self._templates.globals.update(
            root=self.root,
            released=released,
            program=__version__,
            language=dates.language,
            span=dates.span,
            versions={name: mark(content) for name, content in self.static.items()},
            media=SUFFIXES,
            formats={s: LABELS[m] for s, m in SUFFIXES.items() if m in LABELS},
        )

    def render(self, template: str, **shown: object) -> str:
        """Return a page."""
        return self._templates.get_template(template).render(shown)

    def tag(self, *parts: object) -> str:
        """Return the entity tag of a page of this release."""
        return responses.tag(self.released.digest, self.root, *parts)

    async def display(
        self, things: Sequence[Term] = (), found: Description | None = None
    ) -> Display:
        """Return what shows terms: `things` by their names, or all that a description mentions."""
        if self._order is None:
            self._order = property_order(await self._graph.ask("layout"))
        names = found.names if found else await self._graph.names(things)
        base, prefixes = self.released.base, self.released.prefixes
        return Display(names, self._order, base, self.root, prefixes)

    async def answer(
        self, request: Request, write: Callable[[str], Awaitable[str]], *parts: object
    ) -> Response:
        """Return the response to a request for a page, or for the same as JSON.

        `write` is given the media type; `parts` are what else determines the content.
        """
        suffixed = request.url.path.endswith(".json")
        media = JSON if suffixed else responses.media_type(request, PAGE)
        tag = self.tag(media, *parts)
        return await responses.reply(request, self.cache, media, tag, lambda: write(media))

    def browse(self, kind: str) -> str:
        """Return the address of the list of one kind of things."""
        return f"{self.root}browse/{quote(kind, safe='')}"


def as_json(value: object) -> str:
    """Return what a page says as JSON."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def mark(content: bytes) -> str:
    """Return what names a file as it is."""
    return hashlib.sha256(content).hexdigest()[:12]


def _first_line(text: str) -> str:
    return text.partition("\n")[0].removeprefix("#").strip()
