"""The page of the SPARQL endpoint: a form, and the answer as a table."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.engine.engine import Answer, AnswerTruncated, Engine
from app.engine.query import Kind, Query
from app.errors import Rejected, parameters_wrong
from app.pages.renderer import Renderer
from app.rdf.formats import (
    CSV,
    GRAPHS,
    HTML,
    JSON_LD,
    N_TRIPLES,
    RDF,
    RDF_XML,
    RESULTS,
    RESULTS_JSON,
    RESULTS_XML,
    TSV,
    TURTLE,
)
from app.rdf.terms import Term
from app.sparql.protocol import SparqlRequest
from app.web import responses
from app.web.problems import document

SHOWN_ROWS = 1000
SHOWN_BYTES = 2_000_000
# What the form offers for rows and for graphs; the first shows the answer on the page.
CHOICES: Mapping[str, tuple[str, str, str]] = {
    "html": ("On this page", TSV, TURTLE),
    "json": ("JSON", RESULTS_JSON, JSON_LD),
    "xml": ("XML", RESULTS_XML, RDF_XML),
    "csv": ("CSV, or N-Triples", CSV, N_TRIPLES),
    "tsv": ("TSV, or Turtle", TSV, TURTLE),
}


@dataclass(frozen=True)
class Table:
    """An answer in rows, as its page shows it."""

    names: list[str]
    rows: list[list[Term | None]]


class Editor:
    """The page of the endpoint; it is called for clients that like HTML best."""

    def __init__(self, engine: Engine, renderer: Renderer) -> None:
        self._engine, self._renderer = engine, renderer

    async def __call__(self, request: Request, asked: SparqlRequest) -> Response:
        """Return the form, with the answer to the query that was asked, if one was."""
        form = request.query_params.get("format", "html")
        if form not in CHOICES:
            raise parameters_wrong(f"“format” is one of {', '.join(CHOICES)}.")
        if asked.text is None:
            return await self._empty(request)
        _, rows, graph = CHOICES[form]
        media = {Kind.BINDINGS: rows, Kind.GRAPH: graph}
        media[Kind.BOOLEAN] = rows if form in ("json", "xml") else RESULTS_JSON
        query = Query(asked.text, media, asked.default_graphs, asked.named_graphs)
        try:
            answer = await self._engine.run(query)
        except Rejected as problem:
            if form != "html":
                raise
            return await self._refused(asked, problem)
        if form != "html":
            return _raw(answer)
        return await self._answered(asked, answer)

    async def _empty(self, request: Request) -> Response:
        async def write() -> str:
            return self._page("", None)

        return await responses.reply(
            request, self._renderer.cache, HTML, self._renderer.tag("sparql"), write
        )

    async def _refused(self, asked: SparqlRequest, problem: Rejected) -> Response:
        text = self._page(asked.text or "", None, problem=document(problem, self._renderer.root))
        headers = {**problem.headers, "Cache-Control": "no-store", "Vary": "Accept"}
        return Response(text, problem.status, headers, HTML)

    async def _answered(self, asked: SparqlRequest, answer: Answer) -> Response:
        content, whole = await _read(answer)
        table = graph = truth = None
        if answer.kind is Kind.BINDINGS:
            table, whole = _table(content, whole)
        elif answer.kind is Kind.BOOLEAN:
            truth = b"true" in content
        else:
            graph = content.decode("utf-8", "replace")
        page = self._page(
            asked.text or "",
            answer.kind,
            table=table,
            graph=graph,
            truth=truth,
            whole=whole,
            view=await self._renderer.display(),
        )
        return Response(page, 200, {"Cache-Control": "no-store", "Vary": "Accept"}, HTML)

    def _page(self, query: str, kind: Kind | None, **shown: object) -> str:
        empty = {"table": None, "graph": None, "truth": None, "whole": True, "problem": None}
        return self._renderer.render(
            "sparql.html",
            query=query,
            kind=kind,
            examples=self._renderer.examples,
            choices={name: label for name, (label, _, _) in CHOICES.items()},
            **{**empty, "view": None, **shown},
        )


async def _read(answer: Answer) -> tuple[bytes, bool]:
    """Return what a page can show of an answer, whole lines of it, and whether that is all."""
    content = bytearray()
    try:
        async for chunk in answer.chunks():
            content += chunk
            if len(content) > SHOWN_BYTES:
                break
        else:
            return bytes(content), True
    except AnswerTruncated:
        pass
    finally:
        await answer.close()
    return bytes(content[: content.rfind(b"\n") + 1]), False


def _table(content: bytes, whole: bool) -> tuple[Table, bool]:
    rows = ox.parse_query_results(content, format=ox.QueryResultsFormat.TSV)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101
    names = [variable.value for variable in rows.variables]
    shown: list[list[Term | None]] = []
    for row in rows:
        if len(shown) == SHOWN_ROWS:
            return Table(names, shown), False
        shown.append([row[name] for name in names])
    return Table(names, shown), whole


def _raw(answer: Answer) -> Response:
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    ending = _endings().get(answer.media, "txt")
    headers["Content-Disposition"] = f'attachment; filename="answer.{ending}"'
    return StreamingResponse(answer.chunks(), headers=headers, media_type=answer.media)


def _endings() -> dict[str, str]:
    graphs = {form.media: form.suffixes[0] for form in RDF}
    rows = {media: media.rpartition("/")[2].rpartition("+")[2] for media in RESULTS}
    rows[TSV] = "tsv"
    return {**rows, **{media: graphs[media] for media in GRAPHS if media in graphs}}
