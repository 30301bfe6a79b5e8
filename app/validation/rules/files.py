"""Rules about files: their names, what stands in which, their text, their prefixes."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePath

import pyoxigraph as ox

from app.errors import Fault
from app.namespaces import DLG, DSH, RDF
from app.rdf import writer
from app.rdf.parser import Document, Place, Syntax
from app.rdf.terms import Term, last_part
from app.record.record import BLANK, Record
from app.validation.findings import Breach
from app.validation.locations import Occurrence

_DECLARATION = re.compile(r"^[ \t]*@?prefix[ \t]+(?P<name>[^\s:]*):", re.IGNORECASE | re.MULTILINE)


def named(record: Record) -> Iterator[Breach]:
    """Yield the data files of which no subject bears the name of the file."""
    for document in record.data:
        stem = PurePath(document.path).stem
        subjects = {s.quad.subject: s for s in reversed(document.statements)}
        if not subjects or any(last_part(subject) == stem for subject in subjects):
            continue
        about = (s for s in document.statements if isinstance(s.quad.subject, ox.NamedNode))
        first = next(about, None)
        subject = _address(document) if first is None else first.quad.subject
        place = document.place((first or document.statements[0]).subject)
        detail = f"No IRI here ends in /{stem}."
        yield Breach(DSH["File-name"], detail, subject, (place,))


def _address(document: Document) -> ox.NamedNode:
    return ox.NamedNode(Path(document.path).absolute().as_uri())


def at_home(record: Record) -> Iterator[Breach]:
    """Yield the facts that stand in another file than the rest of their subject.

    The home of a subject is the file that bears its name, or the name up to its last dot; where
    there is none, all its facts stand in one file, whichever it is. Evidence follows its facts.
    """
    homes = _Homes(record)
    for document in record.data:
        seen: set[Term] = set()
        for statement in document.statements:
            subject = statement.quad.subject
            if subject in seen:
                continue
            seen.add(subject)
            home = homes.of(subject)
            if home is None or document.path in home:
                continue
            entry = Occurrence(document, statement)
            detail = f"Its home is {home[0]}."
            yield Breach(
                DSH["File-subject"],
                detail,
                subject,
                (entry.subject,),
                statement.quad.predicate,
                statement.quad.object,
            )


class _Homes:
    def __init__(self, record: Record) -> None:
        self._evidence: set[Term] = set()
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        self._kinds: dict[str, set[str]] = defaultdict(set)
        self._files: dict[Term, list[str]] = {}
        self._known: dict[Term, list[str] | None] = {}
        for document in record.data:
            path = PurePath(document.path)
            folder, stem = str(path.parent), path.stem
            self._by_stem[stem].append(document.path)
            for statement in document.statements:
                subject, predicate, value, graph = statement.quad
                if predicate == RDF.type and value == DLG.Evidence:
                    self._evidence.add(subject)
                if isinstance(graph, ox.NamedNode):
                    self._evidence.add(graph)
                if last_part(subject) == stem:
                    self._kinds[folder].add(_kind(subject))
                files = self._files.setdefault(subject, [])
                if document.path not in files:
                    files.append(document.path)

    def of(self, subject: Term) -> list[str] | None:
        """Return the files in which a subject may stand; None where any will do."""
        if subject not in self._known:
            self._known[subject] = self._of(subject)
        return self._known[subject]

    def _of(self, subject: Term) -> list[str] | None:
        if not isinstance(subject, ox.NamedNode) or subject in self._evidence:
            return None
        name, kind = last_part(subject), _kind(subject)
        own = [
            path
            for path in self._by_stem.get(name, ())
            # A place and a topic may share a name: whose file it is shows in its folder.
            if kind in self._kinds[str(PurePath(path).parent)]
        ]
        files = self._files[subject]
        return own or self._by_stem.get(name.rpartition(".")[0]) or files[:1]


def _kind(term: Term) -> str:
    return term.value.rpartition("/")[0] if isinstance(term, ox.NamedNode) else ""


def finished(record: Record) -> Iterator[Breach]:
    """Yield what still has the blank of a new file: a term anywhere, also the name of a graph."""
    for document in (*record.ontology, *record.data):
        if BLANK not in document.text:
            continue
        reported: set[tuple[Term | ox.DefaultGraph, int]] = set()
        for statement in document.statements:
            subject, predicate, value, graph = statement.quad
            offsets = statement.subject, statement.predicate, statement.object, statement.graph
            for term, offset in zip(statement.quad, offsets, strict=True):
                if BLANK not in str(term) or (term, offset) in reported:
                    continue
                reported.add((term, offset))
                focus = graph if term == graph and isinstance(graph, ox.NamedNode) else subject
                place = (document.place(offset),)
                yield Breach(DSH["File-finished"], "", focus, place, predicate, value)


def canonical(record: Record) -> Iterator[Breach]:
    """Yield the files of Turtle and TriG whose text is not canonical, with the first other line."""
    for document in record.documents:
        if document.syntax not in (Syntax.TURTLE, Syntax.TRIG):
            continue
        subject = _address(document)
        try:
            text = writer.write(document.quads, document.prefixes, document.syntax)
        except Fault as fault:
            detail = f"It has no canonical text: {fault}."
            yield Breach(DSH["File-text"], detail, subject, (Place(document.path, 1, 1),))
            continue
        if text != document.text:
            line = _first_difference(document.text, text)
            detail = f"From line {line} on it would read otherwise: dialogue format writes it."
            yield Breach(DSH["File-text"], detail, subject, (Place(document.path, line, 1),))


def _first_difference(text: str, other: str) -> int:
    lines, others = text.split("\n"), other.split("\n")
    pairs = enumerate(zip(lines, others, strict=False), 1)
    shorter = min(len(lines), len(others))
    return next((number for number, (one, two) in pairs if one != two), shorter)


def known_prefixes(record: Record) -> Iterator[Breach]:
    """Yield the prefixes that mean something else than the dataset declares.

    In the data every prefix is declared; ontology and shapes may use others as well.
    """
    data = {id(document) for document in record.data}
    for document in record.documents:
        for prefix, space in document.prefixes.items():
            declared = record.prefixes.get(prefix)
            if declared == space or (declared is None and id(document) not in data):
                continue
            detail = (
                f"“{prefix}:” is not declared by the dataset."
                if declared is None
                else f"“{prefix}:” means {declared} there and {space} here."
            )
            place = _declaration(document, prefix)
            yield Breach(DSH["Prefix-known"], detail, ox.NamedNode(space), (place,))


def _declaration(document: Document, prefix: str) -> Place:
    found = [m for m in _DECLARATION.finditer(document.text) if m["name"] == prefix]
    return document.place(found[-1].start("name")) if found else Place(document.path, 1, 1)
