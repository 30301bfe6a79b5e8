"""What was found before is passed over; what is new is not."""

import json
from pathlib import Path

import pytest

from .test_check import DATA, RUN, SHAPES, check, folder  # noqa: F401
from .test_main import dialogue

PREFIX = "@prefix dcat: <http://www.w3.org/ns/dcat#> ."
ANONYMOUS = "[] a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:nodeKind sh:Literal .\n"


@pytest.fixture
def known(folder: Path) -> Path:  # noqa: F811
    """The same folder with a report of what is found in it."""
    (folder / "known.json").write_text(check(folder, "data.ttl", "--format", "json")[1])
    return folder


def test_what_is_known_passes_wherever_it_has_moved(known: Path) -> None:
    (known / "data.ttl").write_text("# Moved by a line.\n" + DATA)
    assert check(known, "data.ttl", "--baseline", "known.json") == (
        0,
        f"Nothing found: {RUN}",
        "2 known findings passed over (known.json)\n",
    )


def test_what_is_new_fails_and_is_shown_alone(known: Path) -> None:
    (known / "data.ttl").write_text(
        DATA + "\n<https://example.org/flies> a <http://www.w3.org/ns/dcat#Dataset> .\n"
    )
    code, out, _ = check(known, "data.ttl", "--baseline", "known.json")
    assert (code, out.count("violation:")) == (1, 1)
    assert out.startswith("data.ttl:12:1: violation: A dataset has a title.\n")


def test_it_knows_nodes_without_a_name_and_relative_ones_in_another_folder_and_language(
    known: Path,
) -> None:
    def lay(root: Path, more: str = "") -> Path:
        root.mkdir()
        (root / "shapes.ttl").write_text(SHAPES + ANONYMOUS, encoding="utf-8")
        data = '[] a dcat:Dataset .\n<#relative> a dcat:Dataset ; dct:issued "2026"@fr .\n'
        (root / "data.ttl").write_text(DATA + data + more, encoding="utf-8")
        (root / "other.ttl").write_text(f"{PREFIX}\n_:x a dcat:Dataset .\n")
        return root

    files = "data.ttl", "other.ttl"
    one, other = lay(known / "one"), lay(known / "other folder")
    code, out, _ = check(one, *files, "--format", "json")
    assert (code, len(json.loads(out)["findings"])) == (1, 11)
    for place, order in ((one, files), (other, files), (other, files[::-1])):
        (place / "known.json").write_text(out)
        code, text, err = check(place, *order, "--baseline", "known.json", "--language", "fr")
        assert (code, err) == (0, "11 known findings passed over (known.json)\n")
        assert text.startswith("Nothing found: ")
    # One more of them is new.
    more = lay(known / "more", "[] a dcat:Dataset .\n")
    (more / "known.json").write_text(out)
    code, _, err = check(more, *files, "--baseline", "known.json")
    assert (code, err) == (1, "11 known findings passed over (known.json)\n")


def test_a_text_that_is_not_canonical_is_known_whichever_line_is_the_first(known: Path) -> None:
    def lay(root: Path, blank: str) -> Path:
        begin = ("init", root, "--base", "https://e.org/", "--languages", "en")
        assert dialogue(*begin, cwd=known)[0] == 0
        file = root / "data/publishers/example-news.trig"
        file.write_text(file.read_text().replace(blank, f"{blank}\n", 1))
        return root

    code, out, _ = dialogue("check", "--format", "json", cwd=lay(known / "one", " ;\n"))
    assert code == 1
    other = lay(known / "other", "\n\n")
    (other / "known.json").write_text(out)
    assert dialogue("check", cwd=other)[0] == 1
    assert dialogue("check", "--baseline", "known.json", cwd=other)[0] == 0


def test_an_empty_file_knows_nothing_so_that_a_check_may_write_its_own_baseline(
    known: Path,
) -> None:
    (known / "dialogue.toml").write_text('baseline = "new.json"\n')
    (known / "new.json").write_text("")
    code, out, _ = check(known, "data.ttl", "--format", "json")
    assert (code, out) == (1, (known / "known.json").read_text())


def test_a_known_fault_of_the_shapes_is_a_note_and_a_new_one_is_a_fault(known: Path) -> None:
    faulty = SHAPES.replace("sh:minCount 1", "sh:minCount 1 ; sh:shape ex:Dataset")
    (known / "shapes.ttl").write_text(faulty, encoding="utf-8")
    code, out, _ = check(known, "data.ttl", "--format", "json")
    (fault,) = json.loads(out)["faults"]
    assert (code, fault["places"][0]["path"]) == (2, "shapes.ttl")
    assert check(known, "data.ttl", "--baseline", "known.json")[0] == 2
    # A shape without a name is called otherwise on every run.
    faulty += "[] a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:minCout 1 .\n"
    (known / "shapes.ttl").write_text(faulty, encoding="utf-8")
    out = check(known, "data.ttl", "--format", "json")[1]
    assert len(json.loads(out)["faults"]) == 2
    (known / "faulty.json").write_text(out)
    code, out, _ = check(known, "data.ttl", "--baseline", "faulty.json")
    assert code == 0
    assert "note: 2 known faults in the shapes passed over: they are not run whole.\n" in out
