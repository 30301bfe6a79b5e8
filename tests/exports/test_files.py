"""What the files of a release are, in words."""

import json
from pathlib import Path

from app.exports.files import titles


def test_each_kind_of_file_has_its_words(tmp_path: Path) -> None:
    tables = [{"table": "State", "title": "State"}, {"table": "State--code", "title": "Codes"}]
    (tmp_path / "dictionary.json").write_text(json.dumps({"tables": tables}), encoding="utf-8")
    told = {"dialogue.trig": "For reading"}
    words = {
        "dialogue.trig": "For reading",
        "dialogue.trig.gz": "For reading",
        "tables/State.csv": "State",
        "parquet/State--code.parquet": "Codes",
        "rules/03-participant.rq": "The rule participant, by which facts are derived",
        "from-2026-11-29.2.patch.gz": "The way from the release before to this one",
        "columns.json": "The columns of each class, for programs",
    }
    unknown = ["tables/Absent.csv", "State.csv", "notes.txt", "rules/README"]
    assert titles(tmp_path, [*words, *unknown], told) == words


def test_a_release_without_tables_has_no_titles_of_them(tmp_path: Path) -> None:
    assert titles(tmp_path, ["tables/State.csv", "feed.atom"], {}) == {
        "feed.atom": "What changed with each release, as a feed"
    }
