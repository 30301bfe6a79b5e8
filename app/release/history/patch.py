"""From one release to the next: an RDF Patch that says which it starts from and where it leads.

https://afs.github.io/rdf-patch/. The headers `H prev` and `H id` hold the SHA-256 of the N-Quads
before and after, so that who applies it knows whether it fits, and whether it was applied well.
The N-Quads of a release are sorted and each line stands once: the patch is the lines that go and
the lines that come.
"""

import gzip
import hashlib
import re

from app.errors import Fault

_URN = "urn:sha256:"
_HEADER = re.compile(rf"H (id|prev) <{_URN}([0-9a-f]{{64}})> \.")


def between(old: bytes, new: bytes) -> bytes:
    """Return the patch that leads from some N-Quads to others, compressed, always the same."""
    before, after = _lines(old), _lines(new)
    rows = [
        b"H id <%s%s> ." % (_URN.encode(), _digest(new).encode()),
        b"H prev <%s%s> ." % (_URN.encode(), _digest(old).encode()),
        b"TX .",
        *(b"D " + line for line in sorted(before - after)),
        *(b"A " + line for line in sorted(after - before)),
        b"TC .",
    ]
    # Without a time in it: the same two releases give the same bytes.
    return gzip.compress(b"\n".join(rows) + b"\n", mtime=0)


def apply(patch: bytes, old: bytes) -> bytes:
    """Return the N-Quads to which a patch leads from `old`.

    Raises Fault for a patch that starts from others, that is damaged, or that leads elsewhere.
    """
    try:
        rows = gzip.decompress(patch).removesuffix(b"\n").split(b"\n")
    except (OSError, EOFError, ValueError):
        raise Fault("the patch is damaged: it cannot be decompressed") from None
    matches = [_HEADER.fullmatch(row.decode("utf-8", "replace")) for row in rows]
    headers = {match[1]: match[2] for match in matches if match}
    if headers.keys() != {"id", "prev"} or rows[-1] != b"TC .":
        raise Fault("the patch is damaged: it does not say where it starts and ends")
    if headers["prev"] != (actual := _digest(old)):
        raise Fault(f"the patch starts from {headers['prev'][:12]}, and this is {actual[:12]}")
    lines = _lines(old)
    for row in rows:
        mark, _, line = row.partition(b" ")
        if mark == b"D":
            lines.discard(line)
        elif mark == b"A":
            lines.add(line)
    new = b"".join(line + b"\n" for line in sorted(lines))
    if _digest(new) != headers["id"]:
        raise Fault(f"the patch leads to {_digest(new)[:12]}, and says {headers['id'][:12]}")
    return new


def _lines(quads: bytes) -> set[bytes]:
    # Not by splitlines: a literal may hold what that takes for the end of a line.
    return {line for line in quads.split(b"\n") if line}


def _digest(quads: bytes) -> str:
    return hashlib.sha256(quads).hexdigest()
