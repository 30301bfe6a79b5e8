"""`dialogue build` on the command line: what it takes, what it says, and how it ends."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.main import main
from app.release import distributions
from app.release.material import Writer

TEXT = '<http://e.org/a> <http://e.org/7> "A" .\n'
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "visegrad"
LIAR = Writer(
    "lie", (), lambda material, advance: None, differences=lambda material: ["lie.txt: lacks <a>"]
)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["build", *map(str, arguments)])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data.nt").write_text(TEXT, encoding="utf-8")
    return tmp_path / "data.nt"


def test_rdf_of_others_becomes_a_release_and_what_is_left_out_is_told(data: Path) -> None:
    out = data.parent / "out"
    result = run("--check", "--as-of", "2026-01-02", "--out", out, data)
    assert result.exit_code == 0
    assert "rdfxml is left out: http://e.org/7 ends in no name of XML\n" in result.stderr
    assert result.stdout.startswith(f"{out}: 1 quads, 2026-01-02, ")
    assert (out / "dialogue.nq").read_text(encoding="utf-8") == TEXT
    assert (out / "dialogue.nq.gz").is_file()


def test_formats_are_chosen_by_name(data: Path) -> None:
    out = data.parent / "out"
    assert run("--formats", "turtle,gzip", "--out", out, data).exit_code == 0
    names = {path.name for path in out.iterdir()}
    own = {"dialogue.nq", "dialogue.ttl"}
    assert names == {*own, *(f"{name}.gz" for name in own), "SHA256SUMS", "release.json"}
    assert run("--formats", "", "--out", out, data).exit_code == 0
    assert {path.name for path in out.iterdir()} == {"dialogue.nq", "SHA256SUMS", "release.json"}
    refused = run("--formats", "turtle,pdf", "--out", out, data)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("dialogue: pdf: no format of a release; there are ")


def test_a_difference_is_a_line_and_exit_1_and_nothing_is_replaced(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = data.parent / "out"
    assert run("--formats", "turtle", "--out", out, data).exit_code == 0
    monkeypatch.setattr(distributions, "WRITERS", (*distributions.WRITERS, LIAR))
    result = run("--check", "--formats", "lie", "--out", out, data)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "lie.txt: lacks <a>\n"
    assert (out / "dialogue.ttl").is_file()
    assert run("--formats", "lie", "--out", out, data).exit_code == 0
    assert not (out / "dialogue.ttl").exists()


def test_a_record_is_checked_and_proved(tmp_path: Path) -> None:
    root = tmp_path / "record"
    shutil.copytree(EXAMPLE, root)
    names = "trig,turtle,context,jsonld,rdf12"
    result = run("--check", "--formats", names, "--as-of", "2027-01-02", "--record", root)
    assert (result.exit_code, result.stderr) == (0, "")
    out = root / "build" / "release"
    assert result.stdout.startswith(f"{out}: ")
    assert (out / "dialogue-rdf12.trig").is_file()


def test_the_folder_that_one_stands_in_is_refused_before_the_work(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = data.parent / "out"
    assert run("--formats", "", "--out", out, data).exit_code == 0
    monkeypatch.chdir(out)
    (data.parent / "wrong.nt").write_text("<")
    refused = run("--formats", "", "--out", ".", data.parent / "wrong.nt")
    line = "dialogue: .: you stand in this folder, which would be replaced: leave it first\n"
    assert (refused.exit_code, refused.stderr) == (2, line)
    assert (out / "dialogue.nq").read_text(encoding="utf-8") == TEXT
    assert sorted(path.name for path in data.parent.iterdir()) == ["data.nt", "out", "wrong.nt"]
    # A folder below the one that one stands in is another.
    assert run("--formats", "", "--out", "below", data).exit_code == 0


def test_a_place_that_cannot_be_written_is_named(data: Path) -> None:
    refused = run("--formats", "", "--out", data / "below", data)
    line = f"dialogue: {data}: File exists\n"
    assert (refused.exit_code, refused.stderr) == (2, line)
