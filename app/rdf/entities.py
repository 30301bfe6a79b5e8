"""Entities of XML that grow when they are written out.

The parser of RDF/XML writes out every entity of a document type, so that a few lines could fill
the memory. Source: Extensible Markup Language 1.0, section 4.4.
"""

import re
from xml.parsers import expat

from app.errors import ParseFault
from app.rdf.tokens import shown

LONGEST = 10**6
"""How many characters an entity may have when all that it refers to is written out."""

_REFERENCE = re.compile(r"&([^#;&][^;&]*);")


def require_small_entities(text: str, path: str = "") -> None:
    """Raise ParseFault for entities that grow beyond bounds, and for those outside the text.

    A text that is no XML passes: its reader says better what is wrong.
    """
    if "<!ENTITY" not in text:
        return
    sizes: dict[str, int] = {}
    parser = expat.ParserCreate("utf-8")

    def declared(
        name: str,
        is_parameter: bool,
        value: str | None,
        base: str | None,
        system: str | None,
        public: str | None,
        notation: str | None,
    ) -> None:
        if value is None:
            message = f"the entity “{shown(name)}” is outside the text and not loaded: write it out"
        else:
            size = len(value) + sum(sizes.get(m, 0) for m in _REFERENCE.findall(value))
            sizes.setdefault(name, size)
            if size <= LONGEST:
                return
            message = (
                f"the entity “{shown(name)}” has {size:,} characters when it is written out; "
                f"no more than {LONGEST:,} are read"
            )
        raise ParseFault(path, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, message)

    parser.EntityDeclHandler = declared
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        message = expat.ErrorString(error.code)
        if "amplification" in message:
            raise ParseFault(
                path, error.lineno, error.offset + 1, f"entities that multiply: {message}"
            ) from None
