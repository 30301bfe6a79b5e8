"""The terms of RDF as pyoxigraph hands them out."""

import pyoxigraph as ox

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
"""What may be a subject or an object."""


def lexical(term: Term | None) -> str:
    """Return the characters of a term, without its datatype or language; none for a triple term.

    >>> lexical(ox.Literal("Lisboa", language="pt")), lexical(None)
    ('Lisboa', '')
    """
    return "" if term is None or isinstance(term, ox.Triple) else term.value


def node(term: object) -> ox.NamedNode | None:
    """Return a term if it is an IRI."""
    return term if isinstance(term, ox.NamedNode) else None


def last_part(term: object) -> str:
    """Return what stands behind the last stroke of an IRI; nothing for another term."""
    return term.value.rpartition("/")[2] if isinstance(term, ox.NamedNode) else ""


def english_first(text: ox.Literal) -> tuple[int, str]:
    """Return the key that puts English texts first, then those without a language, then others.

    >>> texts = [ox.Literal("b", language="ar"), ox.Literal("c"), ox.Literal("a", language="en-GB")]
    >>> [text.value for text in sorted(texts, key=english_first)]
    ['a', 'c', 'b']
    """
    tag = text.language or ""
    return (0 if tag.partition("-")[0] == "en" else 2 if tag else 1), tag


def quoted(text: str) -> str:
    """Return a text in quotation marks, on one line and cut after 60 characters."""
    visible = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[:60])
    return f"“{visible}…”" if len(text) > 60 else f"“{visible}”"
