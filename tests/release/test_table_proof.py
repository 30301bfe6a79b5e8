"""The proof of tables: what is read back differs in nothing, and each difference is one line."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from tabular import PREFIXES, lay

from app.release.formats import tables as table_formats
from app.release.material import Material


@pytest.fixture
def material(tmp_path: Path) -> Material:
    made = Material(lay(tmp_path), (), PREFIXES, "http://example.org/")
    for writer in table_formats.WRITERS:
        writer.write(made, lambda share: None)
    return made


def differences(material: Material) -> list[str]:
    return [line for one in table_formats.WRITERS for line in one.differences(material)]


def change(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert content.count(old) == 1
    path.write_bytes(content.replace(old, new))


def test_tables_as_they_were_written_hold_what_the_dataset_says(material: Material) -> None:
    assert differences(material) == []


def test_a_property_that_is_called_language_is_not_the_language_of_the_others(
    tmp_path: Path,
) -> None:
    dataset = tmp_path / "dialogue.nq"
    about = "<http://example.org/page> <http://"
    dataset.write_text(
        f"{about}purl.org/dc/terms/language> <http://example.org/french> .\n"
        f'{about}www.w3.org/2000/01/rdf-schema#label> "Seite"@de .\n'
        f"{about}www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://example.org/Page> .\n"
    )
    made = Material(tmp_path, (), PREFIXES, "http://example.org/")
    (writer,) = (one for one in table_formats.WRITERS if one.name == "csv")
    writer.write(made, lambda share: None)
    assert "language" in (tmp_path / "tables/Page.csv").read_text("utf-8").splitlines()[0]
    assert [*writer.differences(made)] == []
    change(tmp_path / "tables/Page.csv", b"french", b"german")
    assert [*writer.differences(made)] == [
        "tables/Page.csv: lacks <http://example.org/page>"
        " <http://purl.org/dc/terms/language> <http://example.org/french> ."
    ]


def test_a_cell_of_csv_that_tells_another_fact_is_named(material: Material) -> None:
    change(material.folder / "tables" / "Site.csv", b",-3,", b",-4,")
    lines = differences(material)
    assert lines[0] == (
        "tables/Site.csv: lacks <http://example.org/two> <http://example.org/height>"
        ' "-3"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    )
    # The other tables were made of what stood there.
    assert [line.partition(":")[0] for line in lines[1:]] == [
        "dialogue.sqlite",
        "dialogue.xlsx",
        "parquet/Site.parquet",
    ]


def test_a_row_of_csv_that_the_dataset_has_not_is_named(material: Material) -> None:
    path = material.folder / "tables" / "Fort--code.csv"
    path.write_bytes(path.read_bytes() + b"http://example.org/one,008\r\n")
    assert differences(material)[0] == (
        "tables/Fort.csv: has what dialogue.nq has not: http://example.org/one"
        " http://example.org/code 008 "
    )


def test_a_changed_row_of_the_database_is_named(material: Material) -> None:
    with closing(sqlite3.connect(material.folder / "dialogue.sqlite")) as database:
        database.execute("UPDATE \"Site\" SET open = 1 WHERE label = 'Two'")
        database.commit()
    assert differences(material) == [
        "dialogue.sqlite: Site has another row 3: http://example.org/two Two"
    ]


def test_a_row_that_the_database_has_lost_is_named(material: Material) -> None:
    with closing(sqlite3.connect(material.folder / "dialogue.sqlite")) as database:
        database.execute('DELETE FROM "Guild"')
        database.commit()
    assert differences(material) == ["dialogue.sqlite: Guild has only 0 rows"]


def test_a_changed_file_of_parquet_is_named_and_so_is_one_that_is_none(material: Material) -> None:
    path = material.folder / "parquet" / "Site.parquet"
    table = pyarrow.parquet.read_table(path)
    pyarrow.parquet.write_table(table.slice(0, 2), path)
    assert differences(material) == ["parquet/Site.parquet: Site has only 2 rows"]
    path.write_bytes(b"nothing")
    (line,) = differences(material)
    assert line.startswith("parquet/Site.parquet: cannot be read: ")


@pytest.mark.parametrize("sheet", ["Read me", "Columns", "Site", "Site--near", "evidence"])
def test_a_cell_of_any_sheet_of_a_workbook_is_proved(material: Material, sheet: str) -> None:
    path = material.folder / "dialogue.xlsx"
    book = openpyxl.load_workbook(path)
    book[sheet]["A2"] = f"{book[sheet]['A2'].value}!"
    book.save(path)
    assert differences(material) == [f"dialogue.xlsx: {sheet} has another row 1"]


@pytest.mark.parametrize("change", ["row", "sheet", "order", "title", "day", "date", "damage"])
def test_a_workbook_that_tells_another_fact_is_named(material: Material, change: str) -> None:
    path = material.folder / "dialogue.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Site"]
    match change:
        case "row":
            sheet.append(["http://example.org/of-nobody"])
        case "sheet":
            book.remove(sheet)
        case "order":
            book.move_sheet(sheet, 1)
        case "title":
            book.properties.title = "Others"
        case "day":
            book.properties.created = datetime(2001, 1, 1)
        case "date":
            # A day that would be read as a text is another cell.
            (cell,) = [c for row in sheet for c in row if c.value == datetime(2020, 2, 29)]
            cell.value = "2020-02-29"
    book.save(path)
    if change == "damage":
        path.write_bytes(path.read_bytes()[:-100])
    (line,) = differences(material)
    assert line.startswith("dialogue.xlsx: ")
    assert ("Site has another row" in line) == (change in ("row", "date"))


def test_a_workbook_saved_again_by_another_program_is_the_same(material: Material) -> None:
    path = material.folder / "dialogue.xlsx"
    openpyxl.load_workbook(path).save(path)
    assert differences(material) == []
