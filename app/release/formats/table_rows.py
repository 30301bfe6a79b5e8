"""The tables of a release: one of each class, one of each property of many values, the evidence.

Read thing by thing from the dataset and written as CSV; every other format is made from these.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from app.exports import csv
from app.exports.cells import Joiner, joiner, side_columns, side_key, side_row, sort_of, text
from app.exports.fields import Field, columns_of, head_and
from app.exports.tables import Column, DataTable, Reference, Row, Type
from app.rdf.terms import Term
from app.release.columns.index import Passage, SubjectIndex
from app.release.columns.subjects import Subject, subjects
from app.release.columns.survey import ClassColumns, ReleaseColumns

EVIDENCE = "evidence"
_EVIDENCE = (
    Column("evidence", Type.IRI, "Evidence", "The passage, or the record that was read."),
    Column("stance", Type.STRING, "Stance", "How the record stands to what it says."),
    Column("source", Type.STRING, "Source", "Where the passage is from."),
    Column("source_label", Type.STRING, "Name of the source", "What it is called."),
    Column("quote", Type.STRING, "Quote", "The words, as they are written."),
    Column("quote_language", Type.STRING, "Language of the quote", "Its language tag."),
    Column("note", Type.STRING, "Note", "What the editors say of it."),
    Column("subject", Type.IRI, "Thing", "What the fact is about."),
    Column("subject_label", Type.STRING, "Name of the thing", "What it is called."),
    Column("property", Type.IRI, "Property", "What is said of the thing."),
    Column("value", Type.STRING, "Value", "What the property has there: an IRI or a text."),
    Column(
        "value_label", Type.STRING, "Name of the value", "What it is called, where it is a thing."
    ),
    Column("term", Type.STRING, "Sort of term", "iri, literal, blank or triple"),
    Column("datatype", Type.IRI, "Datatype", "That of a literal without a language."),
    Column("language", Type.STRING, "Language", "That of a text."),
    Column("held", Type.BOOLEAN, "Held", "Whether the record holds the fact."),
    Column("derivation", Type.IRI, "Derivation", "The graph of a fact that a rule concluded."),
    Column("rule", Type.STRING, "Rule", "The rule that concluded it from the passage."),
)
Advance = Callable[[float], None]


@dataclass
class _ClassSink:
    """The tables of one class while they are filled."""

    name: str
    sink: csv.CsvSink
    fields: list[tuple[Field, ox.NamedNode, list[Joiner]]]
    sides: list[tuple[Field, ox.NamedNode, tuple[Column, ...], csv.CsvSink]]


def tables(
    survey: ReleaseColumns, folder: Path, advance: Advance = lambda share: None
) -> tuple[DataTable, ...]:
    """Write the tables of a dataset as CSV into `folder`, and return them.

    Raises OSError where nothing can be written.
    """
    index = survey.index
    sinks = {one.iri: _class_sink(one, folder, index) for one in survey.classes}
    evidence = csv.CsvSink(folder / f"{EVIDENCE}.csv", _EVIDENCE) if index.passages else None
    for subject in subjects(survey.dataset, advance, survey.quads):
        kinds = index.rows_in(index.kinds(subject.name))
        if kinds:
            _write(subject, [sinks[kind.value] for kind in kinds], survey)
        if evidence is not None and subject.graphs:
            for row in _claims(subject, index):
                evidence.put(row)
    made: list[DataTable] = []
    for one in survey.classes:
        made += _tables_of(one, sinks[one.iri], folder)
    if evidence is not None:
        evidence.flush()
        made.append(_evidence_table(survey, folder, evidence.rows))
    return tuple(made)


def _class_sink(one: ClassColumns, folder: Path, index: SubjectIndex) -> _ClassSink:
    parts = columns_of(one.fields)
    fields = [
        (
            field,
            ox.NamedNode(field.property),
            [joiner(part, index) for part in parts if part.field is field],
        )
        for field in one.fields
    ]
    sides = [
        (field, node, columns, csv.CsvSink(folder / f"{one.name}--{field.name}.csv", columns))
        for field, node, _ in fields
        if field.has_side_table()
        for columns in [side_columns(field)]
    ]
    sink = csv.CsvSink(folder / f"{one.name}.csv", head_and(parts))
    return _ClassSink(one.name, sink, fields, sides)


def _write(subject: Subject, sinks: Sequence[_ClassSink], survey: ReleaseColumns) -> None:
    """Write the rows of a thing into the tables of its classes."""
    index, name = survey.index, subject.name
    known: dict[tuple[ox.NamedNode, bool], list[Term]] = {}
    rests: dict[tuple[ox.NamedNode, Term], tuple[str, ...]] = {}

    def values(field: Field, property: ox.NamedNode) -> list[Term]:
        key = property, field.inverse
        if key not in known:
            if field.inverse:
                known[key] = survey.usage.inverse.get(property, {}).get(name, [])
            else:
                known[key] = subject.held.get(property, [])
        return known[key]

    def evidence(property: ox.NamedNode, value: Term) -> tuple[str, ...]:
        fact = property, value
        if fact not in rests:
            rests[fact] = index.evidence(subject.graphs.get(fact, ()))
        return rests[fact]

    for sink in sinks:
        row = [name, index.label(name)]
        for field, property, joiners in sink.fields:
            terms = values(field, property)
            if not terms:
                row += [None] * len(joiners)
                continue
            sources = 0
            if field.sources and terms:
                passages = [one for term in terms for one in evidence(property, term)]
                sources = len(index.sources(passages))
            row += [join(terms, sources) for join in joiners]
        sink.sink.put(row)
        for field, property, columns, side in sink.sides:
            for term in values(field, property):
                passages = list(evidence(property, term)) if field.sources else []
                sources = len(index.sources(passages))
                side.put(side_row(columns, name, term, index, passages, sources))


def _claims(subject: Subject, index: SubjectIndex) -> Iterator[Row]:
    """Yield a row for each passage that says something of a thing, or from which it follows."""
    name, label = subject.name, index.label(subject.name)
    for (property, value), graphs in subject.graphs.items():
        is_literal = isinstance(value, ox.Literal)
        language = value.language if isinstance(value, ox.Literal) else None
        datatype = None if language or not isinstance(value, ox.Literal) else value.datatype.value
        written = text(value)
        known = None if is_literal else index.label(written)
        is_held = "true" if value in subject.held.get(property, ()) else "false"
        fact = (
            name, label, property.value, written, known, sort_of(value), datatype, language, is_held
        )  # fmt: skip
        for graph in graphs:
            if (passage := index.passages.get(graph.value)) is not None:
                yield [*_passage(graph.value, passage, index, passage.stances), *fact, None, None]
            elif (derived := index.derived.get(graph.value)) is not None:
                rule = " ".join(derived.rules) or None
                for premise in derived.premises:
                    if (passage := index.passages.get(premise)) is not None:
                        begin = _passage(premise, passage, index, derived.stances)
                        yield [*begin, *fact, graph.value, rule]


def _passage(
    name: str, passage: Passage, index: SubjectIndex, stances: Sequence[str]
) -> tuple[str | None, ...]:
    quote = passage.quotes[0] if passage.quotes else None
    return (
        name,
        " ".join(stance.rpartition("#")[2].rpartition("/")[2] for stance in sorted(stances)),
        " ".join(passage.sources) or None,
        index.label(passage.sources[0]) if passage.sources else None,
        quote.value if quote else None,
        quote.language if quote else None,
        " ".join(passage.notes) or None,
    )


def _tables_of(one: ClassColumns, sinks: _ClassSink, folder: Path) -> Iterator[DataTable]:
    parts = columns_of(one.fields)
    columns = head_and(parts)
    sinks.sink.flush()
    title = one.label.get("en") or one.name
    references = tuple(
        Reference(
            part.column.name, part.field.table, "iri", whole=part.field.used == sinks.sink.rows
        )
        for part in parts
        if part.field.table and not part.field.many and part.column.type is Type.IRI
    )
    yield DataTable(
        one.name,
        title,
        one.definition.get("en", ""),
        columns,
        ("iri",),
        references,
        csv.read(folder / f"{one.name}.csv", len(columns)),
        sinks.sink.rows,
        folder / f"{one.name}.csv",
    )
    for field, _, side, sink in sinks.sides:
        sink.flush()
        leads = [Reference("subject", one.name, "iri")]
        if field.table:
            leads.append(Reference("value", field.table, "iri"))
        name = f"{one.name}--{field.name}"
        yield DataTable(
            name,
            f"{title}: {field.title()}",
            "A row for each value.",
            side,
            side_key(field),
            tuple(leads),
            csv.read(folder / f"{name}.csv", len(side)),
            sink.rows,
            folder / f"{name}.csv",
        )


def _evidence_table(survey: ReleaseColumns, folder: Path, size: int) -> DataTable:
    """Return the table of evidence, whose passages are rows of their class if all are."""
    index = survey.index
    inside = [set(index.rows_in(kinds)) for kinds in {index.kinds(name) for name in index.passages}]
    common = set.intersection(*inside) if inside else set()
    best = min(common, key=lambda kind: index.table_names[kind], default=None)
    leads = () if best is None else (Reference("evidence", index.table_names[best], "iri"),)
    return DataTable(
        EVIDENCE,
        "Evidence",
        "A row for each fact that a passage says, or from which it follows, held or not.",
        _EVIDENCE,
        (),
        leads,
        csv.read(folder / f"{EVIDENCE}.csv", len(_EVIDENCE)),
        size,
        folder / f"{EVIDENCE}.csv",
    )
