"""A record of one's own, from nothing: a dataset, an example of each kind, what CI runs."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app import __version__
from app.errors import Fault
from app.namespaces import BASE
from app.rdf.language_codes import code_of
from app.record.record import Record
from app.record.scaffold import fill, kinds

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_EXAMPLE = Path("ontology") / "templates" / "example"
_SUFFIX = ".j2"
_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


@dataclass(frozen=True)
class Language:
    """A language: its tag, and its entry in the language table of the European Union."""

    tag: str
    code: str


@dataclass(frozen=True)
class Beginning:
    """What a new record is begun with.

    `base` begins its IRIs, `languages` are those in which its things have names, `title` and
    `publisher` are texts, `licence` an IRI.
    """

    base: str
    languages: tuple[Language, ...]
    title: str
    publisher: str
    licence: str = LICENCE


def beginning(
    base: str, languages: str, title: str, publisher: str, licence: str = LICENCE
) -> Beginning:
    """Return what a record is begun with; `languages` are tags with commas between them.

    Raises Fault for a base, a tag, a licence or a text that cannot be one.
    """
    if not _IRI.fullmatch(base) or not base.endswith("/"):
        raise Fault(f"--base {base}: must be an http or https address that ends with /")
    if base == BASE:
        raise Fault(f"--base {base}: is the base of the program's own record; take another")
    if not _IRI.fullmatch(licence):
        raise Fault(f"--licence {licence}: must be the address of a licence")
    tags = [tag.strip() for tag in languages.split(",") if tag.strip()]
    if not tags:
        raise Fault("--languages: name one at least: --languages en,fr")
    for tag, times in Counter(tags).items():
        if times > 1:
            raise Fault(f"--languages {languages}: {tag} stands in it twice")
    for text in (title, publisher):
        if not text.strip() or not text.isprintable():
            raise Fault(f"{text!r}: a title and a publisher are one line of text each")
    chosen = tuple(Language(tag, code_of(tag)) for tag in tags)
    return Beginning(base, chosen, title.strip(), publisher.strip(), licence)


def files(begun: Beginning, program: Record, today: date) -> Iterator[tuple[Path, str]]:
    """Yield the path of each file of a new record and its text; RDF is canonical.

    The examples are templates of the program's ontology: `ontology/templates/example/`. An example
    whose kind the program does not know is left out.
    """
    prefixes = {
        prefix: begun.base + namespace.removeprefix(BASE)
        if namespace.startswith(f"{BASE}id/")
        else namespace
        for prefix, namespace in program.prefixes.items()
    }
    values = {
        "base": begun.base,
        "program": BASE,
        "languages": begun.languages,
        "title": begun.title,
        "publisher": begun.publisher,
        "licence": begun.licence,
        "prefixes": sorted(prefixes.items()),
        "today": today.isoformat(),
        "version": __version__,
    }
    root = program.root / _EXAMPLE
    known = {*kinds(program.folders).values(), ""}
    for template in sorted(path for path in root.rglob(f"*{_SUFFIX}") if path.is_file()):
        path = template.relative_to(root).with_suffix("")
        if path.parts[0] == "data" and path.parts[1:-1] and path.parts[1] not in known:
            continue
        if path.suffix in (".ttl", ".trig"):
            yield path, fill(template, values, prefixes)
        else:
            yield path, _text(template, values)


def _text(template: Path, values: Mapping[str, object]) -> str:
    text = template.read_text(encoding="utf-8")
    for name in ("title", "base", "licence", "version"):
        text = text.replace(f"[[ {name} ]]", str(values[name]))
    return text


def write(folder: Path, begun: Beginning, program: Record, today: date) -> list[Path]:
    """Write a new record into a folder, which is made where it is missing; return its files.

    Raises Fault for a folder that holds anything but a repository of git.
    """
    if folder.exists() and not folder.is_dir():
        raise Fault(f"{folder}: is a file; name a folder")
    if folder.is_dir() and any(path.name != ".git" for path in folder.iterdir()):
        raise Fault(f"{folder}: is not empty; nothing was written")
    # Worked out whole before the first is written: half a record would be in the way.
    texts = list(files(begun, program, today))
    for path, text in texts:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    return [path for path, _ in texts]
