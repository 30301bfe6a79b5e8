"""Lists as tables: the same rows as the files of the release, and the dictionary of them."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from shop import Shop, lay, serve
from website import Page, get

from app.record.record import read_record
from app.release import build

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the bundled record."""
    out = tmp_path_factory.mktemp("tables") / "release"
    build.build(read_record(ROOT), out, formats=["csv"])
    return out


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Shop]:
    with serve(folder) as found:
        yield found


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        ("conference", "Conference"),
        ("participation", "Participation"),
        ("place", "Place"),
        ("state", "State"),
        ("topic", "Topic"),
        ("publisher", "Publisher"),
    ],
)
def test_a_list_as_csv_has_the_cells_that_the_file_has(
    shop: Shop, folder: Path, kind: str, table: str
) -> None:
    answer = get(shop, f"browse/{kind}.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    head, *listed = rows(answer.text)
    known, *written = rows((folder / "tables" / f"{table}.csv").read_bytes().decode())
    assert head == known
    # The engine writes a number in its shortest form.
    numbers = {n for n, name in enumerate(head) if name in ("lat", "long")}
    for row in written:
        row[:] = [f"{float(c):g}" if n in numbers and c else c for n, c in enumerate(row)]
    for row in listed:
        row[:] = [f"{float(c):g}" if n in numbers and c else c for n, c in enumerate(row)]
    assert sorted(listed) == sorted(written)
    # In the order of the page, which is not that of the file.
    shown = get(shop, f"browse/{kind}.json").json()["items"]
    assert [row[0] for row in listed][: len(shown)] == [item["iri"] for item in shown]


def test_a_wrong_cell_of_the_file_would_be_seen(shop: Shop, folder: Path) -> None:
    _, *listed = rows(get(shop, "browse/state.csv").text)
    text = (folder / "tables" / "State.csv").read_bytes().decode()
    assert text.count("Portugal,") > 0
    _, *wrong = rows(text.replace("Portugal,", "Portugals,", 1))
    assert sorted(listed) != sorted(wrong)


def test_a_list_as_a_workbook_has_the_same_cells(shop: Shop) -> None:
    answer = get(shop, "browse/state.xlsx")
    assert answer.headers["content-type"] == (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Read me", "Columns", "state"]
    cells = [["" if c is None else _written(c) for c in row] for row in book["state"].values]
    # The name of a thing stands before its IRI.
    listed = [[*row[1::-1], *row[2:]] for row in rows(get(shop, "browse/state.csv").text)]
    assert cells == listed
    assert book["state"].freeze_panes == "B2"
    assert book["state"].auto_filter.ref.startswith("A1:")


def _written(cell: object) -> str:
    return cell.date().isoformat() if isinstance(cell, datetime) else str(cell)


def test_a_workbook_counts_things_and_no_lines(tmp_path: Path) -> None:
    a, label = (
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
        "http://www.w3.org/2000/01/rdf-schema#label",
    )
    things = [f"<https://w3id.org/dialogue/id/thing/{n:03}>" for n in range(70)]
    quads = "".join(
        f'{thing} <{a}> <http://e.org/Thing> .\n{thing} <{label}> "One\\r\\nand more"@en .\n'
        for thing in things
    )
    with serve(lay(tmp_path / "bare", quads)) as shop:
        book = openpyxl.load_workbook(io.BytesIO(get(shop, "browse/thing.xlsx").content))
    said = [row for row in book["Read me"].iter_rows(values_only=True) if row[0] == "thing"]
    assert [70 in row for row in said] == [True]
    assert book["thing"].max_row == 71


def test_a_list_as_a_workbook_says_what_it_is(shop: Shop, folder: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(get(shop, "browse/state.xlsx").content))
    texts = {a: b for a, b in book["Read me"].iter_rows(max_col=2, values_only=True) if a}
    release = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    title = "Dialogue: the 5+5 and its formations: state"
    assert [*texts][:6] == [title, "List", "Version", "Released", "Licence", "Address"]
    assert texts["List"] == "https://w3id.org/dialogue/browse/state"
    assert (texts["Version"], texts["Released"]) == (release["release"], release["date"])
    assert texts["Licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert "https://w3id.org/dialogue/dump/" in texts["Values and evidence"]
    assert book.properties.title == title
    assert book.properties.created.date().isoformat() == release["date"]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_table_is_answered_like_a_page(shop: Shop, suffix: str) -> None:
    missing = get(shop, f"browse/nothing.{suffix}")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"
    whole = get(shop, f"browse/state.{suffix}")
    tag = whole.headers["etag"].replace("-gzip", "")
    assert get(shop, f"browse/state.{suffix}", If_None_Match=tag).status_code == 304
    head = shop_head(shop, f"browse/state.{suffix}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


def shop_head(shop: Shop, path: str):  # type: ignore[no-untyped-def]
    import httpx

    return httpx.head(f"{shop.url}{path}")


def test_the_dictionary_explains_every_column_of_every_table(shop: Shop, folder: Path) -> None:
    told = get(shop, "dictionary.json").json()["tables"]
    assert told == json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))["tables"]
    heads = {
        path.stem: rows(path.read_bytes().decode())[0] for path in (folder / "tables").glob("*.csv")
    }
    assert {t["table"]: [c["column"] for c in t["columns"]] for t in told} == heads
    head, *lines = rows(get(shop, "dictionary.csv").text)
    assert head[:2] == ["table", "column"]
    assert [(line[0], line[1]) for line in lines] == [
        (table["table"], column["column"]) for table in told for column in table["columns"]
    ]
    page = Page(get(shop, "dictionary", "text/html").text)
    assert [e.attributes["id"] for e in page.all("h2")] == [table["table"] for table in told]


def test_every_column_has_a_title_and_a_meaning(shop: Shop) -> None:
    columns = {
        (table["table"], column["column"]): column
        for table in get(shop, "dictionary.json").json()["tables"]
        for column in table["columns"]
    }
    assert [name for name, one in columns.items() if not (one["title"] and one["meaning"])] == []
    assert len(columns) > 2000
    # Of a property that has a name and a definition, both are in the table of its values.
    value = columns["Document--is_realizes_of", "value"]
    assert value["title"] == "realizes (inverse)"
    assert value["property"] == "http://data.europa.eu/eli/ontology#realizes"
    date = columns["Event--date", "value"]
    assert (date["title"], date["meaning"]) == (
        "date",
        "falls on, or lasts over, as precisely as a source tells it, the time",
    )
    assert columns["Event--date", "begins"]["title"] == "date: first day"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv"),
        ("text/csv, text/html;q=0.5", "text/csv"),
        ("text/html, text/csv;q=0.5", "text/html"),
        ("application/json", "application/json"),
        ("*/*", "text/html"),
    ],
)
def test_the_dictionary_comes_in_the_format_that_is_asked_for(
    shop: Shop, accept: str, media: str
) -> None:
    answer = get(shop, "dictionary", accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == media
    assert answer.headers["vary"].startswith("Accept")
    suffix = {"text/csv": ".csv", "application/json": ".json"}.get(media)
    if suffix:
        # An address that names a format has it, whatever a client accepts.
        assert get(shop, f"dictionary{suffix}", "text/html").content == answer.content
    tag = answer.headers["etag"].replace("-gzip", "")
    assert get(shop, "dictionary", accept, If_None_Match=tag).status_code == 304


def test_the_dictionary_has_no_other_format_and_other_pages_have_no_csv(shop: Shop) -> None:
    assert get(shop, "dictionary", "text/turtle").status_code == 406
    assert get(shop, "browse", "text/csv").status_code == 406


def test_a_release_without_columns_lists_names_and_has_no_dictionary(tmp_path: Path) -> None:
    thing = "<https://w3id.org/dialogue/id/thing/one>"
    quads = (
        f"{thing} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e.org/Thing> .\n"
        f'{thing} <http://www.w3.org/2000/01/rdf-schema#label> "One"@en .\n'
    )
    with serve(lay(tmp_path / "bare", quads)) as shop:
        listed = get(shop, "browse/thing.csv").text
        assert listed == "iri,label\r\nhttps://w3id.org/dialogue/id/thing/one,One\r\n"
        assert get(shop, "dictionary").status_code == 404
