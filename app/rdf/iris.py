"""IRI references, and the IRIs they stand for."""

import re
from typing import cast

from pyoxigraph import NamedNode

_PARTS = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.\-]*):)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?", re.S
)


def is_relative(reference: str) -> bool:
    """Tell whether `reference` has no scheme, so that it needs a base to mean anything.

    >>> is_relative("../b"), is_relative("http://example.org/")
    (True, False)
    """
    return _split(reference)[0] is None


def is_absolute(text: str) -> bool:
    """Tell whether a text is an IRI that means something by itself (RFC 3987).

    >>> is_absolute("http://example.org/"), is_absolute("../b"), is_absolute("http://a b/")
    (True, False, False)
    """
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def resolve(reference: str, base: str) -> str:
    """Return the IRI that `reference` stands for in a document whose base is `base`.

    By RFC 3986 section 5.2; what has a scheme is no relative reference and stays as it is, since
    RDF compares IRIs by their characters. The result is not validated (a term is, when it is
    made), but `ValueError` is raised for a first segment with a colon, which is neither a scheme
    nor a relative path, and for a path that would be read back as an authority.

    >>> resolve("../c?d#e", "http://example.org/a/b/")
    'http://example.org/a/c?d#e'
    """
    scheme, authority, path, query, fragment = _split(reference)
    if scheme is not None:
        return reference
    if authority is None and ":" in path.split("/", 1)[0]:
        raise ValueError("“:” stands in its first segment, and no scheme before it")
    scheme, base_authority, base_path, base_query, _ = _split(base)
    if authority is None:
        authority = base_authority
        if not path:
            path = base_path
            query = base_query if query is None else query
        elif path.startswith("/"):
            path = _without_dots(path)
        elif base_authority is not None and not base_path:
            path = _without_dots("/" + path)
        else:
            path = _without_dots(base_path[: base_path.rfind("/") + 1] + path)
    else:
        path = _without_dots(path)
    if authority is None and path.startswith("//"):
        raise ValueError("its path would start with “//”, which starts an authority")
    start = "" if authority is None else f"//{authority}"
    return f"{scheme or ''}:{start}{path}{query or ''}{fragment or ''}"


def _split(reference: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    match = cast("re.Match[str]", _PARTS.match(reference))  # every part may be empty
    return match[1], match[2], match[3], match[4], match[5]


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4."""
    if "." not in path:
        return path
    result: list[str] = []
    rooted = path.startswith("/")
    segments = path[1:].split("/") if rooted else path.split("/")
    for segment in segments:
        if segment == "..":
            if result:
                result.pop()
        elif segment != ".":
            result.append(segment)
    if segments[-1] in (".", ".."):
        result.append("")
    return ("/" if rooted else "") + "/".join(result)
