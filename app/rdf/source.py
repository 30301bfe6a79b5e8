"""An RDF file as text: its format, its quads, and the places in it.

What is read fast and what is located slowly are the same text, so that an offset in it is a line
and a column of the file that its user has before them.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from pyoxigraph import Quad, RdfFormat, parse

from app.errors import Fault, ParseFault
from app.rdf.entities import require_small_entities
from app.rdf.formats import FORMATS, RDF
from app.rdf.jsonld.contexts import with_contexts
from app.rdf.jsonld.text import require_json
from app.rdf.nesting import require_shallow
from app.rdf.parser import Place, Syntax, read
from app.rdf.rdfxml import RdfXml

LARGEST = 2**30
"""How many bytes a compressed file may grow to: more would not fit into memory anyway."""

SYNTAXES = {
    RdfFormat.TURTLE: Syntax.TURTLE,
    RdfFormat.TRIG: Syntax.TRIG,
    RdfFormat.N_TRIPLES: Syntax.N_TRIPLES,
    RdfFormat.N_QUADS: Syntax.N_QUADS,
}
"""The formats whose statements `parser` reads."""

_CHUNK, _PIECE = 2**20, 2**13
_EXPLAINED = 50_000_000
_AT = re.compile(r"^Parser error at line \d+ (?:between columns \d+ and \d+|column \d+): ")
_SUFFIXES = {suffix: form.rdf for form in RDF for suffix in form.suffixes}
# What begins a triple term, an annotation, a reifier, a direction, or names the version.
_NEWER = re.compile(r"<<|\{\||~|--|@?version\b", re.IGNORECASE)
_EMPTY_LANGUAGE = re.compile(r"""xml:lang\s*=\s*(?:""|'')""")


@dataclass(frozen=True)
class Source:
    """A text and how to read it.

    `path` names it in places and messages, `base` is what its relative IRIs are relative to,
    `contexts` has the text of every JSON-LD context that it may refer to, by IRI.
    """

    path: str
    text: str = field(repr=False)
    format: RdfFormat
    base: str | None = None
    contexts: Mapping[str, str] = field(default_factory=dict, repr=False)

    def place(self, offset: int) -> Place:
        """Return where the character at `offset` stands; LF, CR LF and CR each end a line."""
        text = self.text
        lines = text.count("\n", 0, offset)
        start = text.rfind("\n", 0, offset)
        if "\r" in text:
            pairs = text.count("\r\n", 0, offset)
            lines += text.count("\r", 0, offset) - pairs
            start = max(start, text.rfind("\r", 0, offset))
        return Place(self.path, lines + 1, offset - start)

    def read(self) -> "Reading":
        """Return the quads in the order of the text, and the prefixes that it declares."""
        return Reading(self)

    def quads(self) -> Iterator[Quad]:
        """Yield the quads in the order of the text, duplicates kept, without places.

        Raises ParseFault where the text breaks its grammar, and for a JSON-LD context that
        `contexts` does not have.
        """
        return iter(self.read())


class Reading:
    """The quads of a source, to be taken once; `prefixes` are known when all have been taken."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.prefixes: dict[str, str] = {}

    def __iter__(self) -> Iterator[Quad]:
        """Yield the quads. Raises ParseFault, as `Source.quads` does."""
        source = self._source
        text, origin = source.text, None
        if source.format == RdfFormat.RDF_XML:
            require_small_entities(text, source.path)
        require_shallow(text, source.format, source.path)
        if source.format == RdfFormat.JSON_LD:
            require_json(text, source.path)
            whole = with_contexts(text, source.contexts, source.path, source.base)
            text, origin = whole.text, whole.origin
        elif source.format == RdfFormat.RDF_XML and _EMPTY_LANGUAGE.search(text):
            # Legal (RDF 1.1 XML Syntax, section 2.7), and refused by the quick parser.
            yield from RdfXml(text, source.path, source.base).quads
            return
        try:
            parser = parse(text, source.format, base_iri=source.base)
            yield from parser
            self.prefixes = dict(parser.prefixes)
        except SyntaxError as error:
            if error.lineno is None and source.format == RdfFormat.RDF_XML:
                # Our reader, which is slower, knows where it is when it stops.
                RdfXml(text, source.path, source.base)
            line, column = error.lineno or 1, error.offset or 1
            if origin is not None and error.lineno:
                place = source.place(origin(_offset(text, line, column)))
                line, column = place.line, place.column
            self._explain()
            message = _AT.sub("", error.msg)
            raise ParseFault(source.path, line, column, message) from None

    def _explain(self) -> None:
        """Raise ParseFault from the reader that says what would be right, where it can be asked.

        What stops it may be RDF 1.2, which it does not know and the quick parser does.
        """
        source = self._source
        syntax = SYNTAXES.get(source.format)
        if syntax is None or len(source.text) > _EXPLAINED:
            return
        try:
            read(source.text, source.path, syntax, source.base)
        except ParseFault as fault:
            if not _NEWER.match(source.text, _offset(source.text, fault.line, fault.column)):
                raise


