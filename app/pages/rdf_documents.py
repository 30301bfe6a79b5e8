"""Documents in a format of RDF; JSON-LD in the keys of the context that the release has."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyoxigraph as ox

from app.manifest import CONTEXT
from app.rdf.formats import JSON_LD, serialise
from app.rdf.jsonld.compaction import Compactor, Json, NotInJsonLd, document
from app.rdf.prefixes import well_known


class RdfDocuments:
    """Writes documents as the release in `folder` has it; `prefixes` are its own."""

    def __init__(self, folder: Path, prefixes: Mapping[str, str]) -> None:
        known = well_known(
            "dcat", "dcterms", "foaf", "owl", "rdfs", "sd", "sh", "skos", "void", "void-ext", "xsd"
        )
        self._prefixes = {**known, **prefixes}
        self._file = folder / CONTEXT
        self._context = _read(self._file)

    def context(self) -> bytes | None:
        """Return the file of the context, nothing where the release has none."""
        return None if self._context is None else self._file.read_bytes()

    def write(
        self,
        quads: Sequence[ox.Quad],
        media: str,
        subject: ox.NamedNode,
        prefixes: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return quads in a format; JSON-LD is an object about `subject`.

        `prefixes` count for more than those of the release. Raises Rejected (406) for quads that
        the format cannot hold.
        """
        if media == JSON_LD and self._context:
            try:
                content = document(Compactor(self._context), quads, subject)
            except NotInJsonLd:
                pass  # The other serialiser says what to ask for instead.
            else:
                return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
        return serialise(quads, media, {**self._prefixes, **(prefixes or {})})


def _read(file: Path) -> Json | None:
    """Return the context in a file; nothing without one, and where it is none of ours."""
    try:
        context: Json = json.loads(file.read_bytes())["@context"]
        Compactor(context)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return context
