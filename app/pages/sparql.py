"""The page of the SPARQL endpoint: a form, and the answer as a table."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from app.engine.engine import Answer, AnswerTruncated, Engine
from app.engine.query import Kind, Query
from app.errors import Rejected
from app.pages.renderer import Renderer
from app.rdf.formats import HTML, RESULTS_JSON, TSV, TURTLE
from app.rdf.terms import Term
from app.sparql.protocol import SparqlRequest
from app.web import responses
from app.web.problems import document

SHOWN_ROWS = 1000
SHOWN_BYTES = 2_000_000
# What the form offers, by the names of formats; the first shows the answer on the page.
OFFERED: Mapping[str, str] = {
    "html": "On this page",
    "json": "JSON",
    "xml": "XML",
    "csv": "CSV, or N-Triples",
    "tsv": "TSV, or Turtle",
}
# What the page itself is made from.
_SHOWN = {Kind.BINDINGS: TSV, Kind.GRAPH: TURTLE, Kind.BOOLEAN: RESULTS_JSON}


@dataclass(frozen=True)
class Table:
    """An answer in rows, as its page shows it."""

    names: list[str]
    rows: list[list[Term | None]]


class Editor:
    """The page of the endpoint; it is called for clients that like HTML best."""

    def __init__(self, engine: Engine, renderer: Renderer, max_rows: int | None = None) -> None:
        self._engine, self._renderer, self._max_rows = engine, renderer, max_rows

    async def __call__(self, request: Request, asked: SparqlRequest) -> Response:
        """Return the form, with the answer to the query that was asked, if one was."""
        if asked.text is None:
            return await self._empty(request)
        graphs = asked.default_graphs, asked.named_graphs
        query = Query(asked.text, _SHOWN, *graphs, max_rows=self._max_rows)
        try:
            answer = await self._engine.run(query)
        except Rejected as problem:
            return await self._refused(asked, problem)
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
            capped=answer.capped,
            view=await self._renderer.display(),
        )
        return Response(page, 200, {"Cache-Control": "no-store", "Vary": "Accept"}, HTML)

    def _page(self, query: str, kind: Kind | None, **shown: object) -> str:
        empty = {"table": None, "graph": None, "truth": None, "whole": True, "capped": None}
        empty["problem"] = None
        return self._renderer.render(
            "sparql.html",
            query=query,
            kind=kind,
            examples=self._renderer.examples,
            choices=OFFERED,
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