def format_of(name: str | PurePath, media_type: str = "") -> RdfFormat:
    """Return the format of a file called `name`, or of `media_type` where that is given.

    A last suffix .gz is passed over. Raises Fault for a format that is not read here.
    """
    if media_type:
        chosen = FORMATS.get(media_type.partition(";")[0].strip().lower())
        if chosen is None:
            raise Fault(f"{name}: {media_type} is no media type of RDF that is read here")
        return chosen
    path = PurePath(name)
    if path.suffix.lower() == ".gz":
        path = path.with_suffix("")
    chosen = _SUFFIXES.get(path.suffix.lower().lstrip("."))
    if chosen is None:
        known = " ".join(f".{suffix}" for suffix in _SUFFIXES)
        raise Fault(f"{name}: unknown kind of file; RDF files end in one of {known} (or that .gz)")
    return chosen


def read_source(
    path: Path,
    *,
    format: RdfFormat | None = None,
    contexts: Mapping[str, str] | None = None,
    largest: int = LARGEST,
) -> Source:
    """Return the file at `path`, unpacked where it is compressed by gzip.

    Without `format`, the suffix tells it. Raises Fault for a file that cannot be opened, is empty,
    or grows beyond `largest` bytes, ParseFault at the first byte that is not UTF-8.
    """
    chosen = format or format_of(path)
    text = text_of(path, largest)
    return Source(str(path), text, chosen, path.resolve().as_uri(), contexts or {})


def text_of(path: Path, largest: int = LARGEST) -> str:
    """Return the text of a file, unpacked where it is compressed by gzip.

    Raises Fault for a file that cannot be opened, is empty, or grows beyond `largest` bytes,
    ParseFault at the first byte that is not UTF-8.
    """
    content = unpacked(_bytes(path), str(path), largest)
    if not content.strip():
        raise Fault(f"{path}: the file is empty")
    return decoded(content, str(path))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Fault(f"{path}: no such file or folder") from None
    except PermissionError:
        raise Fault(f"{path}: no permission to read it") from None
    except IsADirectoryError:
        raise Fault(f"{path}: a folder, where a file is expected") from None
    except OSError as error:
        raise Fault(f"{path}: cannot be read: {error.strerror}") from None


def unpacked(content: bytes, path: str, largest: int = LARGEST) -> bytes:
    """Return `content`, unpacked if it is compressed by gzip (all members, one after another).

    What it is, its first two bytes say, not its name. Raises Fault where it is damaged or grows
    beyond `largest` bytes. Source: RFC 1952, section 2.3.1.
    """
    if not content.startswith(b"\x1f\x8b"):
        return content
    parts: list[bytes] = []
    size = at = 0
    # Behind the last member there may be zeros.
    end = len(content.rstrip(b"\0"))
    while at < end:
        member = zlib.decompressobj(wbits=31)
        try:
            while not member.eof:
                rest = member.unconsumed_tail
                if not rest:
                    # In pieces: what a member leaves over is copied.
                    rest = content[at : at + _PIECE]
                    at += len(rest)
                part = member.decompress(rest, _CHUNK)
                size += len(part)
                if size > largest:
                    raise Fault(
                        f"{path}: unpacked, it is larger than {largest:,} bytes, the most that "
                        "is read; unpack it yourself if you trust it"
                    )
                parts.append(part)
                if not part and not rest and not member.eof:
                    raise Fault(f"{path}: the compressed file ends too early")
        except zlib.error as error:
            raise Fault(f"{path}: damaged: {error}") from None
        at -= len(member.unused_data)
    return b"".join(parts)


def decoded(content: bytes, path: str) -> str:
    """Return `content` as text without a byte order mark.

    Raises ParseFault at the first byte that is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        kind = "looks like a binary file" if b"\0" in content[:4096] else "save it as UTF-8"
        raise ParseFault(
            path, line, column, f"not UTF-8 (byte 0x{content[error.start]:02X}); {kind}"
        ) from None


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(start + column - 1, len(text))
