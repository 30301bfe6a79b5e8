"""How a term is written in Turtle and TriG, by those who do not mean to hide it.

Source: RDF 1.1 Turtle, section 6.5 (the terminals PNAME_LN, PLX and IRIREF).
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, NamedNode

from app.rdf.iris import resolve

_ESCAPES = str.maketrans({c: "\\" + c for c in "~!$&'()*+,;=/?#@%"})


def spellings_of(
    term: NamedNode | BlankNode, prefixes: Mapping[str, Iterable[str]], bases: Iterable[str]
) -> Iterator[str]:
    """Yield how a term is usually written: in full, relative to a base, with a prefix.

    `prefixes` has everything that each prefix stands for somewhere in the text.
    """
    if isinstance(term, BlankNode):
        yield str(term)
        return
    iri = term.value
    yield f"<{iri}>"
    for base in bases:
        yield from (f"<{r}>" for r in _references(iri, base))
    for prefix, spaces in prefixes.items():
        for space in spaces:
            if iri.startswith(space):
                local = iri[len(space) :]
                yield f"{prefix}:{local}"
                escaped = re.sub(r"\\(%[0-9A-Fa-f]{2})", r"\1", local.translate(_ESCAPES))
                yield f"{prefix}:{escaped}"


def _references(iri: str, base: str) -> Iterator[str]:
    """Yield the relative references by which `iri` is usually written where `base` holds."""
    root = re.match(r"([^:/?#]+:)(//[^/?#]*)?", base)
    parts = ["", iri.partition("#")[1] + iri.partition("#")[2]]
    path = base.partition("#")[0].partition("?")[0]
    parts.append(iri.removeprefix(path))
    parts.append(iri.removeprefix(path[: path.rfind("/") + 1]))
    if root is not None:
        parts += [iri.removeprefix(root[0]), iri.removeprefix(root[1])]
    for part in dict.fromkeys(parts):
        try:
            if part != iri and resolve(part, base) == iri:
                yield part
        except ValueError:
            continue
