"""The declarations of prefixes at the head of a document, in an order that is always the same.

The serialiser writes them in an order that changes from call to call; a strong entity tag promises
the same bytes.
"""

import json
import re

_XML = re.compile(rb'(<rdf:RDF)((?:\s+xmlns:[\w.-]+="[^"]*")+)')
_ATTRIBUTE = re.compile(rb'\s+(xmlns:[\w.-]+="[^"]*")')
_CONTEXT = re.compile(rb'\A\{"@context":(\{[^{}]*\})')


def settle(head: bytes) -> bytes:
    """Return the beginning of a document of any RDF format with its declarations sorted.

    It must hold all of them. What has none is returned as it is.

    >>> settle(b"@prefix b: <b:> .\\n@prefix a: <a:> .\\na:x a b:y .\\n")
    b'@prefix a: <a:> .\\n@prefix b: <b:> .\\na:x a b:y .\\n'
    """
    if head.startswith(b"@prefix"):
        lines = head.split(b"\n")
        count = next((n for n, line in enumerate(lines) if line[:7] != b"@prefix"), len(lines))
        return b"\n".join(sorted(lines[:count]) + lines[count:])
    if head.startswith(b"<?xml"):
        return _XML.sub(_sorted_attributes, head, count=1)
    if context := _CONTEXT.match(head):
        names = json.dumps(json.loads(context[1]), sort_keys=True, separators=(",", ":"))
        return head[: context.start(1)] + names.encode() + head[context.end(1) :]
    return head


def _sorted_attributes(found: re.Match[bytes]) -> bytes:
    return b" ".join([found[1], *sorted(_ATTRIBUTE.findall(found[2]))])
