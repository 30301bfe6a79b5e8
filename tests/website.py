"""A site to read: the small record of `tests/web`, released and served; its pages, taken apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
from shop import Shop, serve

from app.record import record as files
from app.release import build
from app.release.prepare import SERVED

RECORD = Path(__file__).parent / "sample"
BASE = "https://w3id.org/dialogue/"
VOID_ELEMENTS = {"area", "br", "hr", "img", "input", "link", "meta", "wbr"}


def release(out: Path, record: Path = RECORD) -> Path:
    """Build a record into `out` and return it; a large one in what `make serve` serves of it."""
    small = record == RECORD
    # The small record has few shapes: what none of them names is no fault of it.
    formats = None if small else SERVED
    build.build(files.read_record(record), out, formats=formats, strict=not small)
    return out


@contextmanager
def website(out: Path, **environment: str) -> Iterator[Shop]:
    """Serve the small record until the block ends."""
    with serve(release(out), **environment) as shop:
        yield shop


def get(shop: Shop, path: str, accept: str = "*/*", **headers: str) -> httpx.Response:
    """Return what the shop answers, redirects not followed."""
    given = {"Accept": accept, **{n.replace("_", "-"): v for n, v in headers.items()}}
    return client().get(f"{shop.url}{path.removeprefix('/')}", headers=given)


def walk(shop: Shop) -> Iterator[tuple[str, httpx.Response]]:
    """Yield every address of a site that its links lead to from the first page, and its answer."""
    waiting, seen = ["/"], {"/"}
    while waiting:
        path = waiting.pop()
        answer = get(shop, path, "text/html")
        yield path, answer
        links = [answer.headers["location"]] if answer.is_redirect else []
        if answer.headers.get("content-type", "").startswith("text/html"):
            found = Page(answer.text)
            links += [e.attributes["href"] for e in found.all("a") + found.all("link")]
        for link in links:
            url = urlsplit(urljoin(path, link))
            address = url.path + (f"?{url.query}" if url.query else "")
            if not url.netloc and url.scheme == "" and address not in seen:
                seen.add(address)
                waiting.append(address)


@cache
def client() -> httpx.Client:
    """Return a client that keeps its connections: a new one for each request costs more than it."""
    return httpx.Client(timeout=30)


@dataclass
class Element:
    """An element of a page, with the text in it."""

    name: str
    attributes: dict[str, str]
    # Not shown: each element would show all that it is in, and each of those again.
    within: list["Element"] = field(repr=False)
    text: str = ""


@dataclass
class Page(HTMLParser):
    """A page in elements. Refuses what is not well nested."""

    content: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[Element] = []
        self.feed(self.content)
        self.close()
        assert not self._open, [element.name for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), names
        element = Element(tag, {n: v or "" for n, v in attrs}, list(self._open))
        self.elements.append(element)
        if tag not in VOID_ELEMENTS:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, tag
        assert self._open.pop().name == tag, tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, name: str, css: str | None = None) -> list[Element]:
        """Return the elements of this name, with a class if one is given."""
        return [
            e
            for e in self.elements
            if e.name == name and (css is None or css in e.attributes.get("class", "").split())
        ]

    def inside(self, element: Element, name: str) -> list[Element]:
        """Return the elements of this name inside another."""
        return [e for e in self.elements if e.name == name and element in e.within]

    def texts(self, name: str, css: str | None = None) -> list[str]:
        """Return the texts of elements, white space collapsed."""
        return [tidy(e.text) for e in self.all(name, css)]

    def facts(self) -> dict[str, list[str]]:
        """Return what the page says of its subject: properties and values by their words."""
        found: dict[str, list[str]] = {}
        for row in self.all("dl", "facts"):
            if "incoming" in row.attributes["class"]:
                continue
            name = ""
            for element in self.elements:
                lists = [e for e in element.within if e.name == "dl"]
                if not lists or lists[-1] is not row:
                    continue
                if element.name == "dt":
                    name = tidy(element.text)
                elif element.attributes.get("class") == "said":
                    found.setdefault(name, []).append(tidy(element.text))
        return found


def tidy(text: str) -> str:
    """Return a text with its white space collapsed."""
    return " ".join(text.split())
