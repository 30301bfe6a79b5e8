"""Lists as tables: CSV as it is made, and a workbook; and the dictionary of all tables."""

import json
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyoxigraph as ox
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.catalog.graph import ReleasedGraph
from app.errors import not_found
from app.exports import csv, xlsx
from app.exports.dictionary import FILE_CSV, FILE_JSON
from app.exports.readme import Preface
from app.exports.tables import Column, DataTable, Row
from app.namespaces import DCTERMS
from app.pages.renderer import PAGE, Renderer
from app.pages.selection import OF, Of, file_name, page_of_list, select
from app.pages.table_rows import head, read_columns, rows
from app.rdf.formats import CSV, JSON, XLSX, content_type
from app.rdf.terms import lexical
from app.web.aside import in_thread
from app.web.gathered import Gatherer
from app.web.parameters import only
from app.web.responses import Answers, answers, inline

_DICTIONARY = [*PAGE, CSV]
_BLOCK = 64
"""How many rows are sent at once."""
_PIECE = 256 * 1024


def router(folder: Path, renderer: Renderer, graph: ReleasedGraph, gatherer: Gatherer) -> APIRouter:
    """Return the routes of the tables and of their dictionary."""
    columns = read_columns(folder)
    routes = APIRouter(tags=["Pages"], default_response_class=Response)

    restricted = [Depends(only(OF))]

    def headers(media: str, kind: str, of: str | None, suffix: str) -> dict[str, str]:
        return {
            "ETag": renderer.tag("table", media, kind, of),
            "Cache-Control": "public, no-cache",
            "Content-Type": content_type(media),
            "Content-Disposition": inline(file_name(kind, of), suffix),
        }

    async def listed(kind: str, of: str | None) -> AsyncIterator[Row]:
        """Return the rows of a list. Raises Rejected where there is none."""
        selection = await select(graph, kind, of)
        return rows(graph, columns, selection, await page_of_list(graph, selection))

    def described(media: str) -> Answers:
        what = "The things of the kind, a row each"
        return answers(what, [media], not_found=True, negotiated=False)

    @routes.get(
        "/browse/{kind}.csv",
        summary="The things of one kind, or those that belong to a thing, as CSV",
        responses=described(CSV),
        dependencies=restricted,
    )
    async def as_csv(request: Request, kind: str, of: Of = None) -> Response:
        async def blocks() -> AsyncGenerator[bytes, None]:
            found = await listed(kind, of)
            async for block in _csv(head(columns, kind), found):
                yield block

        return await gatherer.respond(request, headers(CSV, kind, of, "csv"), blocks)

    @routes.get(
        "/browse/{kind}.xlsx",
        summary="The things of one kind, or those that belong to a thing, as a workbook",
        responses=described(XLSX),
        dependencies=restricted,
    )
    async def as_xlsx(request: Request, kind: str, of: Of = None) -> Response:
        async def blocks() -> AsyncGenerator[bytes, None]:
            found = _Counted(await listed(kind, of))
            shown = head(columns, kind)
            # A workbook ends with a list of what is in it, so that it is made whole, on the disk.
            with tempfile.TemporaryDirectory(prefix="dialogue-") as place:
                path, book = Path(place) / "rows.csv", Path(place) / "table.xlsx"
                with path.open("wb") as file:
                    async for block in _csv(shown, found):
                        file.write(block)
                lines = csv.read(path, len(shown))
                note = "A row for each thing of this kind."
                table = DataTable(kind, kind, note, shown, ("iri",), (), lines, found.number)
                preface = await _preface(renderer, kind, of)
                await in_thread(partial(_write, table, book, preface))
                with book.open("rb") as file:
                    while piece := file.read(_PIECE):
                        yield piece

        return await gatherer.respond(request, headers(XLSX, kind, of, "xlsx"), blocks)

    @routes.get(
        "/dictionary",
        summary="The data dictionary: every column of every table",
        responses=answers("The page, or the same as data", _DICTIONARY, not_found=True),
    )
    @routes.get("/dictionary.json", include_in_schema=False)
    @routes.get("/dictionary.csv", include_in_schema=False)
    async def dictionary(request: Request) -> Response:
        async def write(media: str) -> str:
            if media == CSV:
                return _read(folder / FILE_CSV)
            text = _read(folder / FILE_JSON)
            if media == JSON:
                return text
            tables = json.loads(text)["tables"]
            return await renderer.render("dictionary.html", tables=tables)

        return await renderer.answer(request, write, "dictionary", offered=_DICTIONARY)

    return routes


class _Counted:
    """Rows, and how many of them have passed: a cell may have line ends of its own."""

    def __init__(self, found: AsyncIterator[Row]) -> None:
        self._found, self.number = found, 0

    async def __aiter__(self) -> AsyncIterator[Row]:
        async for row in self._found:
            self.number += 1
            yield row


async def _csv(columns: tuple[Column, ...], found: AsyncIterable[Row]) -> AsyncIterator[bytes]:
    yield b"".join(csv.blocks(columns, ()))
    block: list[Row] = []
    async for row in found:
        block.append(row)
        if len(block) >= _BLOCK:
            yield csv.lines(block)
            block = []
    if block:
        yield csv.lines(block)


def _write(table: DataTable, book: Path, preface: Preface, go_on: Callable[[], None]) -> None:
    """Write a table as a workbook; `go_on` is called for each row, and ends it where it raises."""

    def lines() -> Iterator[Row]:
        for line in table.rows():
            go_on()
            yield line

    xlsx.write([replace(table, rows=lines)], book, preface)


async def _preface(renderer: Renderer, kind: str, of: str | None) -> Preface:
    """Return what the workbook of a list says of itself."""
    released = renderer.released
    dataset = ox.NamedNode(released.dataset)
    view = await renderer.display([dataset])
    properties = (await renderer.about()).properties
    facts = (
        ("List", f"{released.base}browse/{kind}" + (f"?{OF}={of}" if of else "")),
        ("Version", released.release),
        ("Released", released.date),
        ("Licence", "; ".join(map(lexical, properties.get(DCTERMS.license, [])))),
        ("Address", released.dataset),
    )
    note = (
        "The tables of the release, where it has some, have a row for each of several values and"
        f" for each passage that says something: {released.base}dump/"
    )
    return Preface(
        f"{view.name(dataset).text}: {kind}",
        released.date,
        [(name, text) for name, text in facts if text],
        [("Values and evidence", note)],
    )


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except OSError:
        raise not_found("This release has no dictionary of tables.") from None
