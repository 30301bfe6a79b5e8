"""Rules about quotes: that they name what they prove, and tell what has come about.

What has to be named, and in which words a passage tells of the future or of a group, is said by
the shapes and by the ontology; here is only how words are compared.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from app.namespaces import DLG, DSH, EDTF, RDF, SH, SKOS
from app.rdf import edtf
from app.rdf.terms import Term
from app.record.record import Record
from app.validation.findings import Breach
from app.validation.locations import Index, Occurrence

_HELD_AS_SAID = frozenset({DLG.accepted})
_HELD_BY_WORDS = frozenset({DLG.accepted, DLG.inferred})
_LABELS = SKOS.prefLabel, SKOS.altLabel
# Marks that are written above or below a letter, and what only stretches a word.
_MARKS = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_WORDS = re.compile(r"\w+")
# Letters that are written for each other at the end of a word.
_ALIKE = str.maketrans("\u0629\u0649", "\u0647\u064a")
# Scripts in which particles are written together with the word that follows.
_JOINED = re.compile("[\u0590-\u07ff]")
_ROMAN = {100: "c", 90: "xc", 50: "l", 40: "xl", 10: "x", 9: "ix", 5: "v", 4: "iv", 1: "i"}
_SHORTEST = 3
"""A last name of fewer letters is no name by itself."""


class _Words:
    """Names and passages as they are compared: without case, accents and punctuation."""

    def __init__(self) -> None:
        self._plain: dict[str, str] = {}

    def plain(self, text: str) -> str:
        if text not in self._plain:
            bare = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(_ALIKE)
            self._plain[text] = f" {' '.join(_WORDS.findall(bare))} "
        return self._plain[text]

    def has(self, passage: str, name: str, *, begun: bool = False) -> bool:
        """Return whether a passage has a name, or words that begin with it."""
        wanted = self.plain(name)
        if _JOINED.search(name):
            return wanted.strip() in passage
        return (wanted.rstrip() if begun else wanted) in passage


def breaches(record: Record, index: Index) -> Iterator[Breach]:
    """Yield what is held by a quote that does not name it, or that tells of what was to come.

    `index` has the statements that are held, those of the ontology among them.
    """
    names, cues = _Names(index), _Cues(index)
    asked = _Asked(record)
    passages = _passages(record)
    for evidence, entries in passages.graphs.items():
        quotes = passages.quotes.get(evidence, ())
        stance = passages.stances.get(evidence)
        if not quotes or stance not in _HELD_BY_WORDS or evidence in passages.tabled:
            continue
        text = "".join(names.words.plain(quote.value) for quote in quotes)
        unnamed = [e for e in asked.of(entries, index) if not names.named(e[1], text)]
        yield from _other_people(evidence, unnamed, text, names)
        if stance not in _HELD_AS_SAID:
            continue
        cue = next((cues.collective(quote, names.words) for quote in quotes), None)
        yield from _unnamed(evidence, unnamed, cue)
        yield from _uncounted(evidence, entries, text, names)
        ahead = next((found for quote in quotes if (found := cues.ahead(quote, names.words))), None)
        if ahead and (entry := next(_come_about(entries, index), None)):
            detail = f"“{ahead}” tells of what was to come."
            yield _breach("Quote-ahead", detail, evidence, entry)


def _breach(shape: str, detail: str, evidence: Term, entry: Occurrence) -> Breach:
    _, predicate, value = entry.triple
    return Breach(DSH[shape], detail, evidence, (entry.object,), predicate, value)


Asked = tuple[Occurrence, Term]


class _Asked:
    """What has to be named, as the shape that asks for it declares."""

    def __init__(self, record: Record) -> None:
        targets: dict[ox.NamedNode, set[Term]] = defaultdict(set)
        for document in record.shapes:
            for subject, predicate, value, _ in document.quads:
                if subject == DSH["Quote-names"]:
                    targets[predicate].add(value)
        self._classes = targets[SH.targetClass]
        self._objects = targets[SH.targetObjectsOf]
        self._subjects = targets[SH.targetSubjectsOf]
        self._known: dict[Term, bool] = {}

    def of(self, entries: Iterable[Occurrence], index: Index) -> Iterator[Asked]:
        """Yield each thing that has to be named, once, with the statement about it."""
        seen: set[Term] = set()
        for entry in entries:
            subject, predicate, value = entry.triple
            for term, properties in ((subject, self._subjects), (value, self._objects)):
                if predicate in properties and term not in seen and self._wants(term, index):
                    seen.add(term)
                    yield entry, term

    def _wants(self, term: Term, index: Index) -> bool:
        if term not in self._known:
            kinds = {e.statement.quad.object for e in index.of(term, RDF.type)}
            self._known[term] = bool(kinds & self._classes)
        return self._known[term]


class _Names:
    """By which words each thing is known."""

    def __init__(self, index: Index) -> None:
        self.words = _Words()
        self._labels: dict[Term, list[str]] = defaultdict(list)
        self._begun: dict[Term, list[str]] = defaultdict(list)
        for label in _LABELS:
            for thing, entries in index.by_predicate(label):
                self._labels[thing] += {e.statement.quad.object.value for e in entries}  # type: ignore[union-attr]
        for thing, entries in index.by_predicate(SKOS.hiddenLabel):
            self._begun[thing] += {e.statement.quad.object.value for e in entries}  # type: ignore[union-attr]
        # Not by dlg:officeOf: an office is of a body as well, and nobody.
        self._people = {subject for subject, _ in index.by_predicate(DLG.holdsOffice)}
        self._by_last: dict[str, list[Term]] = defaultdict(list)
        for person in sorted(self._people, key=str):
            for last in {self._last(label) for label in self._labels[person]}:
                self._by_last[last].append(person)
        self.numbers: dict[str, set[str]] = defaultdict(set)
        for thing, entries in index.by_predicate(DLG.ordinalLabel):
            for ordinal in index.of(thing, DLG.ordinal):
                written = {e.statement.quad.object.value for e in entries}  # type: ignore[union-attr]
                self.numbers[_text(ordinal.statement.quad.object)] |= written

    def _last(self, label: str) -> str:
        words = self.words.plain(label).split()
        return words[-1] if words else ""

    def named(self, thing: Term, text: str) -> bool:
        """Return whether a passage names a thing: a person by the last name at least."""
        labels = self._labels.get(thing, [])
        if any(self.words.has(text, label) for label in labels):
            return True
        if any(self.words.has(text, label, begun=True) for label in self._begun.get(thing, ())):
            return True
        return thing in self._people and any(
            len(last) >= _SHORTEST and f" {last} " in text
            for last in {self._last(label) for label in labels}
        )

    def is_person(self, thing: Term) -> bool:
        """Return whether a thing is known as somebody in office."""
        return thing in self._people

    def people(self, text: str) -> Iterator[Term]:
        """Yield those whose whole name a passage has."""
        for word in dict.fromkeys(text.split()):
            for person in self._by_last.get(word, ()):
                if any(
                    len(label.split()) > 1 and self.words.has(text, label)
                    for label in self._labels[person]
                ):
                    yield person

    def called(self, thing: Term) -> str:
        """Return a name of a thing, for a message."""
        return min(self._labels.get(thing, [_text(thing)]))

    def counted(self, number: str, text: str) -> bool:
        """Return whether a passage has a number: in figures, Roman, or as any source writes it."""
        if any(_figures(word) == number for word in text.split()):
            return True
        if f" {_roman(int(number))} " in text:
            return True
        return any(self.words.has(text, written) for written in self.numbers.get(number, ()))


def _text(term: Term) -> str:
    return getattr(term, "value", str(term))


def _figures(word: str) -> str:
    """Return the figures in a word, in those of ASCII: 16 of 16th, and of ١٦."""
    return "".join(str(unicodedata.digit(c)) for c in word if c.isdecimal()).lstrip("0")


def _roman(number: int) -> str:
    written = ""
    for value, letters in _ROMAN.items():
        count, number = divmod(number, value)
        written += letters * count
    return written


class _Cues:
    """The words by which passages tell of the future, or of a group without naming it."""

    def __init__(self, index: Index) -> None:
        self._words: dict[Term, dict[str, list[str]]] = {}
        for concept in (DLG.announcementWording, DLG.collectiveWording):
            by_language = self._words.setdefault(concept, defaultdict(list))
            for entry in index.of(concept, SKOS.hiddenLabel):
                label = entry.statement.quad.object
                if isinstance(label, ox.Literal):
                    by_language[label.language or ""].append(label.value)

    def ahead(self, quote: ox.Literal, words: _Words) -> str | None:
        """Return the words of a quote that announce."""
        return self._found(DLG.announcementWording, quote, words)

    def collective(self, quote: ox.Literal, words: _Words) -> str | None:
        """Return the words of a quote that stand for a group."""
        return self._found(DLG.collectiveWording, quote, words)

    def _found(self, concept: Term, quote: ox.Literal, words: _Words) -> str | None:
        text = words.plain(quote.value)
        cues = self._words[concept].get(quote.language or "", ())
        return next((cue for cue in cues if words.has(text, cue)), None)


class _Passages:
    """The evidence of a record: the statements of each, its words, its stance."""

    def __init__(self) -> None:
        self.graphs: dict[Term, list[Occurrence]] = defaultdict(list)
        self.quotes: dict[Term, list[ox.Literal]] = defaultdict(list)
        self.stances: dict[Term, Term] = {}
        self.tabled: set[Term] = set()


def _passages(record: Record) -> _Passages:
    passages = _Passages()
    for document in record.data:
        for statement in document.statements:
            subject, predicate, value, graph = statement.quad
            if not isinstance(graph, ox.DefaultGraph):
                passages.graphs[graph].append(Occurrence(document, statement))
            elif predicate == DLG.quote and isinstance(value, ox.Literal):
                passages.quotes[subject].append(value)
            elif predicate == DLG.stance:
                passages.stances[subject] = value
            elif predicate == DLG.record:
                passages.tabled.add(subject)
    return passages


def _other_people(
    evidence: Term, unnamed: Iterable[Asked], text: str, names: _Names
) -> Iterator[Breach]:
    """Yield the persons who are held by a quote that names somebody else and not them."""
    people: list[Term] | None = None
    for entry, term in unnamed:
        if not names.is_person(term):
            continue
        people = list(names.people(text)) if people is None else people
        if people:
            detail = f"The quote names {names.called(people[0])}, not {names.called(term)}."
            yield _breach("Quote-person", detail, evidence, entry)


def _unnamed(evidence: Term, unnamed: Iterable[Asked], cue: str | None) -> Iterator[Breach]:
    for entry, term in unnamed:
        name = _text(term).rpartition("/")[2]
        if cue:
            detail = f"“{cue}” stands for a group: {name} is not in the quote."
            yield _breach("Quote-collective", detail, evidence, entry)
        else:
            yield _breach("Quote-names", f"{name} is not in the quote.", evidence, entry)


def _uncounted(
    evidence: Term, entries: Iterable[Occurrence], text: str, names: _Names
) -> Iterator[Breach]:
    """Yield the numbers and days that a quote does not have."""
    for entry in entries:
        _, predicate, value = entry.triple
        if predicate == DLG.ordinal and _text(value).isdecimal():
            missing = [] if names.counted(_text(value), text) else [_text(value)]
        elif predicate == DLG.date and isinstance(value, ox.Literal) and value.datatype == EDTF:
            figures = {_figures(word) for word in text.split()}
            missing = [n for n in _dated(value.value) if n not in figures]
        else:
            continue
        if missing:
            detail = f"{missing[0]} is not in the quote."
            yield _breach("Quote-names", detail, evidence, entry)


def _dated(written: str) -> list[str]:
    """Return the figures that a passage has to have for a date: its days, else its years."""
    try:
        edtf.read(written)
    except ValueError:
        return []
    parts = [part.split("-") for part in re.findall(r"[\d-]*\d(?![\dX-])", written)]
    days = [part[2].lstrip("0") for part in parts if len(part) == 3]
    return days or [part[0].lstrip("0") for part in parts if len(part) == 1]


def _come_about(entries: Iterable[Occurrence], index: Index) -> Iterator[Occurrence]:
    """Yield what is said of events that are not held to be merely planned."""
    for entry in entries:
        subject, predicate, _ = entry.triple
        events = [e.statement.quad.object for e in index.of(subject, DLG.event)] or [subject]
        statuses = [
            e.statement.quad.object for event in events for e in index.of(event, DLG.status)
        ]
        if statuses and DLG.planned not in statuses and predicate != RDF.type:
            yield entry
