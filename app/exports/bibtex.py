"""References as BibTeX, in the fields that BibTeX and biblatex read.

What a text holds is escaped for TeX; a link is not, since these read it as it is.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote

from app.exports import references
from app.exports.things import Origin, Thing

_ESCAPES = {
    "\\": r"\textbackslash{}",
    # BibTeX counts braces, escaped or not.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_SPECIAL = re.compile(r"[\\{}$&#%_^~]")
_SPACE = re.compile(r"\s+")
_MONTHS = "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"


def write(things: Sequence[Thing], origin: Origin) -> bytes:
    """Return an entry for each thing, in their order."""
    keyed = zip(things, references.keys([t.iri for t in things], origin.base), strict=True)
    return "\n".join(_entry(thing, key) for thing, key in keyed).encode()


def escaped(text: str) -> str:
    """Return a text on one line as TeX has to be given it.

    >>> print(escaped("R&D_{50%}"))
    R\\&D\\_\\textbraceleft{}50\\%\\textbraceright{}
    """
    plain = _SPACE.sub(" ", text).strip()
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], plain)


def _entry(thing: Thing, key: str) -> str:
    kind = thing.text("type") or references.ELSEWHERE
    is_article = kind.startswith("article")
    publisher = escaped("; ".join(references.named(thing, "publisher")))
    authors = [f"{{{escaped(name)}}}" for name in references.named(thing, "author")]
    date = references.finest(thing, "issued")
    accessed = references.finest(thing, "accessed")
    parts = references.parts(date)[:1] if date else []
    begins = parts[0] if parts else []
    fields = references.present(
        [
            ("title", f"{{{escaped(thing.text('title') or thing.iri)}}}"),
            ("author", " and ".join(authors)),
            ("journal" if is_article else "publisher", publisher),
            ("type", escaped(thing.text("genre") or "")),
            ("eventtitle", escaped("; ".join(references.named(thing, "event")))),
            ("venue", escaped("; ".join(references.named(thing, "eventPlace")))),
            # biblatex reads dates as our sources have them (EDTF level 1); BibTeX, year and month.
            ("date", date if date is None or references.is_date(date) else escaped(date)),
            ("year", f"{begins[0]:04}" if begins else None),
            ("url", quote(references.link(thing), safe=":/?#[]@!$&'()*+,;=%~")),
            ("urldate", accessed),
            ("language", escaped(_language(thing).lower())),
            ("annote", escaped(thing.text("note") or "")),
        ]
    )
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items()]
    if len(begins) > 1:
        lines.append(f"  month = {_MONTHS[begins[1] - 1]}")
    return "@{}{{{},\n{}\n}}\n".format("article" if is_article else "misc", key, ",\n".join(lines))


def _language(thing: Thing) -> str:
    """Return the name of the one language that a thing is in; nothing of several."""
    names = thing.texts("languageName")
    return names[0] if len(names) == 1 else ""
