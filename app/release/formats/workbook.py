"""The workbook of a release: which tables it has, in which order, and what it says of itself."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pyoxigraph as ox

from app.exports.fields import HEAD
from app.exports.readme import Preface, whose
from app.exports.tables import Column, DataTable, Row, Type
from app.exports.xlsx import name_of
from app.manifest import TABLES
from app.namespaces import DCAT, DCTERMS, RDFS, SKOS
from app.rdf.terms import Term, english_first, lexical
from app.record.inference import DEFAULT
from app.release.columns.index import SubjectIndex
from app.release.columns.survey import ClassColumns, ReleaseColumns
from app.release.formats.table_rows import EVIDENCE
from app.release.material import Material
from app.release.statistics import namespace

_ORDER = (
    "The sheets that most leads to and most is said of come first, each with those of its values"
    " behind it; what is of another vocabulary than most is comes last."
)
_EVIDENCE = (
    f"The sheet {EVIDENCE} has a row for each fact and each passage that says it: its words in"
    " quote, where they are from in source_label, how the record stands to them in stance. Where"
    " held is FALSE, the record does not hold the fact. A column evidence of another sheet names"
    " such passages."
)
_DEFINITIONS = frozenset({SKOS.definition, RDFS.comment})
_FACTS = (
    ("About", DCTERMS.description),
    ("Version", DCAT.version),
    ("Published by", DCTERMS.publisher),
    ("Licence", DCTERMS.license),
    ("Rights", DCTERMS.rights),
)
"""What is told of the dataset, in this order, by the property that tells it."""


def tables(material: Material) -> tuple[DataTable, ...]:
    """Return all tables of a release in the order of their sheets.

    Vocabularies by the use of their classes, classes by theirs, each with the tables of its values
    behind it. What is of no class, the evidence, ends the first vocabulary, since what follows is
    seldom asked for. A table of values has the name of each thing beside its IRI.
    """
    by_class: dict[str, list[DataTable]] = defaultdict(list)
    for table in material.tables:
        by_class[whose(table) or table.name].append(table)
    classes = _by_use(material.survey)
    groups = [by_class.pop(one.name) for one in classes]
    own = sum(_space(one) == _space(classes[0]) for one in classes)
    ordered = (*groups[:own], *by_class.values(), *groups[own:])
    meanings = _meanings(material, {one.iri: one.name for one in classes})
    index = material.survey.index
    return tuple(_named(_explained(table, meanings), index) for group in ordered for table in group)


def _named(table: DataTable, index: SubjectIndex) -> DataTable:
    """Return a table of values with a column of the names of the things that have them."""
    iri, *others = table.columns
    name = name_of(iri.name)
    if not whose(table) or any(column.name == name for column in others):
        return table

    def rows() -> Iterator[Row]:
        for thing, *cells in table.rows():
            yield [thing, index.label(thing or ""), *cells]

    column = Column(name, Type.STRING, "Name of the thing", HEAD[1].note)
    return replace(table, columns=(iri, column, *others), rows=rows)


def _explained(table: DataTable, meanings: Mapping[str, tuple[str, str]]) -> DataTable:
    title, note = meanings.get(table.name, ("", ""))
    return replace(table, title=title or table.title, note=table.note or note)


def _meanings(material: Material, classes: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return what each class is called and what it means, by the name of its table."""
    definitions: dict[str, ox.Literal] = {}
    for quad in material.quads:
        if quad.predicate in _DEFINITIONS and isinstance(quad.subject, ox.NamedNode):
            text, iri = quad.object, quad.subject.value
            if iri in classes and isinstance(text, ox.Literal):
                definitions[iri] = min(definitions.get(iri, text), text, key=english_first)
    index = material.survey.index
    return {
        name: (index.label(iri) or "", lexical(definitions.get(iri)))
        for iri, name in classes.items()
    }


def _by_use(survey: ReleaseColumns) -> list[ClassColumns]:
    """Return the classes that have a table, those of the most used vocabulary first.

    The use of a class is how many things it has and how often they are led to, times the
    properties that they have.
    """
    led: Counter[str] = Counter()
    for one in survey.classes:
        for field in one.fields:
            if not field.inverse:
                kinds = tuple(ox.NamedNode(iri) for iri in field.classes)
                led.update({kind.value: field.used for kind in survey.index.rows_in(kinds)})
    uses = {
        one.name: (one.size + led[one.iri]) * sum(field.used > 0 for field in one.fields)
        for one in survey.classes
    }
    of_space: Counter[str] = Counter()
    for one in survey.classes:
        of_space[_space(one)] += uses[one.name]

    def rank(one: ClassColumns) -> tuple[int, str, int, str]:
        space = _space(one)
        return -of_space[space], space, -uses[one.name], one.name

    return sorted(survey.classes, key=rank)


def _space(one: ClassColumns) -> str:
    return namespace(ox.NamedNode(one.iri))


def preface(material: Material) -> Preface:
    """Return what the workbook of a release says of itself: of a record, as its dataset has it."""
    notes = [("Order", _ORDER)]
    if any(table.name == EVIDENCE for table in material.tables):
        notes.append(("Evidence", _EVIDENCE))
    notes.append(
        (
            "For programs",
            f"A release that has CSV has the same tables in the folder {TABLES}, beside this file,"
            " with what their columns mean.",
        )
    )
    day = (("Released", material.day),) if material.day else ()
    if material.record is None:
        return Preface("Tables", material.day, day, notes)
    dataset = material.record.dataset
    values: dict[ox.NamedNode, list[Term]] = defaultdict(list)
    for quad in material.quads:
        if quad.subject == dataset and quad.graph_name == DEFAULT:
            values[quad.predicate].append(quad.object)
    title = next((text for _, text in _facts(material, values, (("", DCTERMS.title),))), "Tables")
    facts = [*_facts(material, values, _FACTS), *day, ("Address", dataset.value)]
    return Preface(title, material.day, facts, notes)


def _facts(
    material: Material,
    values: Mapping[ox.NamedNode, list[Term]],
    wanted: tuple[tuple[str, ox.NamedNode], ...],
) -> Iterator[tuple[str, str]]:
    """Yield the text for a reader of English of each property that the dataset has."""
    for name, property in wanted:
        several = values.get(property, [])
        texts = [value for value in several if isinstance(value, ox.Literal)]
        if texts:
            yield name, min(texts, key=english_first).value
        elif several:
            yield name, "; ".join(_called(material, value) for value in sorted(several, key=str))


def _called(material: Material, value: Term) -> str:
    iri = lexical(value)
    label = material.survey.index.label(iri)
    return f"{label} ({iri})" if label else iri
