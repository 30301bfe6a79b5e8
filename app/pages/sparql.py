"""The page of the SPARQL endpoint: a form, and the answer as a table."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from app.engine.client import CLIENT
from app.engine.engine import Answer, AnswerTruncated, Engine
from app.engine.query import Kind, Query
from app.errors import Rejected
from app.pages.renderer import Renderer
from app.rdf.formats import HTML, RESULTS_JSON, TSV, TURTLE, choice
from app.rdf.terms import Term
from app.sparql.protocol import SparqlRequest
from app.sparql.time_limit import within
from app.web import responses
from app.web.gate import ClientGate
from app.web.problems import document

# Of an answer, the page shows so much; the rest is for programs.
SHOWN_ROWS, SHOWN_COLUMNS, SHOWN_CELLS = 1000, 100, 5000
SHOWN_BYTES = 500_000
# What is not much longer is read to its end all the same: to stop it costs a worker.
_READ_BYTES = 8_000_000
# What the form offers, by the names of formats; the first shows the answer on the page.
OFFERED: Mapping[str, str] = {
    "html": "Show it on this page",
    "json": "Download JSON",
    "xml": "Download XML",
    "csv": "Download CSV, or N-Triples",
    "tsv": "Download TSV, or Turtle",
}
# What the page itself is made from.
_SHOWN = {Kind.BINDINGS: TSV, Kind.GRAPH: TURTLE, Kind.BOOLEAN: RESULTS_JSON}


@dataclass(frozen=True)
class Table:
    """An answer in rows, as its page shows it; `columns` is how many it has, shown or not."""

    names: list[str]
    rows: list[list[Term | None]]
    columns: int


class Editor:
    """The page of the endpoint; it is called for clients that like HTML best.

    A query has its turn as every other; at `gate`, its page waits for the client's other pages.
    """

    def __init__(
        self, engine: Engine, renderer: Renderer, gate: ClientGate, max_rows: int | None = None
    ) -> None:
        self._engine, self._renderer, self._max_rows = engine, renderer, max_rows
        self._gate = gate

    async def __call__(self, request: Request, asked: SparqlRequest) -> Response:
        """Return the form, with the answer to the query that was asked, if one was.

        Raises Rejected for a query that is not answered.
        """
        if asked.text is None:
            return await self._empty(request)
        graphs = asked.default_graphs, asked.named_graphs
        most = min(SHOWN_ROWS, self._max_rows or SHOWN_ROWS)
        query = Query(asked.text, _SHOWN, *graphs, max_rows=most)
        answer = await within(asked.timeout, self._engine.run(query))
        return await self._answered(asked, answer)

    async def _empty(self, request: Request) -> Response:
        async def write() -> str:
            return await self._page("", None)

        return await responses.reply(
            request, self._renderer.cache, HTML, self._renderer.tag("sparql"), write
        )

    async def refused(self, asked: SparqlRequest, problem: Rejected) -> Response:
        """Return the form with the query and the format that were asked for, and the problem."""
        # Whatever refused it may refuse a question of ours too.
        shown = {
            "problem": document(problem, self._renderer.root),
            "examples": (),
            "questions": "",
            "chosen": next((n for n in OFFERED if choice(n) == asked.format), None),
        }
        text = await self._made(lambda: self._page(asked.text or "", None, **shown))
        headers = {**problem.headers, "Cache-Control": "no-store", "Vary": "Accept"}
        return Response(text, problem.status, headers, HTML)

    async def _answered(self, asked: SparqlRequest, answer: Answer) -> Response:
        content, whole = await _read(answer)
        page = await self._made(lambda: self._shown(asked, answer, content, whole))
        return Response(page, 200, {"Cache-Control": "no-store", "Vary": "Accept"}, HTML)

    async def _made(self, write: Callable[[], Coroutine[Any, Any, str]]) -> str:
        async with self._gate.entered(CLIENT.get()):
            return await self._renderer.aside.run(write)

    async def _shown(
        self, asked: SparqlRequest, answer: Answer, content: bytes, whole: bool
    ) -> str:
        table = graph = truth = None
        capped = answer.capped if answer.capped == self._max_rows else None
        whole = whole and answer.capped == capped
        if answer.kind is Kind.BINDINGS:
            table, whole = table_of(content, whole)
        elif answer.kind is Kind.BOOLEAN:
            truth = b"true" in content
        else:
            graph = content.decode("utf-8", "replace")
        return await self._page(
            asked.text or "",
            answer.kind,
            table=table,
            graph=graph,
            truth=truth,
            whole=whole,
            capped=capped,
            view=await self._renderer.display(),
        )

    async def _page(self, query: str, kind: Kind | None, **shown: object) -> str:
        empty = {"table": None, "graph": None, "truth": None, "whole": True, "capped": None}
        empty |= {"problem": None, "chosen": None}
        if "examples" not in shown:
            shown["examples"] = await self._renderer.examples()
            shown["questions"] = await self._renderer.questions()
        return await self._renderer.render(
            "sparql.html",
            query=query,
            kind=kind,
            choices=OFFERED,
            **{**empty, "view": None, **shown},
        )


async def _read(answer: Answer) -> tuple[bytes, bool]:
    """Return what a page can show of an answer, whole lines of it, and whether that is all."""
    content, read = bytearray(), 0
    try:
        async for chunk in answer.chunks():
            content += chunk[: SHOWN_BYTES - read] if read < SHOWN_BYTES else b""
            read += len(chunk)
            if read > _READ_BYTES:
                break
        else:
            if read <= SHOWN_BYTES:
                return bytes(content), True
    except AnswerTruncated:
        pass
    finally:
        await answer.close()
    return bytes(content[: content.rfind(b"\n") + 1]), False


def table_of(content: bytes, whole: bool) -> tuple[Table, bool]:
    """Return what a page shows of an answer as TSV, and whether these are all rows of it.

    It has at most SHOWN_CELLS, in at most SHOWN_ROWS of at most SHOWN_COLUMNS.
    """
    rows = ox.parse_query_results(content, format=ox.QueryResultsFormat.TSV)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101
    columns = len(rows.variables)
    names = [variable.value for variable in rows.variables[:SHOWN_COLUMNS]]
    most = min(SHOWN_ROWS, SHOWN_CELLS // max(len(names), 1))
    shown: list[list[Term | None]] = []
    for row in rows:
        if len(shown) == most:
            return Table(names, shown, columns), False
        shown.append([row[name] for name in names])
    return Table(names, shown, columns), whole
