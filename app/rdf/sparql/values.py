"""Sets of IRIs in a query: they take the place of the UNDEF in a `VALUES` of it."""

import re
from collections.abc import Iterable

from pyoxigraph import NamedNode

# SPARQL 1.1, 19.8, IRIREF [139], without the escapes of 19.2, which are read before it.
_IRI = re.compile(r"[^\x00-\x20<>\"{}|^`\\]*")


def with_values(query: str, variable: str, among: Iterable[object]) -> str:
    """Return a query whose `VALUES ?variable { UNDEF }` has these IRIs; what is none is left out.

    Raises KeyError where the query takes no set for the variable.

    >>> text = "SELECT * { VALUES ?s { UNDEF } ?s ?p ?o }"
    >>> with_values(text, "s", [NamedNode("http://e/a"), NamedNode("http://e/b")])
    'SELECT * { VALUES ?s { <http://e/a> <http://e/b> } ?s ?p ?o }'
    """
    empty = f"VALUES ?{variable} {{ UNDEF }}"
    if empty not in query:
        raise KeyError(variable)
    # A store takes IRIs that SPARQL has no way to write; no query can ask for them.
    iris = [str(t) for t in among if isinstance(t, NamedNode) and _IRI.fullmatch(t.value)]
    return query.replace(empty, f"VALUES ?{variable} {{ {' '.join(iris)} }}")
