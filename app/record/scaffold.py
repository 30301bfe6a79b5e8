"""A new file of the record to fill in: what its kind needs, with a blank wherever words are due."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import jinja2
import pyoxigraph as ox

from app.errors import Fault
from app.namespaces import SCHEMA
from app.rdf import writer
from app.rdf.parser import Syntax, read
from app.record.record import BLANK, Record

_PART = "[a-z0-9]+(?:-[a-z0-9]+)*"
_NAME = re.compile(_PART)
_CODE = re.compile("[A-Z]{3}")
_PAIR = re.compile(rf"{_PART}[.](?:{_PART}|[A-Z]{{3}})")
_NUMBERED = re.compile(r"(?P<series>.+?)-(?P<number>[0-9]{1,3})")
_EVIDENCE = re.compile(rf"{_PART}[.][0-9]{{3,}}[a-z]*")
_SUFFIX = ".trig.j2"
_PARTS = "parts"
_RULES = {
    "states": (_CODE, "the name of a state is its code of ISO 3166-1: three capitals"),
    "memberships": (_PAIR, "a name has a whole, a dot and a part: forum.ITA"),
    "participations": (_PAIR, "a name has a whole, a dot and a part: forum-1.ITA"),
    "presidencies": (_PAIR, "a name has a whole, a dot and a part: forum.2015"),
    "tenures": (_PAIR, "a name has a person, a dot and an office: ana-teste.roads-minister"),
}
"""Names that are made otherwise, by the folder of `data/` that they stand in."""
_RULES_OF_PARTS = {
    "evidence": (_EVIDENCE, "a name has a source, a dot and a number: town-gazette-2020.001"),
    "policy": (_PAIR, "a name has a document, a dot and a word: forum-declaration.statistics"),
    "side": (_PAIR, "a name has a whole, a dot and a part: forum.north"),
}
"""Names that are made otherwise, by the kind of what stands in the file of another thing."""
_PLAIN = _NAME, "a name has lower-case letters, digits and hyphens: forum-18"


def kinds(folders: Iterable[Path]) -> dict[str, str]:
    """Return the kinds that have a file each, with the folder of `data/` that it belongs in.

    They have templates below the folders of the vocabulary, the program's and the record's own:
    `ontology/templates/<folder>/<kind>.trig.j2`.
    """
    return {kind: file.parent.name for kind, file in sorted(_templates(folders, "*").items())}


def parts(folders: Iterable[Path]) -> dict[str, str]:
    """Return the kinds that stand in the file of another thing, with the folder of that.

    It is empty where they stand with what they are about, whatever that is. Their templates are
    `ontology/templates/parts/<folder>/<kind>.trig.j2`, or `parts/<kind>.trig.j2`.
    """
    templates = _templates_of_parts(folders)
    return {
        kind: "" if file.parent.name == _PARTS else file.parent.name
        for kind, file in sorted(templates.items())
    }


def place_of(record: Record, kind: str, name: str) -> str:
    """Return in words in which file a thing of a kind of `parts` is written."""
    folder = parts(record.folders)[kind]
    if not folder:
        return "the file of the thing that it speaks of"
    for stem in (name, name.rpartition(".")[0]):
        file = record.root / "data" / folder / f"{stem}.trig"
        if stem and file.is_file():
            return str(file)
    return f"a file of {record.root / 'data' / folder}"


def draft(record: Record, kind: str, name: str, source: str, today: date) -> str:
    """Return the canonical text of a new file, or of what is to be added to one.

    `name` is the last part of its IRI, `source` the name of the source that its facts will be
    drawn from. Whatever has to be filled in reads FILL-IN, which breaks a rule until it is done.
    Raises Fault for a kind without template and for a name that is no name.
    """
    templates = _templates(record.folders, "*") | _templates_of_parts(record.folders)
    if kind not in templates:
        choice = ", ".join(sorted(templates))
        raise Fault(f"{kind}: there is no template for it; choose one of {choice}")
    folder = templates[kind].parent.name
    pattern, rule = _RULES_OF_PARTS.get(kind) or _RULES.get(folder, _PLAIN)
    if not pattern.fullmatch(name):
        inside = kind in parts(record.folders)
        where = f"; it stands in {place_of(record, kind, name)}" if inside else ""
        raise Fault(f"{name}: {rule}{where}")
    if source != BLANK and not _NAME.fullmatch(source):
        raise Fault(f"{source}: {_PLAIN[1]}")
    numbered = _NUMBERED.fullmatch(name)
    whole, _, part = name.rpartition(".")
    tags = languages(record)
    values = {
        "blank": BLANK,
        "dataset": record.dataset.value,
        "name": name,
        "source": source,
        "evidence": f"{source}.{_free(record, source):03}",
        "series": numbered["series"] if numbered else name.rpartition("-")[0] or BLANK,
        "number": numbered["number"] if numbered else "",
        "whole": whole,
        "party": part if _CODE.fullmatch(part) else BLANK,
        "languages": tags,
        "tag": tags[0],
        "today": today.isoformat(),
    }
    return fill(templates[kind], values, record.prefixes)


def _free(record: Record, source: str) -> int:
    """Return the number after the highest that evidence from a source has; 1 where there is none.

    A number is never used again, so gaps are not filled.
    """
    start = f"{record.base}id/evidence/{source}."
    names = {
        statement.quad.graph_name.value.removeprefix(start)
        for document in record.data
        for statement in document.statements
        if isinstance(statement.quad.graph_name, ox.NamedNode)
        and statement.quad.graph_name.value.startswith(start)
    }
    return 1 + max((int(m[0]) for name in names if (m := re.match("[0-9]+", name))), default=0)


def languages(record: Record) -> list[str]:
    """Return the tags of the languages of a record, sorted: English where it names none."""
    tags = {
        statement.quad.object.value
        for document in record.data
        for statement in document.statements
        if statement.quad.subject == record.dataset
        and statement.quad.predicate == SCHEMA.inLanguage
        and isinstance(statement.quad.object, ox.Literal)
    }
    return sorted(tags) or ["en"]


def fill(file: Path, values: Mapping[str, object], prefixes: Mapping[str, str]) -> str:
    """Return the canonical text of a template with its values.

    The template may use `prefixes` without declaring them; the filter `literal` makes a literal of
    a value. Raises ParseFault where the result is no RDF.
    """
    # The text is RDF, not HTML, and what is no name goes in as a literal.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701
    environment.filters["literal"] = _literal
    filled = environment.from_string(file.read_text(encoding="utf-8")).render(values)
    declared = "".join(f"@prefix {p}: <{start}> .\n" for p, start in prefixes.items())
    syntax = Syntax.TRIG if ".trig" in file.suffixes else Syntax.TURTLE
    document = read(declared + filled, str(file), Syntax.TRIG)
    return writer.write(document.quads, dict(prefixes), syntax)


def _literal(text: str, tag: str | None = None) -> str:
    return str(ox.Literal(text, language=tag))


def _templates(folders: Iterable[Path], below: str) -> dict[str, Path]:
    """Return the templates by their kinds; `below` is a pattern of folders of templates."""
    return {
        file.name.removesuffix(_SUFFIX): file
        for folder in folders
        for file in sorted((folder / "ontology" / "templates").glob(f"{below}/*{_SUFFIX}"))
        if below != "*" or file.parent.name != _PARTS
    }


def _templates_of_parts(folders: Iterable[Path]) -> dict[str, Path]:
    folders = [*folders]
    return _templates(folders, _PARTS) | _templates(folders, f"{_PARTS}/*")
