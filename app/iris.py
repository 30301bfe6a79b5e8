"""IRI references, and the IRIs they stand for."""

import re
from typing import cast

_PARTS = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.\-]*):)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?", re.S
)


def is_relative(reference: str) -> bool:
    """Tell whether `reference` has no scheme, so that it needs a base to mean anything.

    >>> is_relative("../b"), is_relative("http://example.org/")
    (True, False)
    """
    return _split(reference)[0] is None


def resolve(reference: str, base: str) -> str:
    """Return the IRI that `reference` stands for in a document whose base is `base`.

    By RFC 3986 section 5.2, strictly: a reference with a scheme ignores the base. The result is
    not validated, since a term is validated when it is made; `ValueError` is raised only where
    writing the parts down would give an IRI with other parts (a path that starts with two
    slashes under no authority).

    >>> resolve("../c?d#e", "http://example.org/a/b/")
    'http://example.org/a/c?d#e'
    """
    scheme, authority, path, query, fragment = _split(reference)
    if scheme is None:
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
    else:
        path = _without_dots(path)
    if authority is None and path.startswith("//"):
        raise ValueError("its path would start with “//”, which starts an authority")
    return "".join(
        (
            "" if scheme is None else scheme + ":",
            "" if authority is None else "//" + authority,
            path,
            query or "",
            fragment or "",
        )
    )


def _split(reference: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    match = cast("re.Match[str]", _PARTS.match(reference))  # every part may be empty
    return match[1], match[2], match[3], match[4], match[5]


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4."""
    if "." not in path:
        return path
    kept: list[str] = []
    rooted = path.startswith("/")
    segments = path[1:].split("/") if rooted else path.split("/")
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return ("/" if rooted else "") + "/".join(kept)
