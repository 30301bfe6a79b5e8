"""The dataset as tables: CSV, a database, a workbook, Parquet, all of the same rows."""

from collections.abc import Callable

from app.exports import dictionary, parquet, sqlite, xlsx
from app.exports.csvw import metadata
from app.exports.fields import columns_of, head_and
from app.manifest import TABLES
from app.rdf.formats import CSV, CSVW, JSON, SQLITE, XLSX
from app.release.formats import table_proof, workbook
from app.release.material import Advance, Distribution, Material, Writer

LONGEST = 100_000
DATABASE, WORKBOOK = "dialogue.sqlite", "dialogue.xlsx"


def _csv(material: Material, advance: Advance) -> None:
    made = material.tables
    folder = material.folder
    advance(0.9)
    # Where nothing has a class there is no table, and what is said of them is that.
    (folder / TABLES).mkdir(parents=True, exist_ok=True)
    described = metadata(
        made,
        "The tables of this release",
        licence=material.licence,
        version=material.version,
        day=material.day,
    )
    (folder / TABLES / "tables.json").write_bytes(described)
    (folder / dictionary.FILE_CSV).write_bytes(dictionary.as_csv(made))
    labels = material.survey.usage.labels
    (folder / dictionary.FILE_JSON).write_bytes(dictionary.as_json(made, labels))


def _sqlite(material: Material, advance: Advance) -> None:
    sqlite.write(material.tables, material.folder / DATABASE)


def _xlsx(material: Material, advance: Advance) -> None:
    # What has more rows than people read is whole in the other formats.
    made, preface = workbook.tables(material), workbook.preface(material)
    xlsx.write(made, material.folder / WORKBOOK, preface, LONGEST)


def _parquet(material: Material, advance: Advance) -> None:
    made = material.tables
    for number, table in enumerate(made):
        advance(number / len(made))
        parquet.write(table, material.folder / "parquet" / f"{table.name}.parquet")


def _too_wide(most: int, what: str) -> Callable[[Material], str]:
    """Return what says whether a table has more columns than `what` may have."""

    def why_not(material: Material) -> str:
        widths = ((len(head_and(columns_of(c.fields))), c.name) for c in material.survey.classes)
        width, name = max(widths, default=(0, ""))
        return f"{name} has {width:,} columns, {what} {most:,} at most" if width > most else ""

    return why_not


WRITERS: tuple[Writer, ...] = (
    Writer(
        "csv",
        (
            Distribution(f"{TABLES}/tables.json", CSVW, "The tables as CSV, and what they mean"),
            Distribution(dictionary.FILE_CSV, CSV, "The data dictionary: every column explained"),
            Distribution(dictionary.FILE_JSON, JSON, "The data dictionary, for programs"),
        ),
        _csv,
        differences=table_proof.csv_differences,
    ),
    Writer(
        "sqlite",
        (Distribution(DATABASE, SQLITE, "The tables as a database"),),
        _sqlite,
        why_not_tables=_too_wide(sqlite.MOST_COLUMNS, "a table of SQLite"),
        differences=lambda material: table_proof.sqlite_differences(material, DATABASE),
    ),
    Writer(
        "xlsx",
        (Distribution(WORKBOOK, XLSX, "The tables as a workbook, explained"),),
        _xlsx,
        (xlsx.NEEDS,),
        why_not_tables=_too_wide(xlsx.MOST_COLUMNS, "a sheet"),
        differences=lambda material: table_proof.xlsx_differences(material, WORKBOOK, LONGEST),
    ),
    Writer(
        "parquet",
        (),
        _parquet,
        (parquet.NEEDS,),
        parquet.EXTRA,
        differences=lambda material: table_proof.parquet_differences(material, "parquet"),
    ),
)
