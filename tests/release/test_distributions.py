"""The choice of formats: all that are installed, or those that are named."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import tabular
from small import CONFERENCE, lay

from app.errors import Fault
from app.exports import sqlite, xlsx
from app.record.record import read_record
from app.release import build, distributions
from app.release.bundle import bundle
from app.release.formats import tables
from app.release.formats.proof import Unproven
from app.release.material import Advance, Material, Writer


def names(chosen: tuple[distributions.Writer, ...]) -> list[str]:
    return [one.name for one in chosen]


def test_formats_are_chosen_by_their_names_in_one_order() -> None:
    assert names(distributions.chosen(["turtle", "trig"])) == ["trig", "turtle"]
    assert names(distributions.chosen([])) == []


def test_a_format_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Fault, match=r"^pdf: no format of a release; there are .*trig, turtle"):
        distributions.chosen(["turtle", "pdf"])


def test_a_format_without_its_extra_is_left_out_or_told(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = replace(distributions.WRITERS[0], name="bare", needs=("no_such_module",), extra="none")
    monkeypatch.setattr(distributions, "WRITERS", (*distributions.WRITERS, bare))
    assert "bare" not in names(distributions.chosen(None))
    with pytest.raises(Fault, match=r"^bare: not installed: pip install dialogue-graph\[none\]$"):
        distributions.chosen(["bare"])


def test_a_release_has_the_formats_that_were_chosen_and_describes_no_other(tmp_path: Path) -> None:
    record = read_record(lay(tmp_path / "in"))
    build.build(record, tmp_path / "out", formats=["turtle"])
    assert not (tmp_path / "out/dialogue.trig").exists()
    assert "dialogue.ttl" in (tmp_path / "out/void.ttl").read_text(encoding="utf-8")
    assert "dialogue.trig" not in (tmp_path / "out/void.ttl").read_text(encoding="utf-8")
    shares: list[float] = []
    build.build(record, tmp_path / "out", advance=shares.append)
    assert (tmp_path / "out/dialogue.trig").exists()
    assert shares == sorted(shares)


@pytest.mark.parametrize("formats", [["sqlite"], ["xlsx"], ["csv", "xlsx"]])
def test_other_tables_are_proved_where_no_csv_stays_beside_them(
    tmp_path: Path, formats: list[str]
) -> None:
    record = read_record(lay(tmp_path / "in"))
    build.build(record, tmp_path / "out", formats=[*formats, "dcat"], prove=True)
    assert (tmp_path / "out/tables").exists() == ("csv" in formats)
    catalogue = (tmp_path / "out/dcat.ttl").read_text(encoding="utf-8")
    assert ("/tables/" in catalogue) == ("csv" in formats)


def test_tables_that_do_not_stay_are_proved_by_the_dataset_before_they_go(tmp_path: Path) -> None:
    def spoil(material: Material, advance: Advance) -> None:
        assert material.tables
        file = material.folder / "tables/Site.csv"
        file.write_bytes(file.read_bytes().replace(b",-3,", b",-4,"))

    def write(name: str, *before: Writer) -> None:
        material = Material(tabular.lay(tmp_path / name), (), tabular.PREFIXES, E)
        writers = [*before, *distributions.chosen(["sqlite"])]
        try:
            distributions.write(writers, material, lambda share: None, prove=True)
        finally:
            assert (material.folder / "dialogue.sqlite").is_file()
            assert not (material.folder / "tables").exists()

    write("whole")
    with pytest.raises(Unproven) as unproven:
        write("spoilt", Writer("spoil", (), spoil))
    (line,) = unproven.value.differences
    assert line.startswith("tables/Site.csv: lacks <http://example.org/two> <http://example.org/he")


E = "http://example.org/"
TABLES = [one.name for one in tables.WRITERS]
PREFIX = "@prefix e: <http://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."


@pytest.mark.parametrize(
    "values",
    [
        '"x"@en , "y"',
        "007 , 7",
        "1.0 , 1.00",
        "1e0 , 1.0e0",
        'true , "1"^^xsd:boolean',
        '"x" , 1 , <http://example.org/z> , []',
        '"x"@en , <http://example.org/z>',
        '"" , "x"',
        '"1" , 1',
        "1e999 , +7 , -0.0 , 0.0",
    ],
)
def test_values_of_every_sort_are_tables_in_every_format(tmp_path: Path, values: str) -> None:
    (tmp_path / "t.ttl").write_text(f"{PREFIX} e:a a e:T ; e:n {values} .", encoding="utf-8")
    out, notes = tmp_path / "out", list[str]()
    bundle([tmp_path / "t.ttl"], E, out, formats=TABLES, note=notes.append, prove=True)
    assert notes == []
    assert (out / "tables/T--n.csv").is_file() and (out / "dialogue.sqlite").is_file()


def wide(number: int) -> str:
    return " ; ".join(f"e:p{n} {n}" for n in range(number))


def test_what_is_too_wide_for_a_format_leaves_it_out_and_the_others_hold_it(
    tmp_path: Path,
) -> None:
    # Beside the properties a table has the IRI, the name and the class.
    for more, left_out in (
        (0, []),
        (1, ["sqlite is left out: W has 2,001 columns, a table of SQLite 2,000 at most"]),
    ):
        text = f"{PREFIX} e:a a e:W ; {wide(sqlite.MOST_COLUMNS - 3 + more)} ."
        (tmp_path / "w.ttl").write_text(text, encoding="utf-8")
        out, notes = tmp_path / f"out{more}", list[str]()
        bundle([tmp_path / "w.ttl"], E, out, formats=TABLES, note=notes.append, prove=True)
        assert notes == left_out
        assert (out / "dialogue.sqlite").exists() is not bool(left_out)
        assert (out / "tables/W.csv").is_file() and (out / "dialogue.xlsx").is_file()


def test_many_texts_of_a_thing_are_found_by_search(tmp_path: Path) -> None:
    texts = " ; ".join(f'e:p{n} "word{n}"' for n in range(700))
    (tmp_path / "w.ttl").write_text(f"{PREFIX} e:a a e:W ; {texts} .", encoding="utf-8")
    bundle([tmp_path / "w.ttl"], E, tmp_path / "out", formats=["sqlite"], prove=True)
    with closing(sqlite3.connect(tmp_path / "out/dialogue.sqlite")) as database:
        for word, found in (("word0 word350 word699", [(f"{E}a",)]), ("word700", [])):
            rows = database.execute("SELECT iri FROM search WHERE search MATCH ?", (word,))
            assert rows.fetchall() == found


def test_a_record_that_a_format_cannot_hold_does_not_describe_itself_by_it(tmp_path: Path) -> None:
    root, notes = lay(tmp_path / "in"), list[str]()
    formats = ["turtle", "csv", "sqlite"]
    build.build(read_record(root), tmp_path / "small", formats=formats, note=notes.append)
    assert notes == []
    assert "dialogue.sqlite" in (tmp_path / "small/void.ttl").read_text(encoding="utf-8")
    text = CONFERENCE.replace(
        "dlg:place place:lisbon ;", f"dlg:place place:lisbon ; {wide(sqlite.MOST_COLUMNS)} ;"
    )
    (root / "data/conferences/one.trig").write_text(f"{PREFIX}\n{text}", encoding="utf-8")
    out = tmp_path / "out"
    build.build(read_record(root), out, formats=formats, note=notes.append, prove=True)
    (line,) = notes
    assert line.startswith("sqlite is left out: Conference has ")
    assert not (out / "dialogue.sqlite").exists()
    described = (out / "void.ttl").read_text(encoding="utf-8")
    assert "dialogue.sqlite" not in described and "tables.json" in described


def test_a_sheet_has_no_more_columns_than_a_workbook_can_have(tmp_path: Path) -> None:
    text = f"{PREFIX} e:a a e:W ; {wide(xlsx.MOST_COLUMNS)} ."
    (tmp_path / "w.ttl").write_text(text, encoding="utf-8")
    notes: list[str] = []
    out = tmp_path / "out"
    bundle([tmp_path / "w.ttl"], E, out, formats=["xlsx"], note=notes.append)
    assert notes == ["xlsx is left out: W has 16,387 columns, a sheet 16,384 at most"]
    assert not (out / "dialogue.xlsx").exists()
