"""A new file of the record to fill in: what its kind needs, with a blank wherever words are due."""

import re
from datetime import date

import jinja2

from app.errors import Fault
from app.rdf import writer
from app.rdf.parser import Syntax, read
from app.record.record import BLANK, Record

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBERED = re.compile(r"(?P<series>.+?)-(?P<number>[0-9]{1,3})")
_SUFFIX = ".trig.j2"


def kinds(record: Record) -> dict[str, str]:
    """Return the kinds that have a template, each with the folder of `data/` that it belongs in.

    The templates are the record's own: `ontology/templates/<folder>/<kind>.trig.j2`.
    """
    found = sorted((record.root / "ontology" / "templates").glob(f"*/*{_SUFFIX}"))
    return {path.name.removesuffix(_SUFFIX): path.parent.name for path in found}


def draft(record: Record, kind: str, name: str, source: str, today: date) -> str:
    """Return the canonical text of a new file.

    `name` is the last part of its IRI, `source` the name of the source that its facts will be
    drawn from. Whatever has to be filled in reads FILL-IN, which breaks a rule until it is done.
    Raises Fault for a kind without template and for a name that is no name.
    """
    folders = kinds(record)
    if kind not in folders:
        raise Fault(f"{kind}: there is no template for it; choose one of {', '.join(folders)}")
    for given in (name, source):
        if given != BLANK and not _NAME.fullmatch(given):
            raise Fault(f"{given}: a name has lower-case letters, digits and hyphens: cimo-18")
    file = record.root / "ontology" / "templates" / folders[kind] / (kind + _SUFFIX)
    # The text is RDF, not HTML, and the values that go in are names.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701
    numbered = _NUMBERED.fullmatch(name)
    filled = environment.from_string(file.read_text(encoding="utf-8")).render(
        blank=BLANK,
        name=name,
        source=source,
        series=numbered["series"] if numbered else name.rpartition("-")[0] or BLANK,
        number=numbered["number"] if numbered else "",
        today=today.isoformat(),
    )
    declared = "".join(f"@prefix {p}: <{start}> .\n" for p, start in record.prefixes.items())
    document = read(declared + filled, str(file))
    return writer.write(document.quads, record.prefixes, Syntax.TRIG)
