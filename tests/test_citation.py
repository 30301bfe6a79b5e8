"""How the project is cited, and its versions: each file keeps its form, and they agree."""

import copy
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from container import CONTAINER, labels, parse, stages
from packaging.version import Version
from schemas import CITATION, ZENODO

from app import __version__

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
_HEAD = re.compile(r"\[?(\d+\.\d+\.\d+)\]? - (\d{4}-\d\d-\d\d)")


def citation() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    return loaded


def zenodo() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    return loaded


def objections(instance: object, schema: dict[str, Any]) -> list[str]:
    kind = jsonschema.Draft202012Validator
    kind.check_schema(schema)
    checker = kind(schema, format_checker=kind.FORMAT_CHECKER)
    return sorted(
        f"{'/'.join(map(str, error.path))}: {error.validator}"
        for error in checker.iter_errors(instance)
    )


def test_the_citation_keeps_its_format() -> None:
    assert objections(citation(), CITATION) == []


def test_what_zenodo_is_told_keeps_its_form() -> None:
    assert objections(zenodo(), ZENODO) == []


@pytest.mark.parametrize(
    ("field", "value", "objection"),
    [
        ("authors", [], "authors: minItems"),
        ("authors", [{"name": "A", "given-names": "B"}], "authors/0: oneOf"),
        ("cff-version", "1.1.0", "cff-version: const"),
        ("date-released", "2026-11-31", "date-released: format"),
        ("keyword", ["SPARQL"], ": additionalProperties"),
        ("license", "CC-BY", "license: enum"),
        ("version", 0.1, "version: type"),
    ],
)
def test_a_citation_that_breaks_its_format_is_seen(
    field: str, value: object, objection: str
) -> None:
    assert objections({**citation(), field: value}, CITATION) == [objection]


@pytest.mark.parametrize(
    ("field", "value", "objection"),
    [
        ("access_right", "closed", "access_right: const"),
        ("creators", [{"affiliation": "A"}], "creators/0: required"),
        ("creators", [{"name": "A", "orcid": "0000-0000"}], "creators/0/orcid: pattern"),
        ("language", "en", "language: pattern"),
        ("upload_type", "data", "upload_type: enum"),
        ("version", "0.1.0", ": additionalProperties"),
    ],
)
def test_what_zenodo_would_not_take_is_seen(field: str, value: object, objection: str) -> None:
    broken = copy.deepcopy(zenodo()) | {field: value}
    assert objections(broken, ZENODO) == [objection]


def test_both_tell_the_same() -> None:
    # Zenodo has a version from the tag that it is given: a release of the record, by its date.
    cited, told = citation(), zenodo()
    assert told["title"] == cited["title"]
    assert told["description"] == cited["abstract"].strip()
    assert [one["name"] for one in told["creators"]] == [one["name"] for one in cited["authors"]]
    assert told["license"] == cited["license"].lower()
    assert (told["upload_type"], told["keywords"]) == (cited["type"], cited["keywords"])


def test_the_version_of_the_program_is_the_same_wherever_it_stands() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    last = stages(parse(CONTAINER.read_text("utf-8")))[-1]
    stated = {
        project["version"],
        citation()["version"],
        labels(last)["org.opencontainers.image.version"],
    }
    assert stated == {__version__}


def faults(changelog: str) -> list[str]:
    """Return what breaks the form of Keep a Changelog 1.1.0, in the order of the lines."""
    found = []
    lines = changelog.splitlines()
    if lines[0] != "# Changelog":
        found.append("it begins with “# Changelog”")
    heads = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    if not heads or heads[0].strip("[]") != "Unreleased":
        found.append("what is not released stands first")
    dated = [(head, _HEAD.fullmatch(head)) for head in heads[1:]]
    found += [f"{head}: a version and a day" for head, match in dated if match is None]
    matches = [match for _, match in dated if match]
    for order in ([Version(m[1]) for m in matches], [m[2] for m in matches]):
        if order != sorted(order, reverse=True):
            found.append("the newest stands first")
    if len({match[1] for match in matches}) < len(matches):
        found.append("a version stands once")
    for block in changelog.split("\n## ")[1:]:
        sections = re.findall(r"^### (.*)$", block, re.M)
        if [one for one in SECTIONS if one in sections] != sections:
            found.append(f"{block.partition(chr(10))[0]}: {', '.join(sections)}")
    return found


def test_the_changelog_keeps_its_form() -> None:
    assert faults((ROOT / "CHANGELOG.md").read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- a\n\n## 1.0.0 - 2026-01-01\n", []),
        ("# Changes\n\n## Unreleased\n", ["it begins with “# Changelog”"]),
        ("# Changelog\n\n## 1.0.0 - 2026-01-01\n", ["what is not released stands first"]),
        ("# Changelog\n\n## Unreleased\n\n## 1.0 - 2026\n", ["1.0 - 2026: a version and a day"]),
        (
            "# Changelog\n\n## Unreleased\n\n## 0.9.0 - 2026-01-01\n\n## 0.10.0 - 2025-01-01\n",
            ["the newest stands first"],
        ),
        (
            "# Changelog\n\n## Unreleased\n\n### Fixed\n\n### Added\n\n### Improved\n",
            ["Unreleased: Fixed, Added, Improved"],
        ),
    ],
)
def test_a_changelog_of_another_form_is_seen(text: str, found: list[str]) -> None:
    assert faults(text) == found
