"""The workbook as somebody opens it: what it says of itself, where it leads, how it looks."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from tabular import tabulated

from app.exports import xlsx
from app.exports.readme import Preface
from app.exports.tables import Column, DataTable, Row, Type

PREFACE = Preface(
    "Forts and their sites",
    "2026-11-30",
    [("Licence", "https://creativecommons.org/licenses/by/4.0/")],
    [("Order", "By nothing.")],
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataTable, ...]:
    return tabulated(tmp_path_factory.mktemp("odd"))


@pytest.fixture(scope="module")
def book(made: tuple[DataTable, ...], tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return written(made, tmp_path_factory.mktemp("book"))


def written(tables: tuple[DataTable, ...], folder: Path, longest: int = 100) -> Workbook:
    """Return a workbook of tables as another program reads it."""
    xlsx.write(tables, folder / "book.xlsx", PREFACE, longest)
    return openpyxl.load_workbook(folder / "book.xlsx")


def table(columns: list[Column], rows: list[Row]) -> DataTable:
    return DataTable("Table", "Table", "", tuple(columns), (), (), lambda: iter(rows), len(rows))


def leads(sheet: Worksheet) -> dict[str, str]:
    """Return where the cells of a sheet lead to within the workbook, by their texts."""
    cells = (cell for row in sheet.iter_rows() for cell in row)
    return {c.value: c.hyperlink.location for c in cells if c.hyperlink and c.hyperlink.location}


def opening(book: Workbook) -> dict[str, str]:
    """Return what the first sheet says, by what it says it of."""
    rows = book["Read me"].iter_rows(max_col=2, values_only=True)
    return {str(name): str(text) for name, text in rows if name}


def test_the_first_sheet_says_what_this_is_and_how_to_read_it(book: Workbook) -> None:
    assert book.worksheets[0].title == "Read me"
    assert book["Read me"]["A1"].value == "Forts and their sites"
    texts = opening(book)
    assert texts["Licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert texts["Order"] == "By nothing."
    assert "“ | ” stands between several values" in texts["Several values"]
    assert "such as Fort--" in texts["Several values"]
    assert {"Empty cells", "Dates as written", "Dates to sort by"} < texts.keys()
    assert texts["What is left out"] == "No row of these tables."


def test_what_no_table_has_is_not_explained(tmp_path: Path) -> None:
    plain = table([Column("name", Type.STRING, "Name")], [["a"]])
    texts = opening(written((plain,), tmp_path))
    assert not {"Dates as written", "Dates to sort by"} & texts.keys()
    assert "--" not in texts["Several values"]


def test_the_file_is_called_as_the_dataset_and_is_of_the_day_of_the_release(book: Workbook) -> None:
    assert book.properties.title == "Forts and their sites"
    assert book.properties.created == datetime(2026, 11, 30)


def test_the_first_sheet_lists_every_other_with_its_rows_and_leads_to_it(
    book: Workbook, made: tuple[DataTable, ...]
) -> None:
    sheet = book["Read me"]
    listed = [*sheet.iter_rows(values_only=True)][-len(made) :]
    assert [(name, size, file) for name, _, size, file in listed] == [
        (one.name, one.size, f"tables/{one.name}.csv") for one in made
    ]
    assert leads(sheet) == {one.name: f"'{one.name}'!A1" for one in made}
    assert sheet["B2"].hyperlink.target == "https://creativecommons.org/licenses/by/4.0/"


def test_headings_lead_back_and_to_where_each_value_has_a_row(book: Workbook) -> None:
    found = leads(book["Site"])
    assert found.pop("label") == "'Read me'!A1"
    beside = {name.removeprefix("Site--") for name in book.sheetnames if name.startswith("Site--")}
    # A column of a language leads to the values of all.
    assert {name.partition("@")[0] for name in found} == beside
    assert all(to == f"'Site--{name.partition('@')[0]}'!A1" for name, to in found.items())
    assert leads(book["Site--near"]) == {"subject": "'Read me'!A1"}


def test_names_come_first_and_stay_in_sight_and_all_can_be_filtered(
    book: Workbook, made: tuple[DataTable, ...]
) -> None:
    for one in made:
        sheet = book[one.name]
        heads = [cell.value for cell in sheet[1]]
        names = [column.name for column in one.columns]
        assert sorted(map(str, heads)) == sorted(names)
        assert heads[0] == ("label" if "label" in names else names[0])
        assert sheet.freeze_panes == "B2"
        last = sheet.cell(one.size + 1, len(heads)).coordinate
        assert sheet.auto_filter.ref == f"A1:{last}"
    # The name of another thing is beside that thing.
    assert [cell.value for cell in book["Site--near"][1]][:3] == ["subject", "value", "value_label"]


def test_columns_are_as_wide_as_what_is_in_them_within_bounds(tmp_path: Path) -> None:
    columns = [
        Column("iri", Type.IRI, "IRI"),
        Column("label", Type.STRING, "Name"),
        Column("place", Type.IRI, "Place"),
        Column("place_label", Type.STRING, "Place"),
        Column("url", Type.IRI, "Address"),
        Column("text", Type.STRING, "Text"),
        Column("n", Type.INTEGER, "Number"),
    ]
    address = "http://example.org/one/of/a/length"
    rows: list[Row] = [[address, "n" * 90, address, "Lisbon and Porto", address, "t" * 200, "1"]]
    sheet = written((table(columns, rows),), tmp_path)["Table"]
    # Columns beside each other that are equally wide are told of as one.
    widths = {
        sheet.cell(1, number).value: int(dimension.width)
        for dimension in sheet.column_dimensions.values()
        for number in range(dimension.min, dimension.max + 1)
    }
    assert widths == {
        "label": 40, "iri": 10, "place": 10, "place_label": 16, "url": 34, "text": 60, "n": 10
    }  # fmt: skip


def test_days_are_real_dates_and_dates_as_written_are_texts(tmp_path: Path) -> None:
    columns = [
        Column("date", Type.EDTF, "Date"),
        Column("begins", Type.DATE, "First day"),
        Column("ends", Type.DATE, "Last day"),
    ]
    rows: list[Row] = [
        ["2015-05", "2015-05-01", "2015-05-31"],
        ["1900-02/1900-03", "1900-02-28", "1900-03-01"],
        ["2015-05-19", "2015-05-19", None],
    ]
    sheet = written((table(columns, rows),), tmp_path)["Table"]
    cells = [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert cells == [
        ["2015-05", datetime(2015, 5, 1), datetime(2015, 5, 31)],
        ["1900-02/1900-03", "1900-02-28", datetime(1900, 3, 1)],
        ["2015-05-19", datetime(2015, 5, 19), None],
    ]
    assert {sheet[name].number_format for name in ("B2", "C2", "C3")} == {"yyyy-mm-dd"}
    assert {sheet[name].number_format for name in ("A2", "A4", "B3")} == {"General"}


def test_a_table_that_is_cut_is_told_with_the_file_that_has_all_of_it(
    made: tuple[DataTable, ...], tmp_path: Path
) -> None:
    book = written(made, tmp_path, 2)
    cut = [one.name for one in made if one.size > 2]
    assert "Site" in cut and "Fort" not in cut
    assert opening(book)["What is left out"] == (
        f"Only the first 2 rows are here of: {', '.join(cut)}."
        " Whole they are in the files that the list names."
    )
    rows = {row[0]: row[1:] for row in book["Read me"].iter_rows(values_only=True) if row[0]}
    assert rows["Site"] == ("Site. Only the first 2 of 3 rows are here.", 2, "tables/Site.csv")
    assert rows["Fort"] == ("Fort.", 1, "tables/Fort.csv")
    assert [book[one.name].max_row for one in made] == [min(one.size, 2) + 1 for one in made]


def test_sheets_are_named_as_spreadsheets_may_and_found_by_these_names(tmp_path: Path) -> None:
    plain = table([Column("name", Type.STRING, "Name")], [["a"]])
    names = "History", "read me", "d'or", "a" * 40
    book = written(tuple(replace(plain, name=name) for name in names), tmp_path)
    assert book.sheetnames == ["Read me", "Columns", "History~2", "read me~2", "d'or", "a" * 31]
    found = leads(book["Read me"])
    assert [*found] == book.sheetnames[2:]
    assert found["d'or"] == "'d''or'!A1"


def test_the_same_tables_give_the_same_bytes(made: tuple[DataTable, ...], tmp_path: Path) -> None:
    for name in ("one.xlsx", "other.xlsx"):
        xlsx.write(made, tmp_path / name, PREFACE)
    one = (tmp_path / "one.xlsx").read_bytes()
    assert one == (tmp_path / "other.xlsx").read_bytes()
    xlsx.write(made, tmp_path / "other.xlsx", replace(PREFACE, day="2026-12-01"))
    assert one != (tmp_path / "other.xlsx").read_bytes()
