"""Rules about evidence that no shape can see, because they need named graphs and kept texts."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher

import pyoxigraph as ox

from app.namespaces import DLG, DSH, EDTF, RDF, SH
from app.rdf import edtf
from app.rdf.parser import Document, Graph
from app.rdf.terms import Term, last_part
from app.record.record import Record
from app.validation.findings import Breach, unique
from app.validation.locations import Index, Occurrence

_DEFAULT = ox.DefaultGraph()
_OMITTED = "…"


def grounded(record: Record) -> Iterator[Breach]:
    """Yield the facts that stand in no graph that is described as evidence.

    Outside such graphs only evidence, sources, their publishers, questions and the dataset are
    described, with the parts of its description that have names of their own (`dataset#…`).
    """
    described = _typed(record.data, DLG.Evidence)
    outside = described | {record.dataset}
    for kind in (DLG.Source, DLG.Publisher, SH.SPARQLExecutable):
        outside |= _typed(record.data, kind)
    for document in record.data:
        owners = _owners(document)
        reported: set[Term | Graph] = set()
        for statement in document.statements:
            subject, predicate, value, graph = statement.quad
            owner = owners.get(subject, subject)
            missing = owner if graph == _DEFAULT else graph
            if missing in (outside if graph == _DEFAULT else described) or missing in reported:
                continue
            if graph == _DEFAULT and _is_part(missing, record.dataset):
                continue
            reported.add(missing)
            entry = Occurrence(document, statement)
            if graph == _DEFAULT:
                detail = "This fact stands outside the graphs: put it into the graph of a passage."
                yield Breach(
                    DSH["Graph-evidence"], detail, owner, (entry.subject,), predicate, value
                )
            else:
                detail = "This graph is not described: say its source, its quote and its stance."
                place = document.place(statement.graph)
                yield Breach(DSH["Graph-evidence"], detail, graph, (place,))


def _typed(documents: Iterable[Document], kind: ox.NamedNode) -> set[Term]:
    return {
        statement.quad.subject
        for document in documents
        for statement in document.statements
        if statement.quad.object == kind
        and statement.quad.predicate == RDF.type
        and statement.quad.graph_name == _DEFAULT
    }


def _is_part(term: object, dataset: ox.NamedNode) -> bool:
    return isinstance(term, ox.NamedNode) and term.value.startswith(f"{dataset.value}#")


def _owners(document: Document) -> dict[Term, Term]:
    """Return, for each blank node, the named subject in whose description it stands."""
    parents: dict[Term, Term] = {
        statement.quad.object: statement.quad.subject
        for statement in document.statements
        if isinstance(statement.quad.object, ox.BlankNode)
    }
    owners: dict[Term, Term] = {}
    for node in parents:
        top, seen = parents[node], {node}
        while top in parents and top not in seen:
            seen.add(top)
            top = parents[top]
        owners[node] = top
    return owners


def together(record: Record) -> Iterator[Breach]:
    """Yield the evidence that stands in more than one file: its facts, or its description."""
    homes: dict[Term | Graph, tuple[Document, int]] = {}
    described = _typed(record.data, DLG.Evidence)
    reported: set[tuple[object, str]] = set()
    for document in record.data:
        for statement in document.statements:
            subject, graph = statement.quad.subject, statement.quad.graph_name
            named = graph if graph != _DEFAULT else subject
            if graph == _DEFAULT and subject not in described:
                continue
            offset = statement.subject if graph == _DEFAULT else statement.graph
            home, first = homes.setdefault(named, (document, offset))
            if home is document or (named, document.path) in reported:
                continue
            reported.add((named, document.path))
            detail = f"It stands in {home.path} too: give this passage a name of its own."
            places = document.place(offset), home.place(first)
            yield Breach(DSH["Graph-file"], detail, named, places)  # type: ignore[arg-type]


def verbatim(written: Index, texts: Mapping[str, str]) -> Iterator[Breach]:
    """Yield the quotes that do not occur in the kept text of their source.

    A quote is compared piece by piece at `…`, in the order of its pieces; no-break spaces count as
    spaces, and any white space as one space. Sources of which no text is kept are passed over.
    """
    spaced = {name: _spaced(text) for name, text in texts.items()}
    for evidence, quotes in written.by_predicate(DLG.quote):
        for source in written.of(evidence, DLG.source):
            text = spaced.get(last_part(source.statement.quad.object))
            if text is None:
                continue
            for quote in quotes:
                words = quote.statement.quad.object
                if isinstance(words, ox.Literal) and (missing := _missing(words.value, text)):
                    yield Breach(
                        DSH["Quote-verbatim"], missing, evidence, (quote.object,), DLG.quote, words
                    )


def _spaced(text: str) -> str:
    # U+00A0 is white space for the expression too.
    return re.sub(r"\s+", " ", text).strip()


def _missing(quote: str, text: str) -> str | None:
    """Return what is wrong with a quote; None where it occurs in the text."""
    spaced = _spaced(quote)
    if spaced in text:
        return None
    start = 0
    for piece in (piece.strip() for piece in spaced.split(_OMITTED)):
        found = text.find(piece, start)
        if found >= 0:
            start = found + len(piece)
        elif piece in text:
            return f"“{_cut(piece)}” stands before what the quote puts ahead of it."
        else:
            return f"“{_cut(piece)}” is not there; nearest is “{_cut(nearest(piece, text))}”."
    return None


def _cut(text: str) -> str:
    return text if len(text) <= 240 else text[:239] + _OMITTED


def nearest(piece: str, text: str) -> str:
    """Return the passage of a text that has most words of a piece in common, in its order."""
    words, wanted = text.split(" "), piece.split(" ")
    size = min(len(wanted), len(words))
    places: dict[str, list[int]] = {}
    for number, word in enumerate(words):
        places.setdefault(word.casefold(), []).append(number)
    votes: dict[int, float] = {}
    for number, word in enumerate(wanted):
        found = places.get(word.casefold(), ())
        for place in found:
            # A rare word tells more about where we are than one that stands everywhere.
            start = min(max(place - number, 0), len(words) - size)
            votes[start] = votes.get(start, 0) + 1 / len(found)
    # A word too many or too few shifts the passage: among the best ones the letters decide.
    best = sorted(votes, key=lambda start: (-votes[start], start))[:20] or [0]
    passages = [" ".join(words[start : start + size]) for start in best]
    return max(passages, key=lambda passage: SequenceMatcher(None, piece, passage).ratio())


def nested(held: Index) -> Iterator[Breach]:
    """Yield the things of which we hold dates that do not lie one within the other."""
    for subject, entries in held.by_predicate(DLG.date):
        readable: dict[str, list[Occurrence]] = {}
        for entry in entries:
            value = entry.statement.quad.object
            if isinstance(value, ox.Literal) and value.datatype == EDTF and _is_date(value.value):
                readable.setdefault(value.value, []).append(entry)
        pair = edtf.apart(readable)
        if pair is None:
            continue
        places = unique(entry.object for text in pair for entry in readable[text])
        detail = f"{pair[0]} and {pair[1]} do not: dispute or reject one of them."
        value = readable[pair[0]][0].statement.quad.object
        yield Breach(DSH["Dates-nest"], detail, subject, places, DLG.date, value)


def _is_date(text: str) -> bool:
    try:
        edtf.read(text)
    except ValueError:
        return False
    return True
