"""What others build on, a list for each kind of thing: commands, addresses, columns, terms …

    python tests/surface.py

writes the lists anew into `tests/surface`, of what there is now. That is done before a release,
and whoever reads the change sees what goes: a line less is a break.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import click
import httpx
import pyoxigraph as ox
from shop import serve
from website import release

import app
from app.cli.main import main
from app.manifest import MANIFEST
from app.namespaces import DLG, SH
from app.pages.table_rows import head, read_columns
from app.record.record import Record, read_record
from app.release.build import ALWAYS
from app.release.distributions import WRITERS
from app.settings import Settings
from app.web.problems import KINDS

ROOT = Path(__file__).resolve().parent.parent
KEPT = Path(__file__).resolve().parent / "surface"


@cache
def _record() -> Record:
    return read_record(ROOT)


def commands(_: Path) -> Iterator[str]:
    """Yield every command, each of its options by each name, and what it takes besides."""
    context = click.Context(main, info_name="dialogue")
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        yield f"dialogue {name}"
        for one in command.params:
            if isinstance(one, click.Option):
                yield from (f"dialogue {name} {text}" for text in (*one.opts, *one.secondary_opts))
            else:
                many = "…" if one.nargs != 1 else ""
                yield f"dialogue {name} {str(one.name).upper()}{many}"


def addresses(folder: Path) -> Iterator[str]:
    """Yield every address, with its methods and its parameters, as the server describes them."""
    with serve(_released(folder)) as shop:
        document = httpx.get(f"{shop.url}openapi.json", timeout=30).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}"
            for one in operation.get("parameters", []):
                yield f"{method.upper()} {path} {one['in']} {one['name']}"


def columns(folder: Path) -> Iterator[str]:
    """Yield the columns of the record as they are written: of each table, and of each list."""
    place = _released(folder)
    for one in json.loads((place / "dictionary.json").read_text("utf-8"))["tables"]:
        yield from (f"table {one['table']} {column['column']}" for column in one["columns"])
    listed = read_columns(place)
    for kind in listed.kinds:
        yield from (f"list {kind} {column.name}" for column in head(listed, kind))


def members(folder: Path) -> Iterator[str]:
    """Yield the files of a release, and the members of the one that says what it is."""
    files = (*ALWAYS, *(file for one in WRITERS for file in one.files))
    yield from (f"file {one.file}" for one in files)
    yield from (f"format {one.name}" for one in WRITERS)
    described = json.loads((_released(folder) / MANIFEST).read_text("utf-8"))
    yield from (f"{MANIFEST} {name}" for name in described)


def _released(folder: Path) -> Path:
    there = folder / "record"
    return there if there.exists() else release(there, ROOT)


def problems(_: Path) -> Iterator[str]:
    """Yield the kinds of refusals."""
    yield from KINDS


def python(_: Path) -> Iterator[str]:
    """Yield the names that the package gives."""
    yield from app.__all__


def questions(_: Path) -> Iterator[str]:
    """Yield the variables of each question of the record; of one without, its name alone."""
    store = ox.Store()
    for document in _record().data:
        for quad in document.quads:
            if quad.predicate in (SH.select, SH.ask, SH.construct):
                assert isinstance(quad.object, ox.Literal)
                name = str(quad.subject).strip("<>").rpartition("/")[2]
                answer = store.query(quad.object.value, prefixes=_record().prefixes)
                yield name
                if isinstance(answer, ox.QuerySolutions):
                    yield from (f"{name} {variable}" for variable in answer.variables)


def settings(_: Path) -> Iterator[str]:
    """Yield the settings, as the environment has them."""
    yield from (f"DIALOGUE_{name.upper()}" for name in Settings.model_fields)


def terms(_: Path) -> Iterator[str]:
    """Yield the terms of the ontology, those that are deprecated too."""
    subjects = {
        quad.subject.value
        for document in _record().ontology
        for quad in document.quads
        if isinstance(quad.subject, ox.NamedNode)
    }
    yield from (iri for iri in subjects if iri.startswith(str(DLG)))


LISTS: dict[str, Callable[[Path], Iterator[str]]] = {
    one.__name__: one
    for one in (
        addresses, columns, commands, members, problems, python, questions, settings, terms
    )
}  # fmt: skip


def kept(name: str) -> list[str]:
    """Return what a list had when it was last written."""
    return (KEPT / f"{name}.txt").read_text("utf-8").splitlines()


def write(folder: Path) -> None:
    """Write every list anew, of what there is now; `folder` is for what is made on the way."""
    KEPT.mkdir(exist_ok=True)
    for name, of in LISTS.items():
        lines = sorted({*of(folder)})
        (KEPT / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{name}: {len(lines)}", file=sys.stderr)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        write(Path(name))
