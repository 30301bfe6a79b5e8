"""The files for everybody's tools: the page that names each; one that is changed is seen."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from app.exports.extracts import BY_SUFFIX, EXTRACTS
from app.rdf.formats import of_file
from app.record.record import read_record
from app.release.extracts.writers import WRITERS
from app.release.material import Material, Writer

ROOT = Path(__file__).parents[3]
LINE = re.compile(r"\| `([\w-]+)` \| `([\w./-]+)` \| [^|]+ \| ([^|]+) \| [^|]+ \|")
SIZE = re.compile(r"\| `([\w./-]+)` \| [\d,]+ \| [\d,]+ \| [\d.]+ \|")
TEXT = (ROOT / "docs/formats.md").read_text(encoding="utf-8")


def test_the_page_has_a_line_for_each_file_and_no_other() -> None:
    made = [(writer.name, file.file) for writer in WRITERS for file in writer.files]
    assert sorted(found[:2] for found in LINE.findall(TEXT)) == sorted(made)
    assert sorted(SIZE.findall(TEXT)) == sorted(name for _, name in made)


def test_the_page_has_every_address() -> None:
    named = {
        suffix for line in LINE.findall(TEXT) for suffix in re.findall(r"\}\.([\w.-]+)", line[2])
    }
    assert named == {extract.suffix for extract in EXTRACTS}
    assert BY_SUFFIX.keys() == named


def test_each_file_has_the_media_type_that_its_name_says() -> None:
    for writer in WRITERS:
        for file in writer.files:
            assert of_file(file.file) == file.media_type, file.file


@pytest.fixture(scope="module")
def material(folder: Path) -> Material:
    record = read_record(ROOT)
    day = date(2026, 11, 30).isoformat()
    return Material(folder, (), record.prefixes, record.base, record, day=day)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_a_file_that_was_changed_or_is_missing_is_named(writer: Writer, material: Material) -> None:
    assert list(writer.differences(material)) == []
    for file in writer.files:
        path = material.folder / file.file
        content = path.read_bytes()
        line = f"{file.file}: holds something else than the dataset tells"
        try:
            path.write_bytes(content + b" ")
            assert differences(writer, material) == [line]
            path.unlink()
            assert differences(writer, material) == [line]
        finally:
            path.write_bytes(content)


def differences(writer: Writer, material: Material) -> Sequence[str]:
    return list(writer.differences(material))
