"""`docs/write-a-client.md`: its examples are run, and its tables are what the program has."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import Shop, serve, web
from website import release

from app.rdf import formats
from app.settings import Settings
from app.sparql.protocol import MAX_ADDRESS
from app.web.problems import KINDS

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/write-a-client.md").read_text(encoding="utf-8")
# A block, and the one after it where that is what it prints.
BLOCKS = re.findall(
    r"```(console|python|javascript)\n(.*?)```(?:\n\nprints\n\n```text\n(.*?)```)?", PAGE, re.S
)
ADDRESS = "http://127.0.0.1:8000/"
PROGRAMS = {"python": [sys.executable, "-"], "javascript": ["node", "--input-type=module"]}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A server of the record, as `make serve` starts it."""
    with serve(release(tmp_path_factory.mktemp("record"), ROOT), DIALOGUE_PUBLIC_URL=None) as found:
        yield found


def parts(language: str, text: str, shown: str) -> tuple[str, str]:
    """Return what is run in a block, and what it says that this prints."""
    if language != "console":
        return text, shown
    lines = text.splitlines(keepends=True)
    commands = "".join(line[2:] for line in lines if line.startswith("$ "))
    return commands, "".join(line for line in lines if not line.startswith("$ "))


def printed(language: str, text: str, shop: Shop, folder: Path) -> str:
    """Return what a block prints when it asks this server."""
    program = PROGRAMS.get(language, ["bash", "-s"])
    done = subprocess.run(
        program,
        cwd=folder, input=text.replace(ADDRESS, shop.url), text=True, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    return done.stdout.replace(shop.url, ADDRESS)


@pytest.mark.parametrize(
    "block", BLOCKS, ids=[f"{n} {block[0]}" for n, block in enumerate(BLOCKS, 1)]
)
def test_what_is_shown_is_what_comes(
    shop: Shop, tmp_path: Path, block: tuple[str, str, str]
) -> None:
    program = {"console": "curl", "javascript": "node"}.get(block[0], "python3")
    if block[0] != "python" and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    text, shown = parts(*block)
    assert shown
    assert printed(block[0], text, shop, tmp_path) == shown


def test_the_page_has_examples() -> None:
    assert len(BLOCKS) >= 8
    assert {language for language, _, _ in BLOCKS} == {"console", "python", "javascript"}


def table(head: str) -> list[list[str]]:
    """Return the rows of the table that begins with this head, each cell's code by itself."""
    lines = PAGE.partition(f"\n{head}")[2].partition("\n\n")[0].splitlines()
    return [re.split(r"(?<!\\) *\| *", line.strip("| ")) for line in lines[2:]]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_format_has_its_row_with_all_its_names() -> None:
    known = {media for media in formats.ANSWERS_OR_PAGE if media not in GENERAL}
    rows = {line[2].strip("`"): line for line in table("| format | `format`")}
    assert set(rows) == known
    names = {name for line in rows.values() for name in code(line[1])}
    assert names >= {*formats.CHOICES}
    for media, line in rows.items():
        aliases = {alias for alias, of in formats.ALIASES.items() if of == media}
        assert set(code(line[3]) if len(line) > 3 else ()) == aliases, media
        for name in (*code(line[1]), *aliases, media):
            choice = formats.choice(name)
            assert choice is not None
            assert media in (choice.rows, choice.graph), name


GENERAL = {
    media
    for media in {*formats.RESULTS} & {*formats.GRAPHS}
    if media not in (*formats.FORMATS, formats.HTML)
}


def test_every_general_type_has_its_row() -> None:
    lines = table("| asked for | rows")
    assert {media for line in lines for media in code(line[0])} == GENERAL
    short = {
        "JSON": formats.RESULTS_JSON, "XML": formats.RESULTS_XML, "TSV": formats.TSV,
        "JSON-LD": formats.JSON_LD, "RDF/XML": formats.RDF_XML, "N-Triples": formats.N_TRIPLES,
    }  # fmt: skip
    for line in lines:
        for media in code(line[0]):
            assert formats.RESULTS[media] == formats.RESULTS[short[line[1]]]
            assert formats.GRAPHS[media] == formats.GRAPHS[short[line[2]]]


def test_the_parameters_are_those_that_the_endpoint_describes(shop: Shop) -> None:
    shown = {name for line in table("| parameter | means") for name in code(line[0])}
    described = web.get(f"{shop.url}openapi.json").json()["paths"]["/sparql"]["get"]["parameters"]
    assert shown == {parameter["name"] for parameter in described} | {"output"}


def test_the_limits_are_those_of_the_settings() -> None:
    limits = {line[0]: line[1:] for line in table("| what | how much")}
    settings = Settings.model_fields
    for what, default, name in (
        ("seconds for a query", f"{settings['query_seconds'].default}", "QUERY_SECONDS"),
        ("bytes of a query", f"{settings['max_query'].default:,}", "MAX_QUERY"),
        ("rows or triples of an answer", "no limit", "MAX_ROWS"),
    ):
        assert limits[what] == [default, f"`DIALOGUE_{name}`"]
    assert settings["max_rows"].default is None
    assert limits["bytes of the parameters of an address"][0] == f"{MAX_ADDRESS:,}"


def test_the_kinds_of_problems_that_are_named_exist() -> None:
    named = set(re.findall(r"`(query-[a-z-]+)`", PAGE)) | set(
        re.findall(r"problems/([a-z-]+)", PAGE)
    )
    assert named
    assert named <= set(KINDS)


@pytest.mark.parametrize(
    "line", table("| address | answers"), ids=lambda line: line[0].split("`")[1]
)
def test_every_address_answers(shop: Shop, line: list[str]) -> None:
    (release,) = web.get(f"{shop.url}releases.json").json()["releases"]
    for address in code(line[0]):
        path = address.replace("{kind}/{name}", "state/PRT")
        path = path.replace("{version}", release["version"]).removesuffix("…")
        path = path.replace("graph=IRI", "graph=https://w3id.org/dialogue/graph/ontology")
        answer = web.get(shop.url + path.lstrip("/"))
        assert answer.status_code == (303 if "303" in line[1] else 200), address
    for suffix in re.findall(r"`\.(\w+)`", line[1]):
        assert web.get(f"{shop.url}doc/state/PRT.{suffix}").status_code == 200
